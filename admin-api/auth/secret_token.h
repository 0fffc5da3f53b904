#pragma once

#include <string>
#include <string_view>

// Random secrets that are shown once and stored as a hash.
namespace tributary::admin {

// trk_live_ + 32 random characters + 6 of checksum, so that a typo and a leak are recognised without a database.
std::string new_api_key();
bool is_api_key(std::string_view text);
// The visible part, by which a key is found: trk_live_ and the first 8 random characters.
std::string api_key_prefix(std::string_view key);

bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace tributary::admin
