#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/event/event.h"

namespace tributary::ingest {

// Why a record is not stored as a row. The words stand in events.ingestion_errors.reason.
struct Rejection {
  std::string_view reason;  // static: "clock", "range", "encoding", "malformed", "unknown_type"
  std::string detail;
};

// What is believed of the time in an event.
struct ClockLimits {
  std::uint64_t now_us = 0;
  std::uint64_t ahead_us = 15ull * 60 * 1'000'000;
  std::uint64_t behind_us = 0;  // the retention of raw rows
};

inline ClockLimits clock_limits(std::uint64_t now_ms, std::uint64_t retention_days) noexcept {
  ClockLimits limits;
  limits.now_us = now_ms * 1000;
  limits.behind_us = retention_days * 86'400ull * 1'000'000;
  return limits;
}

// Everything that would make PostgreSQL refuse the row, so that it never has to. Text of visitors is not refused: what
// is no UTF-8 is replaced when the row is made. Text that is part of a key must be clean, because replacing would make
// two keys one. Pure.
std::optional<Rejection> check_click(const EventHeader& header, const Click& click, const ClockLimits& clock);
std::optional<Rejection> check_trafficback(const EventHeader& header, const Trafficback& trafficback,
                                           const ClockLimits& clock);
std::optional<Rejection> check_lander_click(const EventHeader& header, const LanderClick& lander_click,
                                            const ClockLimits& clock);
std::optional<Rejection> check_customer_event(const EventHeader& header, const CustomerEvent& event,
                                              const ClockLimits& clock);
std::optional<Rejection> check_postback(const EventHeader& header, const Postback& postback, const ClockLimits& clock);

}  // namespace tributary::ingest
