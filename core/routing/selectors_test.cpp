#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

// Sticky, best ROI and anti-repeat; what is left of exactness where some destinations are not eligible.
namespace tributary {
namespace {

using namespace testing;
using model::Selector;

model::Snapshot selected_by(Selector selector, std::vector<model::StreamDestination> destinations) {
  return with_streams({only_stream(selector, std::move(destinations))});
}

std::uint32_t visitor(Routed& routed, std::uint64_t key) {
  routed.visitor.given_key = key * 0x9e3779b97f4a7c15;
  return routed.destination();
}

void a_sticky_visitor_stays_and_all_are_spread_by_weight(void**) {
  Routed routed(selected_by(Selector::sticky, {{1, 50}, {2, 30}, {3, 20}, {4, 0}}));
  std::map<std::uint32_t, int> counts;
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    const std::uint32_t first = visitor(routed, key);
    ++counts[first];
    assert_int_equal(visitor(routed, key), first);
  }
  assert_in_range(counts[1], 4850, 5150);
  assert_in_range(counts[2], 2850, 3150);
  assert_in_range(counts[3], 1850, 2150);
  assert_int_equal(counts[4], 0);
  assert_int_equal(routed.state.turns, 0);
}

void when_a_sticky_destination_goes_only_its_visitors_move_and_come_back(void**) {
  Routed routed(selected_by(Selector::sticky, {{1, 50}, {2, 30}, {3, 20}}));
  for (std::uint64_t key = 0; key < 2000; ++key) {
    const std::uint32_t home = visitor(routed, key);
    routed.state.overlay[2] = {.id = 2, .flags = kDestinationDown};
    const std::uint32_t away = visitor(routed, key);
    assert_true(home == 2 ? away != 2 && away != 0 : away == home);
    routed.state.overlay.clear();
    assert_int_equal(visitor(routed, key), home);
  }
}

DestinationFacts earns(std::uint32_t id, std::int64_t roi_micros, std::uint64_t sample) {
  return {.id = id, .roi_micros = roi_micros, .sample = sample};
}

// proves: A53
void best_roi_takes_the_best_that_is_known_well_and_explores_with_its_share(void**) {
  model::Snapshot snapshot = selected_by(Selector::best_roi, {{1, 10}, {2, 10}, {3, 30}, {4, 0}});
  snapshot.campaigns[0].streams[0].exploration_percent = 20;
  snapshot.campaigns[0].streams[0].minimum_sample = 100;
  Routed routed(snapshot);
  routed.state.overlay = {{1, earns(1, -200'000, 500)}, {2, earns(2, 900'000, 100)}, {3, earns(3, 5'000'000, 99)}};
  auto counts = routed.destinations_of(10'000);
  assert_in_range(counts[2], 7850, 8150);
  assert_in_range(counts[1], 425, 575);  // a quarter of the share
  assert_in_range(counts[3], 1375, 1625);
  assert_int_equal(counts[4], 0);
  routed.state.overlay[3].sample = 100;
  assert_in_range(routed.destinations_of(10'000)[3], 7850, 8150);
  routed.state.overlay[3].flags = kDestinationDown;
  counts = routed.destinations_of(10'000);
  assert_in_range(counts[2], 7850, 8150);
  assert_int_equal(counts[3], 0);
}

void best_roi_goes_by_weight_until_something_is_known(void**) {
  Routed routed(selected_by(Selector::best_roi, {{1, 75}, {2, 25}}));
  routed.state.overlay = {{1, earns(1, 9, 1)}, {2, earns(2, 0, 0)}};
  assert_in_range(routed.destinations_of(4000)[1], 2850, 3150);
}

void best_roi_without_exploration_or_others_always_takes_the_best(void**) {
  model::Snapshot snapshot = selected_by(Selector::best_roi, {{1, 1}, {2, 1}});
  snapshot.campaigns[0].streams[0].exploration_percent = 0;
  Routed strict(snapshot);
  strict.state.overlay = {{1, earns(1, -5, 100)}};
  assert_int_equal(strict.destinations_of(1000)[1], 1000);
  snapshot.campaigns[0].streams[0].exploration_percent = 100;
  snapshot.campaigns[0].streams[0].destinations[1].weight = 0;
  Routed alone(snapshot);
  alone.state.overlay = {{1, earns(1, -5, 100)}};
  assert_int_equal(alone.destinations_of(1000)[1], 1000);
}

constexpr std::uint32_t kWindow_s = 600;

model::Snapshot without_repeats(Selector selector) {
  model::Snapshot snapshot = selected_by(selector, {{1, 40}, {2, 30}, {3, 20}, {4, 10}});
  snapshot.campaigns[0].streams[0].anti_repeat_window_s = kWindow_s;
  return snapshot;
}

// proves: A52
void no_visitor_is_sent_to_a_destination_twice_in_the_window(void**) {
  for (const Selector selector :
       {Selector::weighted, Selector::waterfall, Selector::round_robin, Selector::sticky, Selector::best_roi}) {
    Routed routed(without_repeats(selector));
    for (std::uint64_t key = 0; key < 200; ++key) {
      std::set<std::uint32_t> seen;
      for (int click = 0; click < 4; ++click) {
        assert_true(seen.insert(visitor(routed, key)).second);
      }
      assert_false(seen.contains(0));
      assert_int_equal(visitor(routed, key), 0);
    }
    routed.now_ms += (kWindow_s + 120) * 1000;
    assert_int_not_equal(visitor(routed, 7), 0);
  }
}

void at_random_times_the_window_is_never_broken(void**) {
  Routed routed(without_repeats(Selector::weighted));
  std::map<std::uint32_t, std::uint64_t> last;
  SplitMix64 random(35);
  int sent = 0;
  for (int click = 0; click < 20'000; ++click) {
    routed.now_ms += random.below(150'000);
    const std::uint32_t destination = visitor(routed, 1);
    if (destination != 0) {
      assert_true(!last.contains(destination) || routed.now_ms - last[destination] >= kWindow_s * 1000ull);
      last[destination] = routed.now_ms;
      ++sent;
    }
  }
  assert_in_range(sent, 5000, 20'000);
}

void the_never_seen_go_before_those_whose_window_has_ended(void**) {
  Routed routed(without_repeats(Selector::waterfall));
  std::vector<std::uint32_t> order;
  for (int click = 0; click < 6; ++click) {
    order.push_back(visitor(routed, 1));
    routed.now_ms += 2 * kWindow_s * 1000;
  }
  assert_true((order == std::vector<std::uint32_t>{1, 2, 3, 4, 1, 1}));
}

// Shares stay within one of exact whatever the weights are, as long as everything is eligible.
void shares_are_within_one_of_exact_for_any_weights(void**) {
  SplitMix64 random(53);
  for (int round = 0; round < 40; ++round) {
    std::vector<model::StreamDestination> destinations;
    std::uint64_t sum = 0;
    for (std::uint32_t id = 1; id <= 2 + random.below(9); ++id) {
      destinations.push_back({id, static_cast<std::uint32_t>(1 + random.below(60))});
      sum += destinations.back().weight;
    }
    Routed routed(selected_by(Selector::weighted, destinations));
    std::map<std::uint32_t, std::uint64_t> counts;
    for (std::uint64_t n = 1; n <= 500; ++n) {
      ++counts[routed.destination()];
      for (const auto& item : destinations) {
        const double exact = static_cast<double>(n * item.weight) / static_cast<double>(sum);
        assert_true(std::abs(static_cast<double>(counts[item.destination]) - exact) < 1.0);
      }
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_sticky_visitor_stays_and_all_are_spread_by_weight),
      cmocka_unit_test(when_a_sticky_destination_goes_only_its_visitors_move_and_come_back),
      cmocka_unit_test(best_roi_takes_the_best_that_is_known_well_and_explores_with_its_share),
      cmocka_unit_test(best_roi_goes_by_weight_until_something_is_known),
      cmocka_unit_test(best_roi_without_exploration_or_others_always_takes_the_best),
      cmocka_unit_test(no_visitor_is_sent_to_a_destination_twice_in_the_window),
      cmocka_unit_test(at_random_times_the_window_is_never_broken),
      cmocka_unit_test(the_never_seen_go_before_those_whose_window_has_ended),
      cmocka_unit_test(shares_are_within_one_of_exact_for_any_weights),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
