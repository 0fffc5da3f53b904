#include "core/request/prefetch.h"

#include <algorithm>

#include "core/base/ascii.h"

namespace tributary {
namespace {

bool holds(std::string_view value, std::string_view lower) noexcept {
  return std::search(value.begin(), value.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return ascii::to_lower(a) == b; }) != value.end();
}

}  // namespace

bool says_prefetch(std::string_view value) noexcept {
  return holds(value, "prefetch") || holds(value, "preview");
}

}  // namespace tributary
