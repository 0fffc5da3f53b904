#pragma once

#include <string_view>

namespace tributary {

// For messages to an author of templates: the macro that `name` was probably meant to be (some letters in the
// wrong case, one slip of the keyboard), or nothing. Names all in capitals are foreign macros. Not for hot
// paths.
std::string_view similar_macro_name(std::string_view name) noexcept;

}  // namespace tributary
