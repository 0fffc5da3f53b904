#include "core/routing/explain.h"

#include <string>

#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using namespace testing;

Explanation explained(Routed& routed, std::uint64_t turn = 0) {
  RoutingContext context{routed.visitor, routed.state, routed.random, routed.regexes};
  return explain(*routed.view, {.campaign = routed.view->find_campaign(1), .now_ms = routed.now_ms}, context, turn);
}

model::Snapshot with_everything() {
  model::Stream narrow = stream(1, kRegular, 0, {{1}, {2}});
  narrow.conditions = {{"country", false, "", {"KZ"}}, {"device", true, "", {"phone"}}};
  model::Stream limited = stream(2, kRegular, 1, {{3}});
  limited.conditions = {{"click_limit", false, "total", {"2"}, 0}};
  model::Stream paused = stream(3, kRegular, 2, {{4}});
  paused.state = model::State::paused;
  model::Stream falls = stream(4, kRegular, 3, {{5}, {6}, {7}, {8}, {9}});
  falls.selector = model::Selector::waterfall;
  model::Snapshot snapshot = with_streams({narrow, limited, paused, falls, stream(5, kDefault, 0, {{10}})});
  destination_of(snapshot, 5).schedules = {{.opens_s = 3600, .time_zone = {}}};
  destination_of(snapshot, 6).caps = {{.slot = 4, .amount = 0, .currency = {}, .time_zone = {}}};
  destination_of(snapshot, 8).url = "https://d8.example/?s={stream_id}";
  return snapshot;
}

void every_stream_condition_and_destination_that_was_looked_at_is_told(void**) {
  Routed routed(with_everything());
  routed.visitor.given_place.country = "KG";
  routed.state.counts[{0, 0}] = 2;
  routed.state.overlay[7] = {.id = 7, .flags = kDestinationDown};
  const Explanation told = explained(routed);
  assert_int_equal(told.decision.destination->id(), 8);
  assert_int_equal(told.streams.size(), 4);
  const StreamVerdict verdicts[] = {StreamVerdict::condition, StreamVerdict::click_limit, StreamVerdict::inactive,
                                    StreamVerdict::taken};
  for (std::size_t i = 0; i < 4; ++i) {
    assert_int_equal(told.streams[i].verdict, verdicts[i]);
  }
  const auto& conditions = told.streams[0].conditions;
  assert_int_equal(conditions.size(), 2);
  assert_false(conditions[0].answer.holds);
  assert_text(conditions[0].answer.seen, "KG");
  assert_int_equal(conditions[0].answer.match, ConditionMatch::none);
  assert_true(conditions[1].answer.holds);  // asked although the first one failed
  assert_int_equal(conditions[1].answer.match, ConditionMatch::unknown);
  assert_int_equal(told.streams[1].limits.at(0).answer, CapTake::full);
  const auto& destinations = told.streams[3].destinations;
  const Standing standings[] = {Standing::off_schedule, Standing::capped, Standing::down, Standing::open,
                                Standing::open};
  assert_int_equal(destinations.size(), 5);  // the last one stands behind the choice
  for (std::size_t i = 0; i < 5; ++i) {
    assert_int_equal(destinations[i].destination->id(), 5 + i);
    assert_int_equal(destinations[i].standing, standings[i]);
  }
  assert_int_equal(destinations[1].caps.at(0).answer, CapTake::full);
  assert_int_equal(destinations[2].facts.flags, kDestinationDown);
  const ClickMacros::Ids ids{"", 1, told.decision.stream->id(), 8, 0};
  ClickMacros macros(ids, routed.visitor, routed.now_ms, routed.random);
  assert_text(rendered_url(*told.decision.destination->url(), macros), "https://d8.example/?s=4");
}

model::Snapshot with_state() {
  model::Stream first = stream(1, kRegular, 0, {{1, 5}, {2, 3}, {3, 2}});
  first.conditions = {{"country", false, "", {"KZ", "KG"}}, {"click_limit", false, "day", {"400"}, 0}};
  first.anti_repeat_window_s = 3600;
  model::Stream second = stream(2, kRegular, 1, {{4, 1}, {5, 1}});
  second.selector = model::Selector::round_robin;
  second.conditions = {{"unique", false, "campaign", {}}};
  model::Snapshot snapshot = with_streams({first, second, stream(3, kDefault, 0, {{6, 1}, {7, 2}})});
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  destination_of(snapshot, 1).caps = {{.slot = 1, .amount = 100, .currency = {}, .time_zone = {}}};
  destination_of(snapshot, 1).overflow = 8;
  return snapshot;
}

// The same seed and state: what explain says is what the click then does. And it leaves no trace.
void explain_says_what_the_click_does_and_writes_nothing(void**) {
  Routed routed(with_state());
  SplitMix64 random(1000);
  const char* const countries[] = {"KZ", "KG", "DE", ""};
  for (std::uint64_t n = 0; n < 2000; ++n) {
    routed.visitor.given_key = random.below(300);
    routed.visitor.given_place.country = countries[random.below(4)];
    routed.state.rotation = random.next();
    routed.state.rotations.clear();
    const auto sightings = routed.state.sightings;
    auto used = routed.state.counts;
    routed.random = Seeded(n);
    const Explanation told = explained(routed, routed.state.rotation);
    assert_true(routed.state.sightings == sightings);
    for (const auto& [cap, count] : routed.state.counts) {
      assert_int_equal(count, used[cap]);
    }
    routed.random = Seeded(n);
    const RoutingDecision done = routed.click();
    assert_ptr_equal(told.decision.destination, done.destination);
    assert_ptr_equal(told.decision.stream, done.stream);
    assert_int_equal(told.decision.reason, done.reason);
    assert_int_equal(told.decision.unique, done.unique);
  }
}

void every_reason_has_a_name(void**) {
  for (int i = 0; i <= static_cast<int>(Standing::repeated); ++i) {
    assert_false(standing_name(static_cast<Standing>(i)).empty());
  }
  for (int i = 0; i <= static_cast<int>(StreamVerdict::no_destination); ++i) {
    assert_false(stream_verdict_name(static_cast<StreamVerdict>(i)).empty());
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_stream_condition_and_destination_that_was_looked_at_is_told),
      cmocka_unit_test(explain_says_what_the_click_does_and_writes_nothing),
      cmocka_unit_test(every_reason_has_a_name),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
