#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/customer_event/event_signature.h"
#include "core/request/query.h"

namespace tributary::fbs {
struct CallSignature;
struct Network;
}  // namespace tributary::fbs

// Signatures of networks and affiliates, in the ways that networks have: schema/snapshot.fbs lists them.
// DOC: docs/postbacks.md
namespace tributary {

// What a signature may stand in and cover, as it came. Views of the request.
struct SignedCall {
  std::span<const QueryParameter> parameters{};  // those of the query string first
  std::size_t query_count = 0;
  std::string_view body{};
  std::string_view header{};                      // see signature_header()
  std::string_view webhook_id{}, webhook_time{};  // of Standard Webhooks
};

// Name of the header, in lower case, that a signature of this kind stands in; empty: it is a parameter.
std::string_view signature_header(const fbs::CallSignature& rules) noexcept;

// SHA-256 of what was signed, when one of the secrets of the network or affiliate made the signature and its time is
// right. The same call has the same one, whatever else is sent with it. Digests are compared in constant time.
std::optional<SignatureDigest> check_call_signature(const fbs::Network& network, const SignedCall& call,
                                                    std::uint64_t now_ms);

// Of a signed call only what the signature covers is read. Moves that to the front; returns how much it is.
std::size_t keep_signed(const fbs::Network& network, std::span<QueryParameter> parameters,
                        std::size_t query_count) noexcept;

}  // namespace tributary
