#include "admin-api/json/strict_json.h"

#include "core/base/cmocka.h"

namespace {

using namespace tributary::admin;

bool refused(std::string_view text, const char* why = "") {
  try {
    parse_strict(text);
  } catch (const JsonError& error) {
    return std::string_view(error.what()).find(why) != std::string_view::npos && error.position <= text.size();
  }
  return false;
}

// proves: F60
void duplicate_keys_are_refused_at_every_depth(void**) {
  assert_true(refused(R"({"a":1,"a":2})", "\"a\" appears twice"));
  assert_true(refused(R"([{"b":{"a":1,"\u0061":2}}])", "appears twice"));
  parse_strict(R"({"a":{"a":1},"b":[{"a":2},{"a":3}]})");
}

void hostile_documents_are_refused(void**) {
  assert_true(refused(std::string(100'000, '[')));
  assert_true(refused("[1] [2]"));
  assert_true(refused("[NaN]"));
  assert_true(refused("[Infinity]"));
  assert_true(refused("[1e400]", "too large"));
  assert_true(refused("\xef\xbb\xbf[1]"));
  assert_true(refused(std::string_view("[\0\"\0a", 6)));
  assert_true(refused("[\"\xff\"]"));
  assert_true(refused("[\"a\\u0000b\"]", "NUL"));
  assert_true(refused("[1,]"));
  assert_true(refused("/**/[1]"));
  assert_true(refused(""));
  std::string many = "[0";
  for (std::size_t i = 0; i < kMaxJsonValues; ++i) many += ",0";
  assert_true(refused(many + "]"));
}

void integers_stay_exact(void**) {
  assert_int_equal(parse_strict("9007199254740993").as_int64(), 9007199254740993);
}

void text_is_quoted_with_its_control_characters(void**) {
  assert_text(quote_json("a\"\n"), "\"a\\\"\\n\"");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(duplicate_keys_are_refused_at_every_depth),
      cmocka_unit_test(hostile_documents_are_refused),
      cmocka_unit_test(integers_stay_exact),
      cmocka_unit_test(text_is_quoted_with_its_control_characters),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
