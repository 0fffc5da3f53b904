#pragma once

#include <algorithm>
#include <string_view>

namespace tributary {

// Text without control bytes, at most `max_length` bytes.
inline bool is_plain_text(std::string_view text, std::size_t max_length) noexcept {
  return text.size() <= max_length && std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

}  // namespace tributary
