#include "ngx_module/text/redact.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void the_secret_of_the_path_is_replaced(void**) {
  assert_text(redact_uri("/postback/net/s3cret?click_id=1", "s3cret"), "/postback/net/***?click_id=1");
  assert_text(redact_uri("/postback/net/s3cret", "s3cret"), "/postback/net/***");
}

void an_encoded_secret_of_the_path_is_replaced(void**) {
  assert_text(redact_uri("/postback/net/s%33cret", "s3cret"), "/postback/net/***");
}

void a_plus_an_encoded_slash_or_a_fragment_hide_no_secret_of_the_path(void**) {
  assert_text(redact_uri("/postback/net/a+b?c=1", "a+b"), "/postback/net/***?c=1");
  assert_text(redact_uri("/postback/net/a%2Bb", "a+b"), "/postback/net/***");
  assert_text(redact_uri("/postback/net/a+b%2Fx?c=1", "a+b"), "/postback/net/***?c=1");
  assert_text(redact_uri("/postback/net%2Fa+b?c=1", "a+b"), "/postback/***?c=1");
  assert_text(redact_uri("/postback/net/a+b#x?c=1", "a+b"), "/postback/net/***?c=1");
}

void secret_parameters_are_replaced_wherever_they_stand(void**) {
  assert_text(redact_uri("/p/net?token=a&click_id=1&secret=b", ""), "/p/net?token=***&click_id=1&secret=***");
  assert_text(redact_form("secret=b"), "secret=***");
}

void an_encoded_name_hides_nothing(void**) {
  assert_text(redact_form("t%6fken=abc&a=b"), "t%6fken=***&a=b");
}

void a_repeated_secret_is_replaced_each_time(void**) {
  assert_text(redact_form("token=a&token=b"), "token=***&token=***");
}

void everything_else_stays_as_it_was_sent(void**) {
  assert_text(redact_uri("/p/net?a=%20&&b&=c&tokens=1", ""), "/p/net?a=%20&&b&=c&tokens=1");
  assert_text(redact_uri("", ""), "");
}

void a_json_body_without_secrets_stays_as_it_was_sent(void**) {
  const QueryParameter parameters[] = {{"payout", "1.10", true}};
  assert_text(redact_json(R"({ "payout": 1.10 })", parameters), R"({ "payout": 1.10 })");
}

void secrets_of_a_json_body_are_replaced(void**) {
  const QueryParameter parameters[] = {{"payout", "1.10", true}, {"token", "a\"b", true}};
  assert_text(redact_json(R"({"payout":1.10,"token":"a\"b"})", parameters), R"({"payout":"1.10","token":"***"})");
}

void of_a_body_that_cannot_be_read_only_size_and_hash_are_told(void**) {
  assert_text(describe_unreadable("abc", "not JSON at byte 0"),
              R"({"unreadable":"not JSON at byte 0","bytes":3,)"
              R"("sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_secret_of_the_path_is_replaced),
      cmocka_unit_test(an_encoded_secret_of_the_path_is_replaced),
      cmocka_unit_test(a_plus_an_encoded_slash_or_a_fragment_hide_no_secret_of_the_path),
      cmocka_unit_test(secret_parameters_are_replaced_wherever_they_stand),
      cmocka_unit_test(an_encoded_name_hides_nothing),
      cmocka_unit_test(a_repeated_secret_is_replaced_each_time),
      cmocka_unit_test(a_json_body_without_secrets_stays_as_it_was_sent),
      cmocka_unit_test(secrets_of_a_json_body_are_replaced),
      cmocka_unit_test(of_a_body_that_cannot_be_read_only_size_and_hash_are_told),
      cmocka_unit_test(everything_else_stays_as_it_was_sent),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
