#pragma once

#include <string_view>

namespace tributary {

// What a macro in one of the styles below may begin with: most values are told apart by that.
constexpr bool may_open_macro(char c) noexcept {
  switch (c) {
    case '{':
    case '$':
    case '[':
    case '#':
    case '%':
    case '@':
    case '!':
    case '_':
    case 'x': return true;
    default: return false;
  }
}

bool is_delimited_macro(std::string_view value) noexcept;

// Whether a value (decoded) is a macro that its sender forgot to fill in, in any of the styles of networks and traffic
// sources: {x} {{x}} {$x} ${x} [x] [[x]] [[[x]]] #x# ##x## %x% %%x%% @@x@@ !!!x!!! __x__ xxXxx, around one word. Only
// the whole value counts: braces inside longer text are text. Such a value is treated as absent.
inline bool is_unexpanded_macro(std::string_view value) noexcept {
  return value.size() >= 3 && may_open_macro(value.front()) && is_delimited_macro(value);
}

}  // namespace tributary
