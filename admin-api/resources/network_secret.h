#pragma once

#include <string>

#include "admin-api/resources/resource.h"

namespace tributary::admin {

inline constexpr std::size_t kNetworkSecretLength = 32;  // 190 bits

// Stores the hash and the last characters of a secret of network `write.id`.
void store_network_secret(Write& write, const std::string& secret);

}  // namespace tributary::admin
