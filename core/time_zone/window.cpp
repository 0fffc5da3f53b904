#include "core/time_zone/window.h"

#include <algorithm>
#include <chrono>

#include "core/time_zone/local_time.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

// Only the part of the offset below an hour moves the beginning of hours.
std::int64_t hour_number(std::int64_t utc_s, const fbs::Zone* zone) noexcept {
  const std::int32_t below_hour = (offset_at(zone, utc_s) % 3600 + 3600) % 3600;
  return (utc_s + below_hour) / 3600;
}

std::int64_t month_number(std::int64_t day) noexcept {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

std::int64_t number_of(std::uint64_t now_ms, fbs::Period period, const fbs::Zone* zone) noexcept {
  if (period == fbs::Period::Hour) {
    return hour_number(static_cast<std::int64_t>(now_ms / 1000), zone);
  }
  const std::int64_t day = local_time(zone, now_ms).day();
  switch (period) {
    case fbs::Period::Day: return day;
    case fbs::Period::Week: return (day + 3) / 7;
    case fbs::Period::Month: return month_number(day);
    default: return 0;
  }
}

}  // namespace

std::uint32_t window_of(std::uint64_t now_ms, fbs::Period period, const fbs::Zone* zone) noexcept {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(number_of(now_ms, period, zone), 0));
}

}  // namespace tributary
