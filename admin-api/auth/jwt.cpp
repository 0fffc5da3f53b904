#include "admin-api/auth/jwt.h"

#include <sodium.h>

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "admin-api/json/strict_json.h"
#include "admin-api/text/base64url.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTokenLength = 2048;
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";  // {"alg":"HS256","typ":"JWT"}
constexpr const char* kIssuer = "tributary";
constexpr const char* kAudience = "tributary-admin";

const std::string* text_claim(const json::object& claims, const char* name, std::string& out) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_string()) return nullptr;
  out.assign(value->get_string().data(), value->get_string().size());
  return &out;
}

bool time_claim(const json::object& claims, const char* name, std::int64_t& out) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_int64()) return false;
  out = value->get_int64();
  return true;
}

std::optional<AccessClaims> read_claims(std::string_view payload) {
  json::value document;
  try {
    document = parse_strict(payload);
  } catch (const JsonError&) {
    return std::nullopt;
  }
  const auto* claims = document.if_object();
  if (claims == nullptr) return std::nullopt;
  AccessClaims read;
  std::string issuer, audience;
  const bool complete = text_claim(*claims, "iss", issuer) && text_claim(*claims, "aud", audience) &&
                        text_claim(*claims, "sub", read.user) && text_claim(*claims, "sid", read.session) &&
                        time_claim(*claims, "iat", read.issued_s) && time_claim(*claims, "exp", read.expires_s);
  if (!complete || issuer != kIssuer || audience != kAudience) return std::nullopt;
  return read;
}

}  // namespace

JwtSigner::JwtSigner(std::string secret) : secret_(std::move(secret)) {
  if (secret_.size() < 32) throw std::invalid_argument("the secret of access tokens has fewer than 32 bytes");
}

JwtSigner::~JwtSigner() {
  sodium_memzero(secret_.data(), secret_.size());
}

std::string JwtSigner::mac(std::string_view signed_part) const {
  crypto_auth_hmacsha256_state state;
  std::string out(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret_.data()), secret_.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string JwtSigner::sign(const AccessClaims& claims) const {
  const json::object payload{{"iss", kIssuer},        {"aud", kAudience},       {"sub", claims.user},
                             {"sid", claims.session}, {"iat", claims.issued_s}, {"exp", claims.expires_s}};
  std::string token = std::string(kHeader) + "." + base64url_encode(json::serialize(payload));
  return token + "." + base64url_encode(mac(token));
}

std::optional<AccessClaims> JwtSigner::verify(std::string_view token, std::int64_t now_s) const {
  if (token.size() > kMaxTokenLength) return std::nullopt;
  const auto last_dot = token.rfind('.');
  if (last_dot == std::string_view::npos || last_dot <= kHeader.size()) return std::nullopt;
  const auto signed_part = token.substr(0, last_dot);
  if (!signed_part.starts_with(kHeader) || signed_part[kHeader.size()] != '.') return std::nullopt;

  const auto signature = base64url_decode(token.substr(last_dot + 1));
  const auto expected = mac(signed_part);
  if (!signature || signature->size() != expected.size()) return std::nullopt;
  if (sodium_memcmp(signature->data(), expected.data(), expected.size()) != 0) return std::nullopt;

  const auto payload = base64url_decode(signed_part.substr(kHeader.size() + 1));
  if (!payload) return std::nullopt;
  auto claims = read_claims(*payload);
  if (!claims || claims->expires_s <= now_s || claims->issued_s > now_s + 60) return std::nullopt;
  return claims;
}

}  // namespace tributary::admin
