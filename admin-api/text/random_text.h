#pragma once

#include <cstddef>
#include <string>

namespace tributary::admin {

// Digits and letters in ASCII order.
inline constexpr char kBase62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// `length` characters of kBase62, 5.95 bits each, fit for secrets.
std::string random_base62(std::size_t length);

}  // namespace tributary::admin
