#include "core/snapshot/weighted_schedule.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "core/base/random.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using Weights = std::vector<std::uint32_t>;

// Fails unless in every prefix of the schedule, repeated once, each item's count is less than one from its exact share.
void assert_exact(const Weights& weights) {
  const std::vector<std::uint16_t> schedule = weighted_schedule(weights);
  const std::vector<std::uint32_t> places = schedule_places(weights);
  const auto sum = static_cast<std::int64_t>(schedule.size());
  assert_int_equal(sum, std::accumulate(places.begin(), places.end(), std::int64_t{0}));
  std::vector<std::int64_t> picked(weights.size());
  for (std::int64_t n = 1; n <= 2 * sum; ++n) {
    ++picked[schedule[static_cast<std::size_t>((n - 1) % sum)]];
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::int64_t lag = std::int64_t{places[i]} * n - picked[i] * sum;  // times sum
      if (std::llabs(lag) >= sum) {
        fail_msg("after %lld picks item %zu is %f off", static_cast<long long>(n), i,
                 static_cast<double>(lag) / static_cast<double>(sum));
      }
    }
  }
}

void equal_weights_take_turns(void**) {
  assert_true(weighted_schedule(Weights{5, 5, 5}).size() == 3);
  assert_exact({5, 5, 5});
}

void one_item_has_one_place(void**) {
  assert_true((weighted_schedule(Weights{0, 7}) == std::vector<std::uint16_t>{1}));
}

void no_weight_gives_no_schedule(void**) {
  assert_true(weighted_schedule(Weights{}).empty());
  assert_true(weighted_schedule(Weights{0, 0}).empty());
}

void weights_are_reduced(void**) {
  assert_int_equal(weighted_schedule(Weights{700, 300}).size(), 10);
  assert_int_equal(weighted_schedule(Weights{4'000'000'000, 2'000'000'000}).size(), 3);
}

void too_many_places_are_scaled_and_keep_the_lightest(void**) {
  const Weights weights{1'000'003, 1, 500'009};
  const std::vector<std::uint32_t> places = schedule_places(weights);
  assert_int_equal(std::accumulate(places.begin(), places.end(), 0u), kMaxSchedulePlaces);
  assert_int_equal(places[1], 1);
  assert_true(places[0] == 2730 && places[2] == 1365);
}

void every_weighted_item_keeps_a_place_however_light(void**) {
  Weights weights(1024, 1);
  weights[0] = UINT32_MAX;
  const std::vector<std::uint32_t> places = schedule_places(weights);
  assert_int_equal(std::count(places.begin(), places.end(), 1u), 1023);
  assert_int_equal(places[0], kMaxSchedulePlaces - 1023);
}

void every_prefix_is_within_one_of_the_exact_share(void**) {
  SplitMix64 random(20'260'101);
  for (int round = 0; round < 400; ++round) {
    Weights weights(1 + random.below(20));
    const std::uint64_t range = 1 + random.below(round % 4 == 0 ? 100'000 : 220);
    for (std::uint32_t& weight : weights) {
      weight = static_cast<std::uint32_t>(random.below(range + 1));
    }
    if (std::accumulate(weights.begin(), weights.end(), 0u) > 0) {
      assert_exact(weights);
    }
  }
}

void hard_cases_are_exact_too(void**) {
  assert_exact({1, 4095});
  assert_exact({1, 1, 1, 4093});
  assert_exact({3, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79});
  Weights light(20, 1);
  light[19] = 4096 - 19;
  assert_exact(light);
  assert_exact({1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048});
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(equal_weights_take_turns),
      cmocka_unit_test(one_item_has_one_place),
      cmocka_unit_test(no_weight_gives_no_schedule),
      cmocka_unit_test(weights_are_reduced),
      cmocka_unit_test(too_many_places_are_scaled_and_keep_the_lightest),
      cmocka_unit_test(every_weighted_item_keeps_a_place_however_light),
      cmocka_unit_test(every_prefix_is_within_one_of_the_exact_share),
      cmocka_unit_test(hard_cases_are_exact_too),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
