#include "core/visitor/asked_headers.h"

#include <string>

#include "core/base/cmocka.h"

// proves: A46
namespace tributary {
namespace {

void every_header_is_noted_once_and_found_again(void**) {
  AskedHeaders headers;
  assert_text(headers.text(), "");
  assert_true(headers.note("x-requested-with", "com.example.app"));
  assert_true(headers.note("x-app", "7: beta"));
  assert_true(headers.note("x-requested-with", "com.example.app"));
  assert_text(headers.text(), "x-requested-with: com.example.app\nx-app: 7: beta\n");
  assert_text(asked_header(headers.text(), "x-app"), "7: beta");
  assert_text(asked_header(headers.text(), "x-requested-with"), "com.example.app");
}

void a_name_is_not_found_in_a_value_or_in_a_longer_name(void**) {
  const std::string_view headers = "x-long-name: x-app: 1\nother: 2\n";
  assert_text(asked_header(headers, "x-app"), "");
  assert_text(asked_header(headers, "x-long"), "");
  assert_text(asked_header(headers, "long-name"), "");
  assert_text(asked_header("", "x-app"), "");
  assert_text(asked_header("x-app", "x-app"), "");
}

void a_long_value_is_cut_and_says_so(void**) {
  AskedHeaders headers;
  assert_true(headers.note("whole", std::string(kMaxAskedHeaderValue, 'a')));
  assert_false(headers.note("cut", std::string(kMaxAskedHeaderValue + 1, 'b')));
  assert_text(asked_header(headers.text(), "cut"), std::string(kMaxAskedHeaderValue, 'b'));
}

void what_does_not_fit_is_left_out_whole(void**) {
  AskedHeaders headers;
  const std::string value(kMaxAskedHeaderValue, 'v');
  for (char name = 'a'; name < 'd'; ++name) {
    assert_true(headers.note({&name, 1}, value));
  }
  assert_false(headers.note("d", value));
  assert_text(asked_header(headers.text(), "d"), "");
  assert_true(headers.note("e", "there is room for a short one"));
  assert_true(headers.text().size() <= kMaxAskedHeaders);
}

void a_line_end_in_a_value_begins_no_other_header(void**) {
  AskedHeaders headers;
  assert_false(headers.note("x-app", "1\nx-requested-with: com.forged"));
  assert_text(asked_header(headers.text(), "x-requested-with"), "");
  assert_text(asked_header(headers.text(), "x-app"), "1");
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_header_is_noted_once_and_found_again),
      cmocka_unit_test(a_name_is_not_found_in_a_value_or_in_a_longer_name),
      cmocka_unit_test(a_long_value_is_cut_and_says_so),
      cmocka_unit_test(what_does_not_fit_is_left_out_whole),
      cmocka_unit_test(a_line_end_in_a_value_begins_no_other_header),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
