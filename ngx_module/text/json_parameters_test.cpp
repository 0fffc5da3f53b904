#include "ngx_module/text/json_parameters.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

std::string form_of(std::string_view body) {
  const auto read = read_json_parameters(body);
  return read ? read->form : "refused: " + read.error();
}

void members_become_parameters_in_their_order(void**) {
  assert_text(form_of(R"({"click_id":"abc","status":"sale"})"), "click_id=abc&status=sale");
}

void numbers_keep_the_digits_that_were_sent(void**) {
  assert_text(form_of(R"({"payout":2.50,"n":-7,"big":12345678901234567890})"),
              "payout=2.50&n=-7&big=12345678901234567890");
}

void values_cannot_forge_other_parameters(void**) {
  assert_text(form_of(R"({"a":"1&b=2+3%20","c=d":"e"})"), "a=1%26b%3D2%2B3%2520&c%3Dd=e");
}

void literals_are_ones_and_zeros_and_null_is_absent(void**) {
  assert_text(form_of(R"({"a":true,"b":false,"c":null})"), "a=1&b=0");
}

void escapes_are_decoded_once(void**) {
  assert_text(form_of(R"({"a":"\u00e9\n"})"), "a=%C3%A9%0A");
}

void what_is_no_flat_object_is_refused(void**) {
  for (const char* body :
       {"[]", "7", "\"x\"", R"({"a":{"b":1}})", R"({"a":[1]})", R"({"a":1} x)", R"({"a":)", "", "{}{}"}) {
    assert_false(read_json_parameters(body).ok());
  }
}

void secrets_are_not_stored(void**) {
  const auto read = read_json_parameters(R"({"token":"abc","secret":"x","payout":1.10,"note":"a\"b"})");
  assert_true(read.ok());
  assert_text(read->redacted, R"({"token":"***","secret":"***","payout":1.10,"note":"a\"b"})");
  assert_text(read->form, "token=abc&secret=x&payout=1.10&note=a%22b");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(members_become_parameters_in_their_order),
      cmocka_unit_test(numbers_keep_the_digits_that_were_sent),
      cmocka_unit_test(values_cannot_forge_other_parameters),
      cmocka_unit_test(literals_are_ones_and_zeros_and_null_is_absent),
      cmocka_unit_test(escapes_are_decoded_once),
      cmocka_unit_test(what_is_no_flat_object_is_refused),
      cmocka_unit_test(secrets_are_not_stored),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
