#pragma once

#include <string>
#include <string_view>

namespace tributary::admin {

// 32 bytes.
std::string sha256(std::string_view bytes);

// In lower case.
std::string hex(std::string_view bytes);

}  // namespace tributary::admin
