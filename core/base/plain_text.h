#pragma once

#include <algorithm>
#include <string_view>

#include "core/base/ascii.h"

namespace tributary {

// Text without control bytes, at most `max_length` bytes.
inline bool is_plain_text(std::string_view text, std::size_t max_length) noexcept {
  return text.size() <= max_length && std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

// A code of a tracking link: it stands in a path and in a query without being encoded.
inline bool is_link_code(std::string_view text) noexcept {
  return text.size() >= 4 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-'; });
}

}  // namespace tributary
