#pragma once

#include <atomic>
#include <cstdint>

namespace tributary {

// Lets one thread sleep until it is woken or a time has passed. wake() enters the kernel only when somebody sleeps.
class Wakeup {
 public:
  void wake() noexcept;
  // Returns at once when wake() was called since the last return.
  void wait(std::uint32_t timeout_ms) noexcept;

 private:
  enum : std::uint32_t { kIdle, kSleeping, kWoken };
  std::atomic<std::uint32_t> state_{kIdle};
};

}  // namespace tributary
