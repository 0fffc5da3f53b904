#pragma once

#include "ngx_module/postback_call.h"

namespace tributary::fbs {
struct Network;
}

namespace tributary {

enum class Authenticity : std::uint8_t {
  refused,
  unverified,  // the network takes calls without a secret
  verified,
};

// Whether the call may speak for the network; nullptr for an unknown one. A wrong secret and an unknown network take
// the same way, secrets are compared as SHA-256 in constant time.
Authenticity check_secret(const PostbackCall& call, const fbs::Network* network) noexcept;

}  // namespace tributary
