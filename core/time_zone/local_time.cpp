#include "core/time_zone/local_time.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>

#include "core/base/ascii.h"
#include "schema/snapshot_generated.h"

namespace tributary {
namespace {

// Exactly `digits` digits at `at`; nothing when there are others.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits) noexcept {
  unsigned number = 0;
  for (const char c : text.substr(at, digits)) {
    if (!ascii::is_digit(c)) {
      return std::nullopt;
    }
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number;
}

}  // namespace

std::string_view weekday_name(unsigned weekday) noexcept {
  constexpr std::string_view kNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return weekday < std::size(kNames) ? kNames[weekday] : std::string_view();
}

std::int32_t offset_at(const fbs::Zone* zone, std::int64_t utc_s) noexcept {
  if (zone == nullptr) {
    return 0;
  }
  const auto& offsets = *zone->offsets();
  std::uint32_t first = 0;  // the last offset that is in force is in [first, end), or it is the very first
  for (std::uint32_t end = offsets.size(); end - first > 1;) {
    const std::uint32_t middle = first + (end - first) / 2;
    (offsets.Get(middle)->since_s() <= utc_s ? first : end) = middle;
  }
  return offsets.Get(first)->offset_s();
}

LocalTime local_time(const fbs::Zone* zone, std::uint64_t now_ms) noexcept {
  const auto utc_s = static_cast<std::int64_t>(now_ms / 1000);
  return {utc_s + offset_at(zone, utc_s)};
}

std::optional<std::int64_t> parse_day(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = number_at(text, 0, 4);
  const auto month = number_at(text, 5, 2);
  const auto day = number_at(text, 8, 2);
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok() || *year < 1970) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::string day_text(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::optional<std::uint32_t> parse_clock(std::string_view text) noexcept {
  const bool seconds = text.size() == 8;
  if ((text.size() != 5 && !seconds) || text[2] != ':' || (seconds && text[5] != ':')) {
    return std::nullopt;
  }
  const auto hour = number_at(text, 0, 2);
  const auto minute = number_at(text, 3, 2);
  const auto second = seconds ? number_at(text, 6, 2) : 0;
  if (!hour || !minute || !second || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  const std::uint32_t total = *hour * 3600 + *minute * 60 + *second;
  return total <= kSecondsPerDay ? std::optional(total) : std::nullopt;
}

}  // namespace tributary
