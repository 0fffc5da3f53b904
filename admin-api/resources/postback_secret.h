#pragma once

#include <string>

#include "admin-api/resources/resource.h"

namespace tributary::admin {

inline constexpr std::size_t kPostbackSecretLength = 32;  // 190 bits

// Store the hash and the last characters of a secret of network or partner `write.id`.
void store_network_secret(Write& write, const std::string& secret);
void store_partner_secret(Write& write, const std::string& secret);

}  // namespace tributary::admin
