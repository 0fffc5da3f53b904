#pragma once

#include <string_view>

namespace tributary {

// Whether a value (decoded) is a macro that its sender forgot to fill in, in any of the styles of networks and traffic
// sources: {x} {{x}} {$x} ${x} [x] [[x]] [[[x]]] #x# ##x## %x% %%x%% @@x@@ !!!x!!! __x__ xxXxx, around one word. Only
// the whole value counts: braces inside longer text are text. Such a value is treated as absent.
bool is_unexpanded_macro(std::string_view value) noexcept;

}  // namespace tributary
