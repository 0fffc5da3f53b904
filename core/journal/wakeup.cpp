#include "core/journal/wakeup.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace tributary {

void Wakeup::wake() noexcept {
  if (state_.exchange(kWoken, std::memory_order_seq_cst) != kSleeping) return;
  ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void Wakeup::wait(std::uint32_t timeout_ms) noexcept {
  std::uint32_t expected = kIdle;
  if (timeout_ms > 0 && state_.compare_exchange_strong(expected, kSleeping, std::memory_order_seq_cst)) {
    timespec timeout{static_cast<time_t>(timeout_ms / 1000), static_cast<long>(timeout_ms % 1000) * 1'000'000};
    ::syscall(SYS_futex, &state_, FUTEX_WAIT_PRIVATE, kSleeping, &timeout, nullptr, 0);
  }
  state_.exchange(kIdle, std::memory_order_seq_cst);  // acquires what was stored before wake()
}

}  // namespace tributary
