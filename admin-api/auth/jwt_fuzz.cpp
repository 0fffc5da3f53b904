#include <sodium.h>

#include <cstdlib>

#include "admin-api/auth/jwt.h"
#include "admin-api/text/base64url.h"

// Two ways in: the bytes as a token, and the bytes as the payload of a token with a right signature.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int initialised = sodium_init();
  static const std::string secret(32, 's');
  static const tributary::admin::JwtSigner signer(secret);
  if (initialised < 0) std::abort();

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (signer.verify(text, 0)) std::abort();  // nobody finds a signature by chance

  const auto part = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + tributary::admin::base64url_encode(text);
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256(mac, reinterpret_cast<const unsigned char*>(part.data()), part.size(),
                         reinterpret_cast<const unsigned char*>(secret.data()));
  const std::string_view mac_text(reinterpret_cast<char*>(mac), sizeof mac);
  (void)signer.verify(part + "." + tributary::admin::base64url_encode(mac_text), 1);
  return 0;
}
