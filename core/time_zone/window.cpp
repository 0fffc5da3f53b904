#include "core/time_zone/window.h"

#include <algorithm>
#include <chrono>

#include "core/snapshot/format.h"
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

std::int64_t first_day_of_month(std::int64_t number) noexcept {
  const std::chrono::year year(static_cast<int>(number / 12));
  const std::chrono::sys_days day{year / std::chrono::month(static_cast<unsigned>(number % 12 + 1)) / 1};
  return day.time_since_epoch().count();
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

std::uint64_t window_end_s(std::uint32_t window, fbs::Period period) noexcept {
  const auto end_of_day = [](std::int64_t last) {
    return static_cast<std::uint64_t>((last + 1) * kSecondsPerDay + kMaxZoneOffset_s);
  };
  switch (period) {
    case fbs::Period::Hour: return (std::uint64_t{window} + 1) * 3600;
    case fbs::Period::Day: return end_of_day(window);
    case fbs::Period::Week: return end_of_day(std::int64_t{window} * 7 + 3);
    case fbs::Period::Month: return end_of_day(first_day_of_month(std::int64_t{window} + 1) - 1);
    default: return UINT64_MAX;
  }
}

}  // namespace tributary
