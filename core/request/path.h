#pragma once

#include <string_view>

// Paths below a location: /c/{slug}, /postback/{network}/{secret}.
namespace tributary {

// What follows `prefix` in `path`, without leading slash. A prefix ends at a segment: /c does not take /code apart.
// A path that was rewritten and does not begin with the prefix counts whole.
std::string_view path_behind(std::string_view path, std::string_view prefix) noexcept;

// Cuts the first segment off `path`.
std::string_view take_segment(std::string_view& path) noexcept;

}  // namespace tributary
