#pragma once

#include <cstddef>
#include <string_view>

namespace tributary {

// The part of a URL that decides where a visitor goes: scheme, user info, host and port.
struct UrlOrigin {
  std::size_t length = 0;        // from the start of the text; what follows is '/', '?', '#' or nothing
  std::size_t error_offset = 0;  // where it is wrong
  std::string_view error;        // static text; empty when all is well
};

// Only http and https, host and port literal and plain: what a browser would repair or reinterpret (backslashes,
// missing slashes, other schemes, braces, bytes above 0x7e) is an error.
UrlOrigin check_url_origin(std::string_view text) noexcept;

}  // namespace tributary
