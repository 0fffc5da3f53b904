#include "core/routing/shared_routing_state.h"

#include <atomic>
#include <thread>
#include <vector>

#include "core/base/test_directory.h"
#include "core/routing/test_routing.h"
#include "core/state/cap_value.h"

#include "core/base/cmocka.h"

// The evaluator over the state that workers share.
namespace tributary {
namespace {

using namespace testing;

constexpr int kWorkers = 4;
constexpr int kClicks = 5000;

std::unique_ptr<SharedState> open_state(const TestDirectory& run) {
  auto state = SharedState::open(
      run.path(),
      {.rotation_slots = 16, .transaction_buckets = 1, .unique_buckets = 1 << 14, .last_seen_buckets = 1 << 14});
  assert_true(state.ok());
  return std::move(state).value();
}

// Every worker with its own mapping, one click after the other; `visitor_of` says who click n of a worker is.
template <typename VisitorOf, typename Clicked>
void click_from_workers(const TestDirectory& run, const model::Snapshot& snapshot, VisitorOf&& visitor_of,
                        Clicked&& clicked) {
  const auto bytes = build(snapshot);
  const auto view = view_of(bytes);
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&, worker] {
      auto state = SharedState::open(run.path(), {.rotation_slots = 16, .transaction_buckets = 1});
      SharedRoutingState shared(**state, static_cast<std::uint32_t>(worker));
      Seeded random(static_cast<std::uint64_t>(worker));
      FixedVisitor visitor;
      RegexCache regexes;
      RoutingContext context{visitor, shared, random, regexes};
      for (int n = 0; n < kClicks; ++n) {
        visitor.given_key = visitor_of(worker, n);
        clicked(route(*view, {.campaign = view->find_campaign(1), .now_ms = kNow_ms}, context), visitor.given_key);
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
}

void caps_of_clicks_are_reached_and_never_passed(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  assert_int_equal(state->caps().restore(state->caps().life(), {}), CapRestored::restored);
  model::Snapshot snapshot =
      with_streams({stream(1, kRegular, 0, {{1, 50}, {2, 30}, {3, 20}}), stream(2, kDefault, 0, {{9}})});
  snapshot.campaigns[0].streams[0].conditions = {{"click_limit", false, "day", {"9000"}, 0}};
  destination_of(snapshot, 1).caps = {{.slot = 1, .amount = 1777, .currency = {}, .time_zone = {}}};
  destination_of(snapshot, 1).overflow = 4;
  destination_of(snapshot, 4).caps = {{.slot = 2, .amount = 333, .currency = {}, .time_zone = {}}};
  destination_of(snapshot, 2).caps = {{.slot = 3, .amount = 2222, .currency = {}, .time_zone = {}}};
  std::atomic<int> counts[20] = {};
  click_from_workers(
      run, snapshot, [](int, int) { return 0; },
      [&](const RoutingDecision& decision, std::uint64_t) { ++counts[decision.destination->id()]; });
  assert_int_equal(counts[1], 1777);
  assert_int_equal(counts[4], 333);
  assert_int_equal(counts[2], 2222);
  assert_int_equal(counts[1] + counts[2] + counts[3] + counts[4], 9000);
  assert_int_equal(counts[9], kWorkers * kClicks - 9000);
  assert_true(state->total(Counter::caps_refused) > 0);
}

void a_state_that_does_not_know_its_caps_closes_what_is_capped(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1}}), stream(2, kDefault, 0, {{9}})});
  destination_of(snapshot, 1).caps = {{.slot = 1, .amount = 1000, .currency = {}, .time_zone = {}}};
  std::atomic<int> closed = 0;
  click_from_workers(
      run, snapshot, [](int, int) { return 0; },
      [&](const RoutingDecision& decision, std::uint64_t) { closed += decision.destination->id() == 9; });
  assert_int_equal(closed, kWorkers * kClicks);
  assert_true(state->total(Counter::caps_unknown) >= kWorkers * kClicks);
}

void of_clicks_at_the_same_time_one_is_the_first_and_no_destination_repeats(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1, 1}, {2, 1}, {3, 1}})});
  snapshot.campaigns[0].uniqueness_window_s = 86'400;
  snapshot.campaigns[0].streams[0].anti_repeat_window_s = 86'400;
  std::vector<std::atomic<int>> first(kClicks);
  std::vector<std::atomic<int>> sent(kClicks * 4);
  // Every worker sees the same visitors in the same order.
  click_from_workers(
      run, snapshot, [](int, int n) { return static_cast<std::uint64_t>(n); },
      [&](const RoutingDecision& decision, std::uint64_t key) {
        first[key] += (decision.unique & kUniqueCampaign) != 0;
        if (decision.destination != nullptr) {
          ++sent[key * 4 + decision.destination->id()];
        }
      });
  for (const auto& count : first) {
    assert_int_equal(count, 1);
  }
  int clicks = 0;
  for (const auto& count : sent) {
    assert_true(count <= 1);
    clicks += count;
  }
  assert_int_equal(clicks, kClicks * 3);  // of four clicks of a visitor, one finds nothing
}

void a_value_without_a_place_is_counted_as_refused(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  state->caps().restore(state->caps().life(), {});
  SharedRoutingState routing(*state, 0);
  CapUse use{0, 1, 5, {std::uint64_t{1} << 36, kCapValueForever}};
  const std::uint64_t places = state->cap_values().places() / CapValueTable::kGroups;
  for (std::uint64_t n = 0; n < places; ++n, use.value.key += std::uint64_t{1} << 36) {
    assert_int_equal(routing.take_value(use, kNow_ms), CapTake::taken);
  }
  assert_int_equal(routing.would_take_value(use, kNow_ms), CapTake::no_place);
  assert_int_equal(routing.take_value(use, kNow_ms), CapTake::no_place);
  assert_int_equal(state->total(Counter::cap_values_refused), 2);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(caps_of_clicks_are_reached_and_never_passed),
      cmocka_unit_test(a_state_that_does_not_know_its_caps_closes_what_is_capped),
      cmocka_unit_test(a_value_without_a_place_is_counted_as_refused),
      cmocka_unit_test(of_clicks_at_the_same_time_one_is_the_first_and_no_destination_repeats),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
