#pragma once

#include <string>

#include "admin-api/resources/resource.h"

namespace tributary::admin {

inline constexpr std::size_t kPostbackSecretLength = 32;  // 190 bits

// Store the hash and the last characters of a secret of network or partner `write.id`.
void store_network_secret(Write& write, const std::string& secret);
void store_partner_secret(Write& write, const std::string& secret);

// The same of what its calls are signed with, which is kept as it is: the edge computes with it.
void store_network_hmac_secret(Write& write, const std::string& secret);
void store_partner_hmac_secret(Write& write, const std::string& secret);

// For after_write: throws 422 when calls are to be signed from now on and there is no secret to sign them with.
void require_network_hmac_secret(Write& write);
void require_partner_hmac_secret(Write& write);

}  // namespace tributary::admin
