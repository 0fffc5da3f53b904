#include "core/request/campaign_cost.h"

#include "core/base/cmocka.h"

using namespace tributary;

namespace {

Tracking tracking(std::int64_t cost_micros, std::string_view currency) {
  Tracking made;
  made.cost_micros = cost_micros;
  made.currency = currency;
  return made;
}

void a_visit_without_cost_takes_that_of_the_campaign(void**) {
  Tracking visit = tracking(0, "");
  apply_campaign_cost(visit, 50'000, "EUR");
  assert_int_equal(visit.cost_micros, 50'000);
  assert_text(visit.currency, "EUR");
}

void a_cost_in_the_query_stays(void**) {
  Tracking visit = tracking(70'000, "GBP");
  apply_campaign_cost(visit, 50'000, "EUR");
  assert_int_equal(visit.cost_micros, 70'000);
  assert_text(visit.currency, "GBP");
}

void a_cost_without_currency_is_in_that_of_the_campaign(void**) {
  Tracking visit = tracking(70'000, "");
  apply_campaign_cost(visit, 50'000, "EUR");
  assert_int_equal(visit.cost_micros, 70'000);
  assert_text(visit.currency, "EUR");
}

void a_currency_alone_does_not_rename_the_cost_of_the_campaign(void**) {
  Tracking visit = tracking(0, "GBP");
  apply_campaign_cost(visit, 50'000, "EUR");
  assert_text(visit.currency, "EUR");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_visit_without_cost_takes_that_of_the_campaign),
      cmocka_unit_test(a_cost_in_the_query_stays),
      cmocka_unit_test(a_cost_without_currency_is_in_that_of_the_campaign),
      cmocka_unit_test(a_currency_alone_does_not_rename_the_cost_of_the_campaign),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
