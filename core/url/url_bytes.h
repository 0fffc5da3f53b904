#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/ascii.h"

// Which bytes may stand in the path, query and fragment of a URL, by where they come from.
namespace tributary::url_bytes {

enum ByteClass : std::uint8_t {
  kUnreserved = 1,  // RFC 3986; all that a value may contribute unencoded
  kRaw = 2,         // what a value marked raw may contribute: it can build paths and queries, but not cut them short
  kLiteral = 4,     // what the author of a template may write; brackets and braces are delimiters of foreign macros
};

constexpr std::array<std::uint8_t, 256> make_classes() noexcept {
  std::array<std::uint8_t, 256> classes{};
  for (int byte = 0x21; byte < 0x7f; ++byte) {
    const char c = static_cast<char>(byte);
    const bool unreserved = ascii::is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos;
    const bool raw = unreserved || std::string_view("!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
    const bool literal = raw || std::string_view("#[]{}%").find(c) != std::string_view::npos;
    classes[static_cast<std::size_t>(byte)] =
        static_cast<std::uint8_t>((unreserved ? kUnreserved : 0) | (raw ? kRaw : 0) | (literal ? kLiteral : 0));
  }
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

constexpr bool allowed(char c, ByteClass byte_class) noexcept {
  return (kClasses[static_cast<unsigned char>(c)] & byte_class) != 0;
}

// Whether a percent-encoded byte begins at `at`.
constexpr bool is_escape(std::string_view text, std::size_t at) noexcept {
  return text.size() - at > 2 && text[at] == '%' && ascii::hex_value(text[at + 1]) >= 0 &&
         ascii::hex_value(text[at + 2]) >= 0;
}

inline constexpr std::string_view kHexDigits = "0123456789ABCDEF";

}  // namespace tributary::url_bytes
