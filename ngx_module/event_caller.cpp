#include "ngx_module/event_caller.h"

#include <schema/snapshot_generated.h>
#include <sodium.h>

#include "core/base/ascii.h"
#include "ngx_module/str.h"
#include "ngx_module/visit.h"

namespace tributary {
namespace {

std::string_view bearer_token(ngx_http_request_t* r) noexcept {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view value = view(r->headers_in.authorization);
  if (value.size() <= kScheme.size() || !ascii::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme))
    return {};
  return ascii::trim(value.substr(kScheme.size()));
}

std::string_view presented_key(ngx_http_request_t* r) noexcept {
  for (const std::string_view name : {"x-api-key", "api-key"}) {
    if (const std::string_view key = find_header(r, name); !key.empty()) return key;
  }
  return bearer_token(r);
}

// 0: no end.
bool has_ended(std::uint64_t valid_until_ms, std::uint64_t now_ms) noexcept {
  return valid_until_ms != 0 && valid_until_ms <= now_ms;
}

const fbs::Advertiser* find_advertiser(const SnapshotView& snapshot, std::string_view key,
                                       std::uint64_t now_ms) noexcept {
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(key.data()), key.size());
  const fbs::EventKey* known = snapshot.find_event_key(hash);
  if (known == nullptr || has_ended(known->valid_until_ms(), now_ms)) return nullptr;
  return snapshot.find_advertiser(known->advertiser());
}

bool is_signed_by(const fbs::Advertiser& advertiser, const EventSignature& signature, std::string_view body,
                  std::uint64_t now_ms) noexcept {
  if (advertiser.signature_secrets() == nullptr) return false;
  bool same = false;
  for (const fbs::SignatureSecret* item : *advertiser.signature_secrets()) {
    if (has_ended(item->valid_until_ms(), now_ms)) continue;
    const std::string_view secret(reinterpret_cast<const char*>(item->secret()->data()), item->secret()->size());
    if (has_digest(signature, sign_event(secret, signature.time_text, body))) same = true;
  }
  return same;
}

// A signature that is there must be right, also where none is asked for.
bool check_signature(ngx_http_request_t* r, EventCaller& caller, std::string_view body, std::uint64_t now_ms) noexcept {
  const fbs::Advertiser& advertiser = *caller.advertiser;
  const std::string_view header = find_header(r, "x-signature");
  if (header.empty()) return !advertiser.signature_required();
  const auto signature = parse_event_signature(header);
  caller.signed_call = signature && is_signed_by(advertiser, *signature, body, now_ms) &&
                       is_fresh(*signature, now_ms / 1000, advertiser.signature_tolerance_s());
  // With no secret: of several signatures, whoever repeats the call may leave out one.
  if (caller.signed_call) caller.digest = sign_event({}, signature->time_text, body);
  return caller.signed_call;
}

}  // namespace

EventCaller find_event_caller(ngx_http_request_t* r, const SnapshotView& snapshot, std::string_view body,
                              std::uint64_t now_ms) noexcept {
  EventCaller caller;
  caller.advertiser = find_advertiser(snapshot, presented_key(r), now_ms);
  if (caller.advertiser == nullptr) return {};
  if (!check_signature(r, caller, body, now_ms)) return {};
  caller.verdict = caller.advertiser->active() ? EventCaller::Verdict::known : EventCaller::Verdict::inactive;
  return caller;
}

}  // namespace tributary
