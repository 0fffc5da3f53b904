#include "core/postback/call_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <schema/snapshot_generated.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "core/base/ascii.h"
#include "core/snapshot/format.h"

namespace tributary {
namespace {

constexpr std::size_t kMaxDigest = 32;
constexpr std::size_t kMaxTimeDigits = 12;
constexpr std::size_t kMaxSignatureText = 256;  // of one that stands in a parameter

struct Digest {
  std::array<std::uint8_t, kMaxDigest> bytes{};
  std::size_t size = 0;
};

std::string_view view_of(const flatbuffers::String* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

const EVP_MD* algorithm(fbs::SignatureHash hash) noexcept {
  switch (hash) {
    case fbs::SignatureHash::Sha1: return EVP_sha1();
    case fbs::SignatureHash::Md5: return EVP_md5();
    default: return EVP_sha256();
  }
}

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest keyed(fbs::SignatureHash hash, std::string_view secret, std::string_view message) noexcept {
  Digest digest;
  unsigned size = 0;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  const bool done = HMAC(algorithm(hash), secret.data(), static_cast<int>(secret.size()), bytes_of(message),
                         message.size(), out.data(), &size) != nullptr;
  if (!done || size > digest.bytes.size()) return digest;
  digest.size = size;
  std::copy_n(out.begin(), size, digest.bytes.begin());
  return digest;
}

Digest plain(fbs::SignatureHash hash, std::string_view message) noexcept {
  Digest digest;
  unsigned size = 0;
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  const bool done = EVP_Digest(message.data(), message.size(), out.data(), &size, algorithm(hash), nullptr) == 1;
  if (!done || size > digest.bytes.size()) return digest;
  digest.size = size;
  std::copy_n(out.begin(), size, digest.bytes.begin());
  return digest;
}

// Hex or base64: their lengths tell them apart. In a query string a '+' of base64 has become a space, and some write
// the alphabet of URLs.
bool read_digest(std::string_view text, std::size_t size, Digest& digest) {
  std::size_t length = 0;
  digest.size = size;
  if (text.size() == 2 * size) {
    return sodium_hex2bin(digest.bytes.data(), digest.bytes.size(), text.data(), text.size(), nullptr, &length,
                          nullptr) == 0 &&
           length == size;
  }
  std::string base64(text.substr(0, text.find_last_not_of('=') + 1));
  std::replace(base64.begin(), base64.end(), ' ', '+');
  std::replace(base64.begin(), base64.end(), '-', '+');
  std::replace(base64.begin(), base64.end(), '_', '/');
  return sodium_base642bin(digest.bytes.data(), digest.bytes.size(), base64.data(), base64.size(), nullptr, &length,
                           nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
         length == size;
}

bool same(const Digest& a, const Digest& b) noexcept {
  return a.size != 0 && a.size == b.size && sodium_memcmp(a.bytes.data(), b.bytes.data(), a.size) == 0;
}

// Calls `check` with every secret that has not ended; true when any is right.
template <typename Check>
bool any_secret(const fbs::Network& network, std::uint64_t now_ms, Check check) {
  if (network.signature_secrets() == nullptr) return false;
  bool right = false;
  for (const fbs::SignatureSecret* item : *network.signature_secrets()) {
    if (item->valid_until_ms() != 0 && item->valid_until_ms() <= now_ms) continue;
    right |= check(std::string_view(reinterpret_cast<const char*>(item->secret()->data()), item->secret()->size()));
  }
  return right;
}

SignatureDigest sha256_of(std::string_view message) noexcept {
  SignatureDigest digest;
  crypto_hash_sha256(digest.data(), bytes_of(message), message.size());
  return digest;
}

bool is_fresh(std::string_view seconds, std::uint64_t now_ms, std::uint32_t tolerance_s) noexcept {
  EventSignature time;
  const auto read = std::from_chars(seconds.data(), seconds.data() + seconds.size(), time.time_s);
  const bool whole = read.ec == std::errc() && read.ptr == seconds.data() + seconds.size();
  return whole && seconds.size() <= kMaxTimeDigits && is_fresh(time, now_ms / 1000, tolerance_s);
}

std::string decoded(std::string_view text, bool already) {
  std::string buffer(text.size(), '\0');
  return std::string(already ? text : decode_component(text, buffer));
}

using Parameters = std::span<const QueryParameter>;

// The value, decoded, of the one parameter of that name. Nothing when there are two: which of them was signed?
std::optional<std::string> only_value(Parameters parameters, std::string_view name) {
  std::optional<std::string> value;
  for (const QueryParameter& parameter : parameters) {
    if (!ascii::equal_ignoring_case(decoded(parameter.name, parameter.decoded), name)) continue;
    if (value) return std::nullopt;
    value = decoded(parameter.value, parameter.decoded);
  }
  return value;
}

const QueryParameter* find(Parameters parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const QueryParameter& parameter) {
    return ascii::equal_ignoring_case(decoded(parameter.name, parameter.decoded), name);
  });
  return found == parameters.end() ? nullptr : &*found;
}

void append_pair(std::string& out, const QueryParameter& parameter) {
  if (!out.empty()) out += '&';
  out.append(parameter.name).append("=").append(parameter.value);
}

// "a=1&b=2", still encoded, without the signature. Nothing when a parameter that must be there is not.
std::optional<std::string> query_message(const fbs::CallSignature& rules, Parameters query) {
  std::string message;
  if (rules.parameters() != nullptr && rules.parameters()->size() != 0) {
    for (const flatbuffers::String* name : *rules.parameters()) {
      if (!only_value(query, view_of(name))) return std::nullopt;
      append_pair(message, *find(query, view_of(name)));
    }
    return message;
  }
  std::vector<QueryParameter> sorted;
  for (const QueryParameter& parameter : query) {
    const bool carrier = ascii::equal_ignoring_case(decoded(parameter.name, false), view_of(rules.carrier()));
    if (!carrier) sorted.push_back(parameter);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const QueryParameter& parameter : sorted) append_pair(message, parameter);
  return message;
}

struct SignedText {
  std::string message;
  std::string identity;  // the same for the same call only
};

// Nothing stands between the values: (100, 15.00) is signed like (1001, 5.00), and is another call.
std::optional<SignedText> values_text(const fbs::CallSignature& rules, Parameters parameters) {
  SignedText text;
  if (rules.parameters() == nullptr) return std::nullopt;
  for (const flatbuffers::String* name : *rules.parameters()) {
    const auto value = only_value(parameters, view_of(name));
    if (!value) return std::nullopt;
    text.message += *value;
    text.identity.append(std::to_string(value->size())).append(":").append(*value);
  }
  return text;
}

std::optional<SignedText> query_text(const fbs::CallSignature& rules, Parameters query) {
  auto message = query_message(rules, query);
  if (!message) return std::nullopt;
  return SignedText{*message, *message};
}

// A signature in a parameter, over the query string or over values.
std::optional<SignatureDigest> check_parameter(const fbs::Network& network, const SignedCall& call,
                                               std::uint64_t now_ms) {
  const fbs::CallSignature& rules = *network.signature();
  const bool values = rules.scheme() == fbs::SignatureScheme::Fields;
  const Parameters covered = values ? call.parameters : call.parameters.first(call.query_count);
  const auto given = only_value(covered, view_of(rules.carrier()));
  const auto text = values ? values_text(rules, covered) : query_text(rules, covered);
  if (!given || given->size() > kMaxSignatureText || !text) return std::nullopt;
  const bool right = any_secret(network, now_ms, [&](std::string_view secret) {
    const Digest own =
        values ? plain(rules.hash(), text->message + std::string(secret)) : keyed(rules.hash(), secret, text->message);
    Digest theirs;
    return read_digest(*given, own.size, theirs) && same(own, theirs);
  });
  if (!right) return std::nullopt;
  if (!view_of(rules.time()).empty()) {
    const auto time = only_value(covered, view_of(rules.time()));
    if (!time || !is_fresh(*time, now_ms, rules.tolerance_s())) return std::nullopt;
  }
  return sha256_of(text->identity);
}

// "sha256=…" as GitHub has it, or the bare digest.
std::string_view without_algorithm(std::string_view header) noexcept {
  for (const std::string_view prefix : {"sha256=", "sha1=", "md5="}) {
    if (header.starts_with(prefix)) return header.substr(prefix.size());
  }
  return header;
}

std::optional<SignatureDigest> check_body(const fbs::Network& network, const SignedCall& call, std::uint64_t now_ms) {
  if (call.header.size() > kMaxSignatureHeader) return std::nullopt;
  const std::string_view given = without_algorithm(ascii::trim(call.header));
  const bool right = any_secret(network, now_ms, [&](std::string_view secret) {
    const Digest own = keyed(network.signature()->hash(), secret, call.body);
    Digest theirs;
    return read_digest(given, own.size, theirs) && same(own, theirs);
  });
  return right ? std::optional(sha256_of(call.body)) : std::nullopt;
}

std::optional<SignatureDigest> check_timed_body(const fbs::Network& network, const SignedCall& call,
                                                std::uint64_t now_ms) {
  const auto signature = parse_event_signature(call.header);
  if (!signature) return std::nullopt;
  const bool right = any_secret(network, now_ms, [&](std::string_view secret) {
    return has_digest(*signature, sign_event(secret, signature->time_text, call.body));
  });
  const bool fresh = is_fresh(*signature, now_ms / 1000, network.signature()->tolerance_s());
  return right && fresh ? std::optional(sign_event({}, signature->time_text, call.body)) : std::nullopt;
}

// "v1,<base64> v1,<base64>"; what has another name is passed over.
bool has_webhook_digest(std::string_view header, const Digest& own) {
  bool right = false;
  for (std::size_t i = 0; i < kMaxSignatures && !header.empty(); ++i) {
    const std::size_t space = std::min(header.find(' '), header.size());
    const std::string_view part = header.substr(0, space);
    Digest theirs;
    if (part.starts_with("v1,") && read_digest(part.substr(3), own.size, theirs)) right |= same(own, theirs);
    header.remove_prefix(std::min(space + 1, header.size()));
  }
  return right;
}

// "whsec_<base64>" holds the bytes of the key.
std::string webhook_key(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return std::string(secret);
  secret.remove_prefix(kPrefix.size());
  secret = secret.substr(0, secret.find_last_not_of('=') + 1);
  std::string key(secret.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), secret.data(), secret.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    length = 0;
  }
  return key.substr(0, length);
}

std::optional<SignatureDigest> check_webhook(const fbs::Network& network, const SignedCall& call,
                                             std::uint64_t now_ms) {
  const bool fits = call.header.size() <= kMaxSignatureHeader && call.webhook_id.size() <= kMaxSignatureHeader;
  if (!fits || !is_fresh(call.webhook_time, now_ms, network.signature()->tolerance_s())) return std::nullopt;
  std::string message(call.webhook_id);
  message.append(".").append(call.webhook_time).append(".").append(call.body);
  const bool right = any_secret(network, now_ms, [&](std::string_view secret) {
    const std::string key = webhook_key(secret);
    return !key.empty() && has_webhook_digest(call.header, keyed(fbs::SignatureHash::Sha256, key, message));
  });
  // Sent again it has the same id and another time.
  return right ? std::optional(sha256_of(std::string(call.webhook_id).append(".").append(call.body))) : std::nullopt;
}

}  // namespace

std::string_view signature_header(const fbs::CallSignature& rules) noexcept {
  const bool parameter =
      rules.scheme() == fbs::SignatureScheme::Query || rules.scheme() == fbs::SignatureScheme::Fields;
  return parameter ? std::string_view() : view_of(rules.carrier());
}

std::optional<SignatureDigest> check_call_signature(const fbs::Network& network, const SignedCall& call,
                                                    std::uint64_t now_ms) {
  if (network.signature() == nullptr) return std::nullopt;
  switch (network.signature()->scheme()) {
    case fbs::SignatureScheme::Query:
    case fbs::SignatureScheme::Fields: return check_parameter(network, call, now_ms);
    case fbs::SignatureScheme::Body: return check_body(network, call, now_ms);
    case fbs::SignatureScheme::TimedBody: return check_timed_body(network, call, now_ms);
    case fbs::SignatureScheme::Webhook: return check_webhook(network, call, now_ms);
  }
  return std::nullopt;
}

std::size_t keep_signed(const fbs::Network& network, std::span<QueryParameter> parameters,
                        std::size_t query_count) noexcept {
  const fbs::CallSignature* rules = network.signature();
  if (network.auth() != fbs::PostbackAuth::Hmac || rules == nullptr) return parameters.size();
  const bool in_query = rules->scheme() == fbs::SignatureScheme::Query;
  const bool anywhere = rules->scheme() == fbs::SignatureScheme::Fields;
  const bool listed = rules->parameters() != nullptr && rules->parameters()->size() != 0 && (in_query || anywhere);
  const auto is_listed = [&](const QueryParameter& parameter) {
    std::array<char, kMaxSignatureCarrier> buffer;
    const std::string_view name = parameter.decoded ? parameter.name : decode_component(parameter.name, buffer);
    return std::any_of(rules->parameters()->begin(), rules->parameters()->end(),
                       [&](const flatbuffers::String* own) { return ascii::equal_ignoring_case(view_of(own), name); });
  };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const bool in_signed_part = anywhere || (i < query_count) == in_query;
    if (in_signed_part && (!listed || is_listed(parameters[i]))) parameters[kept++] = parameters[i];
  }
  return kept;
}

}  // namespace tributary
