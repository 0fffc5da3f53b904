#include "platform/log/log.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

void text_lines_quote_only_what_needs_it(void**) {
  const std::string line = log::render_text("batch stored", {{"rows", 7}, {"journal", "ab"}, {"why", "two words"}});
  assert_string_equal(line.c_str(), "batch stored rows=7 journal=ab why=\"two words\"");
}

void json_lines_are_members(void**) {
  const std::string line = log::render_json("batch \"x\"", {{"rows", 7}, {"live", true}, {"path", "C:\\d"}});
  assert_string_equal(line.c_str(), R"("message":"batch \"x\"","rows":7,"live":true,"path":"C:\\d")");
}

void a_value_cannot_start_a_line(void**) {
  const std::string line = log::render_text("refused", {{"agent", "a\nb\x1b[31m"}});
  assert_string_equal(line.c_str(), "refused agent=a\\u000ab\\u001b[31m");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(text_lines_quote_only_what_needs_it),
      cmocka_unit_test(json_lines_are_members),
      cmocka_unit_test(a_value_cannot_start_a_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
