#pragma once

#include <cstdint>
#include <ctime>

namespace tributary {

inline std::uint64_t clock_ms(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

inline std::uint64_t wall_clock_ms() noexcept {
  return clock_ms(CLOCK_REALTIME);
}
// As tokens and signatures count.
inline std::int64_t wall_clock_s() noexcept {
  return static_cast<std::int64_t>(wall_clock_ms() / 1000);
}
inline std::uint64_t steady_clock_ms() noexcept {
  return clock_ms(CLOCK_MONOTONIC);
}

}  // namespace tributary
