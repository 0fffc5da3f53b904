#include "admin-api/health/health_state.h"

#include <string_view>

#include "admin-api/health/probe.h"
#include "core/base/cmocka.h"

using namespace tributary::admin;

namespace {

// '+' is a check that passed, '-' one that failed. Returns u or d after each.
std::string states_after(std::string_view checks, const HealthRules& rules) {
  std::string states;
  HealthState state;
  for (const char check : checks) {
    state = state.after(check == '+', rules);
    states += state.healthy ? 'u' : 'd';
  }
  return states;
}

void expect(std::string_view checks, const HealthRules& rules, std::string_view states) {
  tributary::testing::expect_text(states_after(checks, rules), states, __FILE__, __LINE__);
}

// proves: A43
void as_many_failures_in_a_row_as_the_rule_says_take_it_down(void**) {
  expect("---+++", {3, 2}, "uudduu");
  expect("--+--+--", {3, 2}, "uuuuuuuu");
  expect("-", {1, 1}, "d");
}

void as_many_successes_in_a_row_bring_it_back(void**) {
  expect("--+-++", {2, 2}, "uddddu");
  expect("-+-+", {1, 1}, "dudu");
  expect("-++-+++", {1, 3}, "ddddddu");
}

void the_url_of_a_destination_is_asked_without_its_macros(void**) {
  const auto probe = probe_url("https://shop.example:8443/a?cid={click_id}&x=1&s={sub_id_3:lower}#f");
  assert_true(probe.has_value());
  assert_string_equal(probe->url.c_str(), "https://shop.example:8443/a?cid=&x=1&s=#f");
  assert_string_equal(probe->host.c_str(), "shop.example:8443");
  assert_string_equal(probe_url("http://User@SHOP.example?x")->host.c_str(), "shop.example");
  assert_false(probe_url("ftp://shop.example/").has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(as_many_failures_in_a_row_as_the_rule_says_take_it_down),
      cmocka_unit_test(as_many_successes_in_a_row_bring_it_back),
      cmocka_unit_test(the_url_of_a_destination_is_asked_without_its_macros),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
