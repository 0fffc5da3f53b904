#include "platform/http/router.h"

#include "core/base/cmocka.h"
#include "platform/http/message.h"

namespace {

using namespace tributary::http;

void a_literal_segment_wins_over_a_variable_one(void**) {
  Router router;
  router.add("GET", "/users/{id}");
  router.add("GET", "/users/me");
  assert_int_equal(router.find("GET", "/users/me").route, 1);
  const auto match = router.find("GET", "/users/7");
  assert_int_equal(match.route, 0);
  assert_string_equal(match.parameters.at(0).c_str(), "7");
}

void another_method_is_told_which_are_allowed(void**) {
  Router router;
  router.add("PATCH", "/a/{id}");
  router.add("GET", "/a/{id}");
  const auto match = router.find("PUT", "/a/1");
  assert_true(match.outcome == RouteMatch::Outcome::other_method);
  assert_string_equal(match.allow.c_str(), "GET, PATCH");
  assert_true(router.find("HEAD", "/a/1").outcome == RouteMatch::Outcome::found);
}

void an_empty_segment_is_no_value(void**) {
  Router router;
  router.add("GET", "/a/{id}");
  assert_true(router.find("GET", "/a/").outcome == RouteMatch::Outcome::no_such_path);
  assert_true(router.find("GET", "/a/1/").outcome == RouteMatch::Outcome::no_such_path);
}

void a_query_is_decoded_once_and_bounded(void**) {
  std::vector<std::pair<std::string, std::string>> out;
  assert_true(parse_query("a=1+2&b=%2541&c", 3, out));
  assert_string_equal(out[0].second.c_str(), "1 2");
  assert_string_equal(out[1].second.c_str(), "%41");
  out.clear();
  assert_false(parse_query("a=1&b=2", 1, out));
  assert_false(parse_query("a=%4", 1, out));
  assert_false(parse_query("a=%00", 9, out));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_literal_segment_wins_over_a_variable_one),
      cmocka_unit_test(another_method_is_told_which_are_allowed),
      cmocka_unit_test(an_empty_segment_is_no_value),
      cmocka_unit_test(a_query_is_decoded_once_and_bounded),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
