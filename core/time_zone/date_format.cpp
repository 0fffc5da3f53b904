#include "core/time_zone/date_format.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

#include "core/base/ascii.h"
#include "core/time_zone/local_time.h"

namespace tributary {
namespace {

constexpr std::string_view kLetters = "YymnMFdjDlNwHGhgAaisU";
constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kWeekdays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::size_t kShortName = 3;

class DateWriter {
 public:
  DateWriter(const fbs::Zone* zone, std::uint64_t now_ms, std::span<char> out) noexcept
      : utc_s_(now_ms / 1000),
        local_(local_time(zone, now_ms)),
        date_(std::chrono::sys_days(std::chrono::days(local_.day()))),
        out_(out) {}

  void write(char c) noexcept {
    const std::string_view weekday = kWeekdays[weekday_of(local_.day())];
    const std::string_view month = kMonths[static_cast<unsigned>(date_.month()) - 1];
    switch (c) {
      case 'Y': return number(static_cast<std::uint64_t>(static_cast<int>(date_.year())), 4);
      case 'y': return number(static_cast<std::uint64_t>(static_cast<int>(date_.year()) % 100), 2);
      case 'm': return number(static_cast<unsigned>(date_.month()), 2);
      case 'n': return number(static_cast<unsigned>(date_.month()), 1);
      case 'M': return text(month.substr(0, kShortName));
      case 'F': return text(month);
      case 'd': return number(static_cast<unsigned>(date_.day()), 2);
      case 'j': return number(static_cast<unsigned>(date_.day()), 1);
      case 'D': return text(weekday.substr(0, kShortName));
      case 'l': return text(weekday);
      case 'N': return number(weekday_of(local_.day()) + 1, 1);
      case 'w': return number((weekday_of(local_.day()) + 1) % 7, 1);
      case 'U': return number(utc_s_, 1);
      default: return clock(c);
    }
  }

  std::string_view written() const noexcept { return {out_.data(), length_}; }

 private:
  void clock(char c) noexcept {
    const unsigned second = local_.second_of_day();
    const unsigned hour = second / 3600;
    switch (c) {
      case 'H': return number(hour, 2);
      case 'G': return number(hour, 1);
      case 'h': return number((hour + 11) % 12 + 1, 2);
      case 'g': return number((hour + 11) % 12 + 1, 1);
      case 'A': return text(hour < 12 ? "AM" : "PM");
      case 'a': return text(hour < 12 ? "am" : "pm");
      case 'i': return number(second / 60 % 60, 2);
      case 's': return number(second % 60, 2);
      default: return text({&c, 1});
    }
  }

  void number(std::uint64_t n, std::size_t digits) noexcept {
    char buffer[20];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), n).ptr;
    const std::string_view plain(buffer, static_cast<std::size_t>(end - buffer));
    text(std::string_view("0000").substr(0, digits - std::min(digits, plain.size())));
    text(plain);
  }

  void text(std::string_view piece) noexcept {
    const std::size_t room = std::min(piece.size(), out_.size() - length_);
    std::memcpy(out_.data() + length_, piece.data(), room);
    length_ += room;
  }

  std::uint64_t utc_s_;
  LocalTime local_;
  std::chrono::year_month_day date_;
  std::span<char> out_;
  std::size_t length_ = 0;
};

}  // namespace

char unknown_date_letter(std::string_view format) noexcept {
  for (const char c : format) {
    if (ascii::is_alpha(c) && kLetters.find(c) == std::string_view::npos) {
      return c;
    }
  }
  return 0;
}

std::string_view format_date(std::string_view format, const fbs::Zone* zone, std::uint64_t now_ms,
                             std::span<char> out) noexcept {
  DateWriter writer(zone, now_ms, out);
  for (const char c : format) {
    writer.write(c);
  }
  return writer.written();
}

}  // namespace tributary
