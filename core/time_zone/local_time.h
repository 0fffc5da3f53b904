#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tributary::fbs {
struct Zone;
}

// The clock on the wall, from the offsets that a snapshot carries. noexcept, no allocation.
namespace tributary {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

// A reading of a local clock, as seconds since 1970-01-01 00:00 on that clock.
struct LocalTime {
  std::int64_t seconds = 0;

  std::int64_t day() const noexcept {
    const std::int64_t whole = seconds / kSecondsPerDay;
    return seconds % kSecondsPerDay < 0 ? whole - 1 : whole;
  }
  std::uint32_t second_of_day() const noexcept { return static_cast<std::uint32_t>(seconds - day() * kSecondsPerDay); }
};

// 0 Monday to 6 Sunday. 1970-01-01 was a Thursday.
constexpr unsigned weekday_of(std::int64_t day) noexcept {
  return static_cast<unsigned>(((day + 3) % 7 + 7) % 7);
}

std::string_view weekday_name(unsigned weekday) noexcept;  // "mon" to "sun"; empty for other numbers

// nullptr is UTC.
std::int32_t offset_at(const fbs::Zone* zone, std::int64_t utc_s) noexcept;
LocalTime local_time(const fbs::Zone* zone, std::uint64_t now_ms) noexcept;

// "2026-02-28" as days since 1970-01-01; nothing when it is no day from 1970 to 9999.
std::optional<std::int64_t> parse_day(std::string_view text) noexcept;
std::string day_text(std::int64_t day);
// "08:30" or "08:30:15" as seconds since midnight, "24:00" included.
std::optional<std::uint32_t> parse_clock(std::string_view text) noexcept;

}  // namespace tributary
