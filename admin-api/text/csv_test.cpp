#include "admin-api/text/csv.h"

#include "core/base/cmocka.h"

// proves: C51

namespace tributary::admin {
namespace {

void a_cell_is_never_a_formula_and_comes_back_as_it_was(void**) {
  assert_true(csv_cell("ANNA-10") == "ANNA-10");
  assert_true(csv_cell("=1+1") == "'=1+1");
  assert_true(csv_cell("a,b\"c") == "\"a,b\"\"c\"");
  for (const std::string_view text : {"=HYPERLINK(1)", "+1", "-1", "@x", "plain", "a\nb", "'", "'a", "a\"b,c", ""}) {
    const auto rows = parse_csv("x," + csv_cell(text) + "\r\n");
    assert_true(rows.has_value());
    assert_int_equal(rows->size(), 1);
    assert_true(rows->front() == CsvRow({"x", std::string(text)}));
  }
}

void rows_end_as_files_of_any_system_end_them(void**) {
  const std::vector<CsvRow> expected{{"a", "b"}, {"c", ""}, {"", "d"}};
  for (const char* text : {"a,b\nc,\n,d",
                           "\xef\xbb\xbf"
                           "a,b\r\nc,\r\n\r\n,d\r\n",
                           "\"a\",b\nc,\"\"\n\n,\"d\"\n"}) {
    assert_true(parse_csv(text) == expected);
  }
  assert_true(parse_csv("a,") == std::vector<CsvRow>({{"a", ""}}));
  assert_true(parse_csv("")->empty());
}

void a_quote_in_the_wrong_place_is_refused(void**) {
  for (const char* text : {"\"a", "a\"b", "\"a\"b,c", "a,\"b\n"}) {
    assert_false(parse_csv(text).has_value());
  }
}

}  // namespace
}  // namespace tributary::admin

int main() {
  using namespace tributary::admin;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_cell_is_never_a_formula_and_comes_back_as_it_was),
      cmocka_unit_test(rows_end_as_files_of_any_system_end_them),
      cmocka_unit_test(a_quote_in_the_wrong_place_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
