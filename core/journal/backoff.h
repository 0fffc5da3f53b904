#pragma once

#include <algorithm>
#include <cstdint>

namespace tributary {

// When to try again after failures: 50 ms, doubled up to 2 s. For ever, because the ring holds what waits.
class Backoff {
 public:
  bool ready(std::uint64_t now_ms) const noexcept { return now_ms >= retry_at_ms_; }
  void succeeded() noexcept { *this = Backoff(); }
  void failed(std::uint64_t now_ms) noexcept {
    retry_at_ms_ = now_ms + delay_ms_;
    delay_ms_ = std::min(delay_ms_ * 2, kMaxDelayMs);
  }

 private:
  static constexpr std::uint64_t kMaxDelayMs = 2000;
  std::uint64_t delay_ms_ = 50;
  std::uint64_t retry_at_ms_ = 0;
};

}  // namespace tributary
