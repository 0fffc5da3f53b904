#include "core/condition/mask.h"

#include <algorithm>

namespace tributary {
namespace {

// `part` has no `*`.
bool begins_with(std::string_view text, std::string_view part) noexcept {
  return part.size() <= text.size() && std::equal(part.begin(), part.end(), text.begin(),
                                                  [](char in_mask, char c) { return in_mask == '?' || in_mask == c; });
}

// Where `part` is in the text first, or npos.
std::size_t find(std::string_view text, std::string_view part) noexcept {
  if (part.find('?') == std::string_view::npos) {
    return text.find(part);
  }
  for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
    if (begins_with(text.substr(at), part)) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool mask_matches(std::string_view mask, std::string_view text) noexcept {
  const auto star = mask.find('*');
  if (star == std::string_view::npos) {
    return mask.size() == text.size() && begins_with(text, mask);
  }
  const auto last_star = mask.rfind('*');
  const std::string_view begin = mask.substr(0, star);
  const std::string_view end = mask.substr(last_star + 1);
  if (begin.size() + end.size() > text.size() || !begins_with(text, begin) ||
      !begins_with(text.substr(text.size() - end.size()), end)) {
    return false;
  }
  text = text.substr(begin.size(), text.size() - begin.size() - end.size());
  mask = mask.substr(star, last_star - star);  // parts, each behind a star; the leftmost place is always good enough
  while (!mask.empty()) {
    mask.remove_prefix(1);
    const std::string_view part = mask.substr(0, mask.find('*'));
    const std::size_t at = find(text, part);
    if (at == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(at + part.size());
    mask.remove_prefix(part.size());
  }
  return true;
}

}  // namespace tributary
