#include "core/condition/version.h"

#include <algorithm>

#include "core/base/ascii.h"

namespace tributary {
namespace {

constexpr unsigned kPlaces = 4;
constexpr std::uint64_t kMaxPlace = 0xffff;
constexpr std::uint64_t kMaxVersion = ~std::uint64_t{0};

struct Places {
  std::uint64_t number = 0;  // the places that are not there are 0
  unsigned count = 0;
  std::string_view rest;

  // The last version that begins with these places.
  std::uint64_t last() const noexcept { return count == kPlaces ? number : number | kMaxVersion >> (16 * count); }
};

bool is_separator(char c) noexcept {
  return c == '.' || c == '_';
}

Places read_places(std::string_view text) noexcept {
  Places places;
  while (places.count < kPlaces && !text.empty() && ascii::is_digit(text.front())) {
    std::uint64_t place = 0;
    for (; !text.empty() && ascii::is_digit(text.front()); text.remove_prefix(1)) {
      place = std::min(place * 10 + static_cast<std::uint64_t>(text.front() - '0'), kMaxPlace);
    }
    places.number |= place << (48 - 16 * places.count++);
    if (text.size() < 2 || !is_separator(text.front()) || !ascii::is_digit(text[1])) {
      break;
    }
    text.remove_prefix(1);
  }
  places.rest = text;
  return places;
}

// The whole text is one version of at most four places.
std::optional<Places> parse_places(std::string_view text) noexcept {
  const Places places = read_places(text);
  return places.count > 0 && places.rest.empty() ? std::optional(places) : std::nullopt;
}

std::optional<VersionRange> compared(std::string_view text) noexcept {
  const bool below = text.front() == '<';
  const bool included = text.size() > 1 && text[1] == '=';
  const auto places = parse_places(text.substr(included ? 2 : 1));
  if (!places) {
    return std::nullopt;
  }
  if (below) {
    const std::uint64_t end = included ? places->last() : places->number - 1;
    return !included && places->number == 0 ? std::nullopt : std::optional(VersionRange{0, end});
  }
  const std::uint64_t begin = included ? places->number : places->last() + 1;
  return !included && begin == 0 ? std::nullopt : std::optional(VersionRange{begin, kMaxVersion});
}

}  // namespace

std::optional<std::uint64_t> version_number(std::string_view text) noexcept {
  const Places places = read_places(text);
  return places.count > 0 ? std::optional(places.number) : std::nullopt;
}

std::optional<VersionRange> parse_version_range(std::string_view text) noexcept {
  if (!text.empty() && (text.front() == '<' || text.front() == '>')) {
    return compared(text);
  }
  const auto dash = text.find('-');
  const auto first = parse_places(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_places(text.substr(dash + 1));
  if (!first || !last || first->number > last->last()) {
    return std::nullopt;
  }
  return VersionRange{first->number, last->last()};
}

}  // namespace tributary
