#pragma once

#include <string_view>

namespace tributary {

// Whether the value of Sec-Purpose, Purpose or X-Moz says that nobody has clicked yet.
bool says_prefetch(std::string_view value) noexcept;

}  // namespace tributary
