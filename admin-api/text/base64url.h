#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::admin {

// Without padding; decoding accepts nothing but the canonical form.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace tributary::admin
