#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Access tokens: JWT with one fixed algorithm, HS256. The header is a constant that is compared as a whole, so nothing
// in a token can choose how it is verified (no `alg`, `kid`, `jku`); the MAC is checked in constant time before
// anything of the payload is read.
namespace tributary::admin {

struct AccessClaims {
  std::string user;     // uuid
  std::string session;  // uuid of the refresh-token family
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;
};

class JwtSigner {
 public:
  // The secret must have at least 32 bytes; throws std::invalid_argument otherwise.
  explicit JwtSigner(std::string secret);
  ~JwtSigner();  // wipes the secret
  JwtSigner(const JwtSigner&) = delete;
  JwtSigner& operator=(const JwtSigner&) = delete;

  std::string sign(const AccessClaims& claims) const;
  // Empty for whatever is malformed, forged, expired, issued in the future, or for another issuer or audience.
  std::optional<AccessClaims> verify(std::string_view token, std::int64_t now_s) const;

 private:
  std::string mac(std::string_view signed_part) const;
  std::string secret_;
};

}  // namespace tributary::admin
