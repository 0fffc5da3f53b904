#include "core/request/campaign_cost.h"

#include "core/base/cmocka.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/test_build.h"

using namespace tributary;

namespace {

constexpr CampaignCost kCost{50'000, "EUR", "KZT"};

Tracking tracking(std::int64_t cost_micros, std::string_view currency) {
  Tracking made;
  made.cost_micros = cost_micros;
  made.currency = currency;
  return made;
}

void a_visit_without_cost_takes_that_of_the_campaign(void**) {
  Tracking visit = tracking(0, "");
  apply_campaign_cost(visit, kCost);
  assert_int_equal(visit.cost_micros, 50'000);
  assert_text(visit.currency, "EUR");
}

void a_cost_in_the_query_stays(void**) {
  Tracking visit = tracking(70'000, "GBP");
  apply_campaign_cost(visit, kCost);
  assert_int_equal(visit.cost_micros, 70'000);
  assert_text(visit.currency, "GBP");
}

void a_cost_without_currency_is_in_that_of_the_source(void**) {
  Tracking visit = tracking(70'000, "");
  apply_campaign_cost(visit, kCost);
  assert_int_equal(visit.cost_micros, 70'000);
  assert_text(visit.currency, "KZT");
}

void a_currency_alone_does_not_rename_the_cost_of_the_campaign(void**) {
  Tracking visit = tracking(0, "GBP");
  apply_campaign_cost(visit, kCost);
  assert_text(visit.currency, "EUR");
}

// Of campaign 1 with a source that has no names of its own.
std::string query_currency(std::string source_currency) {
  auto input = sample_snapshot({.campaigns = 1});
  input.sources = {{7, {}, std::move(source_currency)}};
  input.campaigns[0].source = 7;
  const auto bytes = testing::build(input);
  return std::string(cost_of(*testing::view_of(bytes)->find_campaign(1)).query_currency);
}

// proves: A35
void a_source_without_a_currency_leaves_it_to_the_campaign(void**) {
  assert_text(query_currency("KZT"), "KZT");
  assert_text(query_currency(""), "USD");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_visit_without_cost_takes_that_of_the_campaign),
      cmocka_unit_test(a_cost_in_the_query_stays),
      cmocka_unit_test(a_cost_without_currency_is_in_that_of_the_source),
      cmocka_unit_test(a_source_without_a_currency_leaves_it_to_the_campaign),
      cmocka_unit_test(a_currency_alone_does_not_rename_the_cost_of_the_campaign),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
