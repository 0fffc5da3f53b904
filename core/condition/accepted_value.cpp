#include "core/condition/accepted_value.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/ascii.h"
#include "core/condition/limits.h"
#include "core/condition/regex_cache.h"
#include "core/condition/version.h"
#include "core/time_zone/local_time.h"
#include "core/visitor/agent.h"

namespace tributary {
namespace {

std::string folded(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), ascii::to_lower);
  return lower;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// The two sides of a separator; the second is missing when the separator is.
struct Sides {
  std::string_view first;
  std::optional<std::string_view> second;
};

Sides split(std::string_view text, std::string_view separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) {
    return {text, std::nullopt};
  }
  return {text.substr(0, at), text.substr(at + separator.size())};
}

bool is_regex(std::string_view text) {
  return text.size() > 1 && text.front() == '/' && text.back() == '/';
}

bool is_mask(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

std::string add_regex(std::string_view pattern, CompiledCondition& compiled) {
  if (pattern.empty()) {
    return "the regular expression is empty";
  }
  std::size_t size = 0;
  std::string problem = regex_problem(pattern, size);
  if (problem.empty()) {
    compiled.regexes.emplace_back(pattern);
    compiled.work += size;
    return {};
  }
  return "is not a regular expression: " + problem;
}

std::string add_text(std::string_view text, bool anywhere, CompiledCondition& compiled) {
  if (is_regex(text)) {
    return add_regex(text.substr(1, text.size() - 2), compiled);
  }
  if (is_mask(text)) {
    compiled.masks.push_back(folded(text));
    compiled.work += text.find('?') == std::string_view::npos ? 0 : text.size() / kMaskBytesOfInstruction + 1;
  } else if (anywhere) {
    compiled.masks.push_back("*" + folded(text) + "*");
  } else {
    compiled.values.push_back(folded(text));
  }
  return {};
}

std::string add_code(std::string_view text, CompiledCondition& compiled) {
  if (text.size() != 2 || !ascii::is_alpha(text[0]) || !ascii::is_alpha(text[1])) {
    return "must be a code of two letters";
  }
  compiled.values.push_back(folded(text));
  return {};
}

std::string add_version(std::string_view text, CompiledCondition& compiled) {
  const bool as_number = !is_regex(text) && !is_mask(text) &&
                         (ascii::is_digit(text.front()) || text.front() == '<' || text.front() == '>');
  if (!as_number) {
    return add_text(text, false, compiled);
  }
  const auto range = parse_version_range(text);
  if (!range) {
    return "must be a version (15, 10.2), a range (10-12.4) or a comparison (>=15, <15)";
  }
  compiled.ranges.push_back(*range);
  return {};
}

std::string add_number(std::string_view text, CompiledCondition& compiled) {
  const auto without_prefix = [](std::string_view number) {
    const bool prefixed = number.size() > 2 && ascii::equal_ignoring_case(number.substr(0, 2), "AS");
    return prefixed ? number.substr(2) : number;
  };
  const Sides sides = split(text, "-");
  const auto first = parse_number(without_prefix(sides.first));
  const auto last = parse_number(without_prefix(sides.second.value_or(sides.first)));
  if (!first || !last || *first > *last) {
    return "must be a number (15169) or a range (64512-65534)";
  }
  compiled.ranges.push_back({*first, *last});
  return {};
}

std::string add_address(std::string_view text, CompiledCondition& compiled) {
  const auto range = parse_address_range(text);
  if (!range) {
    return "must be an address, a network (192.0.2.0/24) or a range (192.0.2.1-192.0.2.9)";
  }
  if (range->is_v4) {
    compiled.ranges.push_back(
        {static_cast<std::uint64_t>(range->numbers.first), static_cast<std::uint64_t>(range->numbers.last)});
  } else {
    compiled.wide_ranges.push_back(range->numbers);
  }
  return {};
}

std::string add_ip_version(std::string_view text, CompiledCondition& compiled) {
  if (text != "4" && text != "6") {
    return "must be 4 or 6";
  }
  compiled.bits |= 1u << (text.front() - '0');
  return {};
}

std::string add_device(std::string_view text, CompiledCondition& compiled) {
  const std::string name = text == "mobile" ? "phone" : folded(text);
  for (unsigned type = 1; type <= static_cast<unsigned>(DeviceType::wearable); ++type) {
    if (device_type_name(static_cast<DeviceType>(type)) == name) {
      compiled.bits |= 1u << type;
      return {};
    }
  }
  return "must be desktop, phone (or mobile), tablet, tv, console or wearable";
}

std::string add_boolean(std::string_view text, CompiledCondition& compiled) {
  if (text != "true" && text != "false") {
    return "must be true or false";
  }
  compiled.bits |= text == "true" ? 2 : 1;
  return {};
}

// 0 Monday to 6 Sunday.
std::optional<unsigned> parse_weekday(std::string_view text) {
  if (text.size() == 1 && text.front() >= '1' && text.front() <= '7') {
    return static_cast<unsigned>(text.front() - '1');
  }
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    if (ascii::equal_ignoring_case(text, weekday_name(weekday))) {
      return weekday;
    }
  }
  return std::nullopt;
}

std::string add_weekday(std::string_view text, CompiledCondition& compiled) {
  const Sides sides = split(text, "-");
  const auto first = parse_weekday(sides.first);
  const auto last = parse_weekday(sides.second.value_or(sides.first));
  if (!first || !last) {
    return "must be a weekday (mon to sun, or 1 to 7 from Monday) or a range of them (mon-fri)";
  }
  for (unsigned day = *first; day != *last; day = (day + 1) % 7) {
    compiled.bits |= 1u << day;
  }
  compiled.bits |= 1u << *last;
  return {};
}

std::string add_clock(std::string_view text, CompiledCondition& compiled) {
  const Sides sides = split(text, "-");
  const auto first = parse_clock(sides.first);
  const auto end = parse_clock(sides.second.value_or(""));
  if (!first || !end || *first == *end || *first == kSecondsPerDay) {
    return "must be hours on the clock (08:00-20:00); when the end is earlier, it is on the next day";
  }
  if (*first < *end) {
    compiled.ranges.push_back({*first, *end - 1u});
    return {};
  }
  compiled.ranges.push_back({*first, static_cast<std::uint64_t>(kSecondsPerDay) - 1});
  if (*end > 0) {
    compiled.ranges.push_back({0, *end - 1u});
  }
  return {};
}

struct Moment {
  std::uint64_t begin = 0;  // seconds on the local clock
  std::uint64_t end = 0;    // of a day: its end; of a time: the same
};

std::optional<Moment> parse_moment(std::string_view text) {
  const auto day = parse_day(text.substr(0, 10));
  if (!day) {
    return std::nullopt;
  }
  const auto begin = static_cast<std::uint64_t>(*day * kSecondsPerDay);
  if (text.size() == 10) {
    return Moment{begin, begin + static_cast<std::uint64_t>(kSecondsPerDay)};
  }
  const auto clock = parse_clock(text.substr(11));
  if ((text[10] != 'T' && text[10] != ' ') || !clock) {
    return std::nullopt;
  }
  return Moment{begin + *clock, begin + *clock};
}

std::string add_moment(std::string_view text, CompiledCondition& compiled) {
  constexpr std::uint64_t kForEver = ~std::uint64_t{0};
  const Sides sides = split(text, "..");
  const std::string_view end_text = sides.second.value_or(sides.first);
  const auto first = sides.first.empty() ? Moment{} : parse_moment(sides.first);
  const auto last = end_text.empty() ? Moment{kForEver, kForEver} : parse_moment(end_text);
  if (!first || !last || first->begin >= last->end || text == "..") {
    return "must be a day (2026-12-24) or days or times from..to (2026-12-24T08:00..2026-12-26); either end may be "
           "missing";
  }
  compiled.ranges.push_back({first->begin, last->end == kForEver ? kForEver : last->end - 1});
  return {};
}

std::string add_limit(std::string_view text, CompiledCondition& compiled) {
  const auto limit = parse_number(text);
  if (!limit || *limit == 0 || *limit > 0xffffffff) {
    return "must be a number of clicks from 1 to 4294967295";
  }
  if (compiled.limit != 0) {
    return "a second limit: give one";
  }
  compiled.limit = static_cast<std::int64_t>(*limit);
  return {};
}

}  // namespace

std::string add_accepted(ValueForm form, std::string_view text, CompiledCondition& compiled) {
  switch (form) {
    case ValueForm::text: return add_text(text, false, compiled);
    case ValueForm::long_text: return add_text(text, true, compiled);
    case ValueForm::code: return add_code(text, compiled);
    case ValueForm::version: return add_version(text, compiled);
    case ValueForm::number: return add_number(text, compiled);
    case ValueForm::address: return add_address(text, compiled);
    case ValueForm::ip_version: return add_ip_version(text, compiled);
    case ValueForm::device: return add_device(text, compiled);
    case ValueForm::boolean: return add_boolean(text, compiled);
    case ValueForm::weekday: return add_weekday(text, compiled);
    case ValueForm::clock: return add_clock(text, compiled);
    case ValueForm::moment: return add_moment(text, compiled);
    case ValueForm::limit: return add_limit(text, compiled);
  }
  return "the kind is not known";
}

}  // namespace tributary
