#pragma once

#include <chrono>
#include <cstdint>

#include "ingestor/events/checks.h"

namespace tributary::ingest {

inline std::uint64_t wall_ms() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

inline ClockLimits clock_limits(std::uint64_t retention_days) noexcept {
  ClockLimits limits;
  limits.now_us = wall_ms() * 1000;
  limits.behind_us = retention_days * 86'400ull * 1'000'000;
  return limits;
}

}  // namespace tributary::ingest
