#pragma once

#include <cstdint>

#include "ingestor/events/checks.h"
#include "platform/process/wall_clock.h"

namespace tributary::ingest {

inline ClockLimits clock_limits(std::uint64_t retention_days) noexcept {
  ClockLimits limits;
  limits.now_us = wall_ms() * 1000;
  limits.behind_us = retention_days * 86'400ull * 1'000'000;
  return limits;
}

}  // namespace tributary::ingest
