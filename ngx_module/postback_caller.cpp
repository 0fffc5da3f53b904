#include "ngx_module/postback_caller.h"

#include <schema/snapshot_generated.h>

#include "core/postback/call_signature.h"
#include "core/postback/caller_trust.h"
#include "ngx_module/text/redact.h"
#include "ngx_module/visit.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxSecret = 512;

std::string_view plain(std::string_view text, bool decoded, std::span<char> buffer) noexcept {
  return decoded ? text : decode_component(text, buffer);
}

// In the path, else the first parameter that is called token or secret, else the key where the path has room for
// nothing else.
SecretDigest presented(const PostbackCall& call) noexcept {
  if (!call.path_secret.empty()) return secret_digest(call.path_secret);
  std::array<char, kMaxSecret> name_buffer, value_buffer;
  for (const QueryParameter& parameter : call.parameters()) {
    if (is_secret_name(plain(parameter.name, parameter.decoded, name_buffer))) {
      return secret_digest(plain(parameter.value, parameter.decoded, value_buffer));
    }
  }
  return secret_digest(call.key_secret);
}

PostbackCaller check_signed(ngx_http_request_t* r, PostbackCall& call, const fbs::Network& network,
                            std::uint64_t now_ms) {
  if (network.signature() == nullptr) return {};
  const SignedCall given{.parameters = call.parameters(),
                         .query_count = call.query_count,
                         .body = call.body,
                         .header = find_header(r, signature_header(*network.signature())),
                         .webhook_id = find_header(r, "webhook-id"),
                         .webhook_time = find_header(r, "webhook-timestamp")};
  const auto signature = check_call_signature(network, given, now_ms);
  if (!signature) return {};
  call.parameter_count = keep_signed(network, std::span(call.storage).first(call.parameter_count), call.query_count);
  return {Authenticity::verified, signature};
}

}  // namespace

PostbackCaller check_caller(ngx_http_request_t* r, PostbackCall& call, const fbs::Network* network,
                            std::span<const std::uint8_t> address, std::uint64_t now_ms) {
  const SecretDigest given = presented(call);
  if (network == nullptr || network->state() == fbs::State::Deleted) return {};
  switch (network->auth()) {
    case fbs::PostbackAuth::None: return {Authenticity::unverified};
    case fbs::PostbackAuth::Token:
      return {has_secret(*network, given) ? Authenticity::verified : Authenticity::refused};
    case fbs::PostbackAuth::Ip:
      return {is_allowed_address(*network, address) ? Authenticity::verified : Authenticity::refused};
    case fbs::PostbackAuth::Hmac: return check_signed(r, call, *network, now_ms);
    default: return {};
  }
}

}  // namespace tributary
