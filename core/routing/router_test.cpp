#include "core/routing/router.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "core/base/test_directory.h"
#include "core/routing/shared_routing_state.h"
#include "core/routing/test_routing.h"
#include "core/snapshot/snapshot_layer.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using namespace testing;

struct Order {
  const char* name;
  std::vector<model::Stream> streams;
  RoutingReason reason;
  std::uint32_t stream;
  std::uint32_t destination;  // 0: none
};

model::Stream paused(model::Stream stream) {
  stream.state = model::State::paused;
  return stream;
}

// proves: A37
void streams_are_tried_forced_then_regular_by_priority_then_default(void**) {
  const Order cases[] = {
      {"forced wins",
       {stream(1, kRegular, 0, {{1}}), stream(2, kForced, 9, {{2}}), stream(3, kDefault, 0, {{3}})},
       RoutingReason::forced,
       2,
       2},
      {"regular by priority",
       {stream(1, kRegular, 5, {{1}}), stream(2, kRegular, -5, {{2}})},
       RoutingReason::regular,
       2,
       2},
      {"default last", {stream(1, kDefault, -9, {{1}}), stream(2, kRegular, 9, {{2}})}, RoutingReason::regular, 2, 2},
      {"default when alone", {stream(1, kDefault, 0, {{1}})}, RoutingReason::default_stream, 1, 1},
      {"paused forced is skipped",
       {paused(stream(1, kForced, 0, {{1}})), stream(2, kRegular, 0, {{2}})},
       RoutingReason::regular,
       2,
       2},
      {"paused regular is skipped",
       {paused(stream(1, kRegular, 0, {{1}})), stream(2, kRegular, 1, {{2}})},
       RoutingReason::regular,
       2,
       2},
      {"no eligible destination: next",
       {stream(1, kRegular, 0, {{11}}), stream(2, kRegular, 1, {{2}})},
       RoutingReason::regular,
       2,
       2},
      {"empty stream: default",
       {stream(1, kRegular, 0, {}), stream(2, kDefault, 0, {{3}})},
       RoutingReason::default_stream,
       2,
       3},
      {"all paused", {paused(stream(1, kRegular, 0, {{1}}))}, RoutingReason::no_stream, 0, 0},
      {"no streams", {}, RoutingReason::no_stream, 0, 0},
      {"nothing eligible",
       {stream(1, kRegular, 0, {{11}}), stream(2, kDefault, 0, {{12}})},
       RoutingReason::no_destination,
       1,
       0},
  };
  for (const Order& order : cases) {
    Routed routed(with_streams(order.streams));
    const RoutingDecision decision = routed.click();
    const std::uint32_t chosen = decision.stream == nullptr ? 0 : decision.stream->id();
    const std::uint32_t destination = decision.destination == nullptr ? 0 : decision.destination->id();
    if (decision.reason != order.reason || chosen != order.stream || destination != order.destination) {
      fail_msg("%s: reason %d stream %u destination %u", order.name, static_cast<int>(decision.reason), chosen,
               destination);
    }
  }
}

// proves: A39
void weighted_is_exact_after_every_click(void**) {
  Routed routed(with_streams({stream(1, kRegular, 0, {{1, 50}, {2, 30}, {3, 20}})}));
  std::map<std::uint32_t, int> counts;
  for (int n = 1; n <= 1000; ++n) {
    ++counts[routed.click().destination->id()];
    assert_true(std::abs(counts[1] * 10 - n * 5) < 10);
    assert_true(std::abs(counts[2] * 10 - n * 3) < 10);
    assert_true(std::abs(counts[3] * 10 - n * 2) < 10);
  }
}

// proves: A39
void weighted_is_exact_among_workers_that_share_the_state(void**) {
  const TestDirectory run;
  const auto bytes = testing::build(with_streams({stream(1, kRegular, 0, {{1, 7}, {2, 2}, {3, 1}, {14, 5}})}));
  const auto view = testing::view_of(bytes);
  constexpr int kWorkers = 4;
  constexpr int kClicks = 25'000;
  std::atomic<int> counts[4] = {};
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&, worker] {
      auto state = SharedState::open(run.path(), {.rotation_slots = 16, .transaction_buckets = 1});
      SharedRoutingState shared(**state, 0);
      Seeded random(static_cast<std::uint64_t>(worker));
      FixedVisitor visitor;
      RegexCache regexes;
      RoutingContext context{visitor, shared, random, regexes};
      for (int i = 0; i < kClicks; ++i) {
        ++counts[route(*view, {.campaign = view->find_campaign("", "c1")}, context).destination->id()];
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  assert_int_equal(counts[1], kWorkers * kClicks * 7 / 10);
  assert_int_equal(counts[2], kWorkers * kClicks * 2 / 10);
  assert_int_equal(counts[3], kWorkers * kClicks * 1 / 10);
}

void a_scheduled_destination_that_is_not_eligible_is_replaced_by_weight(void**) {
  Routed routed(with_streams({stream(1, kRegular, 0, {{1, 50}, {2, 40}, {3, 10}})}));
  const fbs::Stream& built = *routed.view->find_campaign(1)->streams()->Get(0);
  const fbs::Destination* first = built.destinations()->Get(0)->destination();
  const auto at =
      reinterpret_cast<const std::uint8_t*>(first) - routed.bytes.data() +
      reinterpret_cast<const flatbuffers::Table*>(first)->GetOptionalFieldOffset(fbs::Destination::VT_STATE);
  routed.bytes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(fbs::State::Paused);
  auto counts = routed.destinations_of(10'000);
  assert_int_equal(counts[1], 0);
  assert_in_range(counts[2], 7900, 8100);  // 4,000 by schedule and 4 of 5 of 5,000 draws
  assert_in_range(counts[3], 1900, 2100);
}

void waterfall_takes_the_first_that_is_eligible(void**) {
  model::Stream falls = stream(1, kRegular, 0, {{11}, {2, 0}, {3}});
  falls.selector = model::Selector::waterfall;
  Routed routed(with_streams({falls}));
  assert_int_equal(routed.destinations_of(10)[2], 10);
  assert_int_equal(routed.state.turns, 0);
}

void round_robin_takes_turns_among_the_eligible(void**) {
  model::Stream robin = stream(1, kRegular, 0, {{1, 0}, {11}, {2, 90}, {3, 1}});
  robin.selector = model::Selector::round_robin;
  Routed routed(with_streams({robin}));
  std::vector<std::uint32_t> order;
  for (int i = 0; i < 6; ++i) {
    order.push_back(routed.click().destination->id());
  }
  assert_true((order == std::vector<std::uint32_t>{1, 2, 3, 1, 2, 3}));
}

void a_labelled_request_moves_no_counter_but_gets_a_destination(void**) {
  model::Stream robin = stream(2, kRegular, 1, {{4}, {5}});
  robin.selector = model::Selector::round_robin;
  Routed routed(with_streams({stream(1, kRegular, 0, {{1, 80}, {2, 20}}), robin}));
  const auto counts = routed.destinations_of(2000, kLabelHead);
  assert_int_equal(routed.state.turns, 0);
  assert_in_range(counts.at(1), 1500, 1700);
  assert_int_equal(counts.at(1) + counts.at(2), 2000);
}

void regular_streams_may_be_drawn_by_weight(void**) {
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1}}), stream(2, kRegular, 1, {{2}}),
                                           stream(3, kRegular, 2, {{13}}), stream(4, kDefault, 0, {{4}})});
  snapshot.campaigns[0].stream_order = model::StreamOrder::weight;
  snapshot.campaigns[0].streams[0].weight = 25;
  snapshot.campaigns[0].streams[1].weight = 75;
  snapshot.campaigns[0].streams[2].weight = 900;  // nothing in it is eligible
  Routed routed(snapshot);
  auto counts = routed.destinations_of(4000);
  assert_in_range(counts[1], 900, 1100);
  assert_int_equal(counts[1] + counts[2], 4000);
}

struct Back {
  bool stream, campaign, team, global;
  std::uint32_t level;
  const char* url;
};

// proves: A41
void trafficback_goes_to_stream_then_campaign_then_team_then_installation(void**) {
  const Back cases[] = {
      {true, true, true, true, 1, "https://back.example/stream"},
      {false, true, true, true, 2, "https://back.example/campaign"},
      {false, false, true, true, 3, "https://back.example/team"},
      {false, false, false, true, 4, "https://back.example/global"},
      {false, false, false, false, 0, ""},
  };
  for (const Back& back : cases) {
    model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{11}})});
    snapshot.campaigns[0].streams[0].trafficback = back.stream ? "https://back.example/stream" : "";
    snapshot.campaigns[0].trafficback = back.campaign ? "https://back.example/campaign" : "";
    snapshot.teams[0].trafficback = back.team ? "https://back.example/team" : "";
    snapshot.trafficback = back.global ? "https://back.example/global" : "";
    Routed routed(snapshot);
    const RoutingDecision decision = routed.click();
    assert_null(decision.destination);
    assert_int_equal(decision.trafficback_level, back.level);
    assert_text(decision.trafficback == nullptr ? "" : text_of(decision.trafficback->text()), back.url);
  }
}

void a_paused_or_unknown_campaign_goes_back_with_its_reason(void**) {
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1}})});
  snapshot.campaigns[0].state = model::State::paused;
  Routed routed(snapshot);
  const RoutingDecision stopped = routed.click();
  assert_int_equal(stopped.reason, RoutingReason::campaign_paused);
  assert_null(stopped.destination);
  assert_int_equal(stopped.trafficback_level, 3);
  const RoutingDecision unknown = routed.click("nobody");
  assert_int_equal(unknown.reason, RoutingReason::unknown_campaign);
  assert_null(unknown.campaign);
  assert_int_equal(unknown.trafficback_level, 4);
}

void the_redirect_status_is_that_of_the_stream(void**) {
  model::Stream permanent = stream(1, kRegular, 0, {{1}});
  permanent.redirect_status = 307;
  Routed routed(with_streams({permanent}));
  assert_int_equal(routed.click().status, 307);
  assert_int_equal(routed.click("nobody").status, 302);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(streams_are_tried_forced_then_regular_by_priority_then_default),
      cmocka_unit_test(weighted_is_exact_after_every_click),
      cmocka_unit_test(weighted_is_exact_among_workers_that_share_the_state),
      cmocka_unit_test(a_scheduled_destination_that_is_not_eligible_is_replaced_by_weight),
      cmocka_unit_test(waterfall_takes_the_first_that_is_eligible),
      cmocka_unit_test(round_robin_takes_turns_among_the_eligible),
      cmocka_unit_test(a_labelled_request_moves_no_counter_but_gets_a_destination),
      cmocka_unit_test(regular_streams_may_be_drawn_by_weight),
      cmocka_unit_test(trafficback_goes_to_stream_then_campaign_then_team_then_installation),
      cmocka_unit_test(a_paused_or_unknown_campaign_goes_back_with_its_reason),
      cmocka_unit_test(the_redirect_status_is_that_of_the_stream),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
