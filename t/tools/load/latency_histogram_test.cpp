#include "t/tools/load/latency_histogram.h"

#include "core/base/cmocka.h"

namespace tributary::load {
namespace {

void quantiles_are_within_two_percent(void**) {
  LatencyHistogram histogram;
  for (std::uint64_t us = 1; us <= 100'000; ++us) histogram.add(us);
  assert_in_range(histogram.quantile(0.5), 49'000, 50'000);
  assert_in_range(histogram.quantile(0.99), 97'000, 99'000);
  assert_int_equal(histogram.count(), 100'000);
  assert_int_equal(histogram.max(), 100'000);
}

void small_values_are_exact(void**) {
  LatencyHistogram histogram;
  for (std::uint64_t us : {1, 2, 3, 4}) histogram.add(us);
  assert_int_equal(histogram.quantile(0.5), 2);
  assert_int_equal(histogram.count_above(2), 2);
}

void the_largest_value_fits(void**) {
  LatencyHistogram histogram;
  histogram.add(~std::uint64_t{0});
  assert_int_equal(histogram.count(), 1);
  assert_int_equal(histogram.count_above(1000), 1);
}

}  // namespace
}  // namespace tributary::load

int main() {
  using namespace tributary::load;
  const CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_are_within_two_percent),
      cmocka_unit_test(small_values_are_exact),
      cmocka_unit_test(the_largest_value_fits),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
