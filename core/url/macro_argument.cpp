#include "core/url/macro_argument.h"

#include <algorithm>
#include <charconv>

#include "core/time_zone/date_format.h"
#include "core/time_zone/zone_offsets.h"

namespace tributary {
namespace {

constexpr std::uint64_t kMaxRandom = 999'999'999'999'999'999;

bool parse_number(std::string_view text, std::uint64_t& number) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number <= kMaxRandom;
}

MacroArgument read_date(std::string_view text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  MacroArgument argument{std::string(text.substr(0, comma)), {}, {}};
  if (argument.text.empty()) {
    argument.text = "Y-m-d";
  }
  if (argument.text.size() > kMaxDateFormat) {
    argument.error = "format is longer than " + std::to_string(kMaxDateFormat) + " bytes";
  } else if (const char letter = unknown_date_letter(argument.text)) {
    argument.error = std::string("letter \"") + letter + "\" of the format is not known; see docs/macros.md";
  }
  if (comma < text.size()) {
    argument.zone = text.substr(comma + 1);
    if (!zone_exists(argument.zone)) {
      argument.error = "time zone \"" + argument.zone + "\" is not known; write a name as Europe/Kyiv";
    }
  }
  return argument;
}

}  // namespace

bool parse_random_range(std::string_view text, std::uint64_t& from, std::uint64_t& to) noexcept {
  const std::size_t comma = text.find(',');
  return comma != std::string_view::npos && parse_number(text.substr(0, comma), from) &&
         parse_number(text.substr(comma + 1), to) && from <= to;
}

std::string_view choose_sample(std::string_view items, std::uint64_t random) noexcept {
  const auto count = static_cast<std::uint64_t>(std::count(items.begin(), items.end(), ',')) + 1;
  for (auto skipped = static_cast<std::uint64_t>(static_cast<unsigned __int128>(random) * count >> 64); skipped > 0;
       --skipped) {
    items.remove_prefix(items.find(',') + 1);
  }
  return items.substr(0, items.find(','));
}

MacroArgument read_macro_argument(Macro macro, std::string_view text) {
  if (macro == Macro::date) {
    return read_date(text);
  }
  MacroArgument argument{std::string(text), {}, {}};
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  if (macro == Macro::random && !parse_random_range(text, from, to)) {
    argument.error = "wants two whole numbers, the smaller one first, as {random:1,9}";
  } else if (macro == Macro::sample && text.empty()) {
    argument.error = "wants what to choose from, as {sample:a,b}";
  }
  return argument;
}

}  // namespace tributary
