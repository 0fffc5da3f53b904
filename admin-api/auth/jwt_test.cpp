#include "admin-api/auth/jwt.h"

#include <sodium.h>

#include <stdexcept>

#include "admin-api/text/base64url.h"
#include "core/base/cmocka.h"

namespace {

using namespace tributary::admin;

constexpr std::int64_t kNow = 1'800'000'000;
const std::string kSecret(32, 's');

std::string valid_token(std::int64_t issued = kNow, std::int64_t expires = kNow + 60) {
  return JwtSigner(kSecret).sign({"user-1", "session-1", issued, expires});
}

// Signs any header and payload with the right secret, as somebody who found a confusion would.
std::string forge(const std::string& header, const std::string& payload) {
  const auto text = base64url_encode(header) + "." + base64url_encode(payload);
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256(mac, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                         reinterpret_cast<const unsigned char*>(kSecret.data()));
  return text + "." + base64url_encode({reinterpret_cast<char*>(mac), sizeof mac});
}

bool accepted(const std::string& token, std::int64_t now = kNow) {
  return JwtSigner(kSecret).verify(token, now).has_value();
}

const std::string kClaims =
    R"({"iss":"tributary","aud":"tributary-admin","sub":"u","sid":"s","iat":1800000000,"exp":1800000060})";
const std::string kPlainHeader = R"({"alg":"HS256","typ":"JWT"})";

void a_signed_token_is_read_back(void**) {
  const auto claims = JwtSigner(kSecret).verify(valid_token(), kNow);
  assert_true(claims.has_value());
  assert_text(claims->user, "user-1");
  assert_text(claims->session, "session-1");
  assert_true(accepted(forge(kPlainHeader, kClaims)));
}

// proves: F66
void no_header_but_ours_is_accepted(void**) {
  for (const char* header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"RS256","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})",
        R"({"alg":"HS256","typ":"JWT","kid":"../../etc/passwd"})", R"({"alg":"HS256","typ":"JWT","jku":"http://x"})"}) {
    assert_false(accepted(forge(header, kClaims)));
  }
  const auto token = valid_token();
  assert_false(accepted(token.substr(0, token.rfind('.') + 1)));
  assert_false(accepted(token.substr(0, token.rfind('.'))));
}

void expired_future_and_foreign_tokens_are_refused(void**) {
  assert_false(accepted(valid_token(kNow - 100, kNow)));
  assert_false(accepted(valid_token(kNow + 61, kNow + 500)));
  assert_false(JwtSigner(std::string(32, 'x')).verify(valid_token(), kNow).has_value());
  assert_false(accepted(forge(
      kPlainHeader, R"({"iss":"tributary","aud":"other","sub":"u","sid":"s","iat":1800000000,"exp":1800000060})")));
  assert_false(accepted(forge(kPlainHeader, "[]")));
  assert_false(accepted(forge(kPlainHeader, R"({"iss":"tributary","iss":"tributary"})")));
}

void every_flipped_character_is_noticed(void**) {
  const auto token = valid_token();
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    assert_false(accepted(changed));
  }
}

void a_short_secret_is_refused(void**) {
  try {
    JwtSigner signer("short");
    fail_msg("a short secret was taken");
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

int main() {
  if (sodium_init() < 0) return 1;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_signed_token_is_read_back),
      cmocka_unit_test(no_header_but_ours_is_accepted),
      cmocka_unit_test(expired_future_and_foreign_tokens_are_refused),
      cmocka_unit_test(every_flipped_character_is_noticed),
      cmocka_unit_test(a_short_secret_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
