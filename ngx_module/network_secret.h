#pragma once

#include "ngx_module/postback_call.h"

namespace tributary::fbs {
struct Network;
}

namespace tributary {

enum class Authenticity : std::uint8_t {
  refused,
  unverified,  // the network or affiliate takes calls without a secret
  verified,
};

// Whether the call may speak for the network or affiliate; nullptr for an unknown one. A wrong secret and an unknown
// network take the same way, secrets are compared as SHA-256 in constant time. `address` is the client's, as realip
// left it. Under `ip` the address is the secret.
Authenticity check_secret(const PostbackCall& call, const fbs::Network* network,
                          std::span<const std::uint8_t> address) noexcept;

}  // namespace tributary
