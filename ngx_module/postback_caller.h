#pragma once

#include <optional>

#include "core/customer_event/event_signature.h"
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

// Who calls, as far as the call proves it.
struct PostbackCaller {
  Authenticity authenticity = Authenticity::refused;
  std::optional<SignatureDigest> signature{};  // of a signed call: the same call has the same one
};

// Whether the call may speak for the network or affiliate; nullptr for an unknown one. A wrong secret and an unknown
// network take the same way, secrets are compared in constant time. `address` is the client's, as realip left it.
// Under `ip` the address is the secret, under `hmac` the signature is: then only what it covers stays in `call`.
PostbackCaller check_caller(ngx_http_request_t* r, PostbackCall& call, const fbs::Network* network,
                            std::span<const std::uint8_t> address, std::uint64_t now_ms);

}  // namespace tributary
