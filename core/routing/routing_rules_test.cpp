#include <functional>
#include <vector>

#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

// What keeps a visitor from a stream or destination, and who takes him instead.
namespace tributary {
namespace {

using namespace testing;

constexpr std::uint64_t kHour_ms = 3'600'000;

model::Stream with_conditions(model::Stream stream, std::vector<model::Condition> conditions) {
  stream.conditions = std::move(conditions);
  return stream;
}

model::Cap cap_of(std::uint32_t slot, std::int64_t amount) {
  return {.slot = slot, .amount = amount, .currency = {}, .time_zone = {}};
}

model::Snapshot waterfall(std::vector<model::StreamDestination> destinations) {
  return with_streams({only_stream(model::Selector::waterfall, std::move(destinations))});
}

// proves: A54
void a_destination_may_fix_how_visitors_get_there(void**) {
  auto snapshot = waterfall({{1}, {2}});
  snapshot.campaigns[0].streams[0].redirect_kind = model::RedirectKind::meta;
  snapshot.campaigns[0].streams[0].redirect_status = 307;
  destination_of(snapshot, 1).redirect_status = 303;
  destination_of(snapshot, 1).redirect_kind = model::RedirectKind::hide_referrer;
  Routed fixed(snapshot);
  assert_int_equal(fixed.click().redirect_kind, fbs::RedirectKind::HideReferrer);
  assert_int_equal(fixed.click().status, 303);
  destination_of(snapshot, 1).state = model::State::paused;
  Routed free(snapshot);
  assert_int_equal(free.click().redirect_kind, fbs::RedirectKind::Meta);
  assert_int_equal(free.click().status, 307);
}

void an_overflow_is_reached_in_its_own_way(void**) {
  auto snapshot = waterfall({{1}});
  destination_of(snapshot, 1).redirect_status = 303;
  destination_of(snapshot, 1).caps = {cap_of(0, 0)};
  destination_of(snapshot, 1).overflow = 2;
  Routed routed(snapshot);
  assert_int_equal(routed.destination(), 2);
  assert_int_equal(routed.click().status, 302);
}

// proves: A50
void all_conditions_of_a_stream_must_hold(void**) {
  Routed routed(with_streams({with_conditions(stream(1, kRegular, 0, {{1}}),
                                              {{"country", false, "", {"KZ"}}, {"device", false, "", {"phone"}}}),
                              with_conditions(stream(2, kRegular, 1, {{2}}), {{"country", false, "", {"KZ"}}}),
                              stream(3, kDefault, 0, {{3}})}));
  assert_int_equal(routed.destination(), 3);
  routed.visitor.given_place.country = "KZ";
  assert_int_equal(routed.destination(), 2);
  routed.visitor.given_agent.device = DeviceType::phone;
  assert_int_equal(routed.destination(), 1);
}

void when_all_conditions_fail_there_is_no_stream(void**) {
  Routed routed(with_streams({with_conditions(stream(1, kRegular, 0, {{1}}), {{"country", false, "", {"KZ"}}})}));
  const RoutingDecision decision = routed.click();
  assert_int_equal(decision.reason, RoutingReason::no_stream);
  assert_null(decision.stream);
}

void a_drawn_stream_that_rejects_gives_way_to_the_others_by_weight(void**) {
  model::Snapshot snapshot = with_streams(
      {with_conditions(stream(1, kRegular, 0, {{1}}), {{"country", false, "", {"KZ"}}}), stream(2, kRegular, 1, {{2}}),
       stream(3, kRegular, 2, {{3}}), stream(4, kRegular, 3, {{4}}), stream(5, kDefault, 0, {{5}})});
  snapshot.campaigns[0].stream_order = model::StreamOrder::weight;
  const std::uint32_t weights[] = {600, 100, 300, 0, 0};
  for (std::size_t i = 0; i < 5; ++i) {
    snapshot.campaigns[0].streams[i].weight = weights[i];
  }
  Routed routed(snapshot);
  auto counts = routed.destinations_of(8000);
  assert_in_range(counts[2], 1850, 2150);
  assert_int_equal(counts[2] + counts[3], 8000);
  routed.visitor.given_place.country = "KZ";
  assert_in_range(routed.destinations_of(8000)[1], 4600, 5000);
}

void a_click_limit_closes_its_stream_until_the_next_period(void**) {
  Routed routed(
      with_streams({with_conditions(stream(1, kRegular, 0, {{1}}), {{"click_limit", false, "hour", {"3"}, 0}}),
                    stream(2, kDefault, 0, {{2}})}));
  auto counts = routed.destinations_of(10);
  assert_int_equal(counts[1], 3);
  assert_int_equal(counts[2], 7);
  routed.now_ms += kHour_ms;
  assert_int_equal(routed.destinations_of(10)[1], 3);
}

// proves: A51
void what_is_against_a_destination_sends_the_visitor_to_the_next(void**) {
  struct Against {
    const char* name;
    std::function<void(model::Snapshot&)> rule;
    std::uint32_t flags;
    std::uint32_t destination;
  };
  const Against cases[] = {
      {"nothing", [](auto&) {}, 0, 1},
      {"paused", [](auto& s) { destination_of(s, 1).state = model::State::paused; }, 0, 2},
      {"off schedule", [](auto& s) { destination_of(s, 1).schedules = {{.opens_s = 3600, .time_zone = {}}}; }, 0, 2},
      {"on schedule", [](auto& s) { destination_of(s, 1).schedules = {{.closes_s = 3600, .time_zone = {}}}; }, 0, 1},
      {"down", [](auto&) {}, kDestinationDown, 2},
      {"closed", [](auto&) {}, kClosedPayout, 2},
      {"cap 0", [](auto& s) { destination_of(s, 1).caps = {cap_of(0, 0)}; }, 0, 2},
      {"cap 1", [](auto& s) { destination_of(s, 1).caps = {cap_of(0, 1)}; }, 0, 1},
  };
  for (const Against& against : cases) {
    model::Snapshot snapshot = waterfall({{1}, {2}});
    against.rule(snapshot);
    Routed routed(snapshot);
    routed.state.overlay[1] = {.id = 1, .flags = against.flags};
    const std::uint32_t destination = routed.destination();
    if (destination != against.destination) {
      fail_msg("%s: destination %u", against.name, destination);
    }
  }
}

void a_destination_that_a_cap_closed_opens_when_the_window_ends(void**) {
  Routed routed(waterfall({{1}, {2}}));
  const std::uint32_t end = closure_end(routed.now_ms / 1000 + 1);
  routed.state.overlay[1] = {.id = 1, .flags = kClosedPayout, .ends = {0, end, 0}};
  routed.now_ms = closure_end_s(end) * 1000 - 1;
  assert_int_equal(routed.destination(), 2);
  ++routed.now_ms;
  assert_int_equal(routed.destination(), 1);
}

void caps_on_clicks_are_used_up_all_or_none(void**) {
  model::Snapshot snapshot = waterfall({{1}, {2}});
  destination_of(snapshot, 1).caps = {
      cap_of(5, 4), cap_of(2, 2), {.slot = 3, .amount = 1, .currency = {}, .time_zone = {}, .hard = false}};
  Routed routed(snapshot);
  auto counts = routed.destinations_of(10);
  assert_int_equal(counts[1], 2);
  assert_int_equal(counts[2], 8);
  std::map<std::uint32_t, std::uint32_t> used;
  for (const auto& [key, count] : routed.state.counts) {
    used[key.first] += count;
  }
  assert_int_equal(used[5], 2);
  assert_int_equal(used[2], 2);
  assert_int_equal(used[3], 2);  // soft: counts, keeps nobody away
}

// proves: A38
void a_cap_per_sub_id_is_full_for_one_value_and_open_for_the_next(void**) {
  model::Snapshot snapshot = waterfall({{1}, {2}});
  destination_of(snapshot, 1).caps = {cap_of(5, 2), cap_of(3, 5)};
  destination_of(snapshot, 1).caps[0].per = 7;
  Routed routed(snapshot);
  for (const std::string_view value : {"a", "", "b"}) {
    routed.visitor.given_tracking.sub_ids[6] = value;
    auto counts = routed.destinations_of(4);
    assert_int_equal(counts[1], value == "b" ? 1 : 2);  // the other cap is full then
  }
}

// Room when asked, none when taken: as when another worker has the last one.
class Contested final : public RoutingState {
 public:
  std::uint64_t next_rotation(std::uint32_t) noexcept override { return 0; }
  CapTake would_take(std::uint32_t slot, std::uint32_t, std::uint32_t) noexcept override {
    return slot == contested && lost ? CapTake::full : CapTake::taken;
  }
  CapTake take(std::uint32_t slot, std::uint32_t, std::uint32_t) noexcept override {
    order.push_back(static_cast<int>(slot));
    lost = lost || slot == contested;
    return slot == contested ? CapTake::full : CapTake::taken;
  }
  void give_back(std::uint32_t slot, std::uint32_t) noexcept override { order.push_back(-static_cast<int>(slot)); }
  void count_up(std::uint32_t, std::uint32_t) noexcept override {}
  CapTake would_take_value(const CapUse&, std::uint64_t) noexcept override { return CapTake::taken; }
  CapTake take_value(const CapUse&, std::uint64_t) noexcept override { return CapTake::taken; }
  void give_back_value(const CapUse&) noexcept override {}
  bool known(VisitorMark, std::uint64_t, std::uint32_t) noexcept override { return false; }
  bool seen(VisitorMark, std::uint64_t, std::uint32_t) noexcept override { return false; }
  DestinationFacts facts(std::uint32_t) noexcept override { return {}; }

  std::uint32_t contested = 0;
  bool lost = false;
  std::vector<int> order;
};

void a_cap_that_is_lost_to_another_click_gives_back_the_others_and_the_next_is_tried(void**) {
  model::Snapshot snapshot = waterfall({{1}, {2}});
  destination_of(snapshot, 1).caps = {cap_of(7, 9), cap_of(3, 9), cap_of(5, 9)};
  destination_of(snapshot, 2).caps = {cap_of(4, 9)};
  Routed routed(snapshot);
  Contested state;
  state.contested = 7;
  RoutingContext context{routed.visitor, state, routed.random, routed.regexes};
  const auto decision = route(*routed.view, {.campaign = routed.view->find_campaign(1), .now_ms = kNow_ms}, context);
  assert_int_equal(decision.destination->id(), 2);
  assert_true((state.order == std::vector<int>{3, 5, 7, -5, -3, 4}));
}

void overflow_takes_what_a_cap_keeps_away_and_nothing_else(void**) {
  model::Snapshot snapshot = waterfall({{1}, {9}});
  destination_of(snapshot, 1).caps = {cap_of(0, 2)};
  destination_of(snapshot, 1).overflow = 2;
  destination_of(snapshot, 2).caps = {cap_of(1, 3)};
  destination_of(snapshot, 2).overflow = 3;
  Routed routed(snapshot);
  auto counts = routed.destinations_of(10);
  assert_int_equal(counts[1], 2);
  assert_int_equal(counts[2], 3);
  assert_int_equal(counts[3], 5);
  routed.state.overlay[3] = {.id = 3, .flags = kClosedRevenue};
  assert_int_equal(routed.destination(), 9);
  routed.state.overlay[2] = {.id = 2, .flags = kDestinationDown};
  routed.state.overlay.erase(3);
  assert_int_equal(routed.destination(), 9);  // the way to 3 leads through 2
}

void a_visitor_whom_only_a_cap_keeps_away_is_told_so(void**) {
  struct Case {
    const char* name;
    std::function<void(model::Snapshot&)> rule;
    std::uint32_t flags;
    RoutingReason reason;
    int clicks_before = 0;
  };
  const auto limited = [](model::Snapshot& s) {
    s.campaigns[0].streams[0].conditions = {{"click_limit", false, "hour", {"1"}, 0}};
  };
  const Case cases[] = {
      {"paused", [](auto& s) { destination_of(s, 1).state = model::State::paused; }, 0, RoutingReason::no_destination},
      {"down", [](auto&) {}, kDestinationDown, RoutingReason::no_destination},
      {"capped", [](auto& s) { destination_of(s, 1).caps = {cap_of(0, 0)}; }, 0, RoutingReason::capped},
      {"closed by a cap", [](auto&) {}, kClosedConversions, RoutingReason::capped},
      {"down and capped", [](auto& s) { destination_of(s, 1).caps = {cap_of(0, 0)}; }, kDestinationDown,
       RoutingReason::no_destination},
      {"limited", limited, 0, RoutingReason::capped, 1},
  };
  for (const Case& one : cases) {
    model::Snapshot snapshot = waterfall({{1}});
    one.rule(snapshot);
    Routed routed(snapshot);
    routed.state.overlay[1] = {.id = 1, .flags = one.flags};
    routed.destinations_of(one.clicks_before);
    const RoutingDecision decision = routed.click();
    if (decision.reason != one.reason || decision.destination != nullptr) {
      fail_msg("%s: reason %d", one.name, static_cast<int>(decision.reason));
    }
  }
}

void a_stand_in_has_the_turns_of_the_one_it_stands_in_for(void**) {
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1, 50}, {2, 50}})});
  destination_of(snapshot, 1).caps = {cap_of(0, 10)};
  destination_of(snapshot, 1).overflow = 3;
  Routed routed(snapshot);
  auto counts = routed.destinations_of(100);
  assert_int_equal(counts[1], 10);
  assert_int_equal(counts[3], 40);
  assert_int_equal(counts[2], 50);
}

void labelled_requests_and_bots_use_no_cap_counter_or_uniqueness(void**) {
  model::Snapshot snapshot = with_streams(
      {with_conditions(stream(1, kRegular, 0, {{1, 1}, {2, 1}}), {{"click_limit", false, "day", {"3"}, 4}})});
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  snapshot.campaigns[0].streams[0].anti_repeat_window_s = 60;
  destination_of(snapshot, 1).caps = {cap_of(0, 1)};
  for (const std::uint32_t label : {kLabelHead, kLabelPrefetch, kLabelBot, kLabelScanner}) {
    Routed routed(snapshot);
    assert_int_equal(routed.destinations_of(50, label)[0], 0);
    assert_true(routed.state.sightings.empty());
    assert_int_equal(routed.state.turns, 0);
    for (const auto& [key, count] : routed.state.counts) {
      assert_int_equal(count, 0);
    }
    assert_int_equal(routed.click("c1", label).unique, 0);
  }
  Routed bot(snapshot);
  bot.visitor.given_agent.bot = true;
  assert_int_equal(bot.destinations_of(50)[0], 0);
  assert_true(bot.state.sightings.empty());
  Routed truncated(snapshot);
  truncated.destinations_of(1, kLabelTruncated);
  assert_false(truncated.state.sightings.empty());
}

void the_first_click_of_a_visitor_is_told_by_scope_and_window(void**) {
  model::Snapshot snapshot = with_streams({stream(1, kForced, 0, {{1}}), stream(2, kDefault, 0, {{2}})});
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  snapshot.campaigns[0].streams[0].conditions = {{"country", false, "", {"KZ"}}};
  Routed routed(snapshot);
  routed.visitor.given_key = 5;
  assert_int_equal(routed.click().unique, kUniqueStream | kUniqueCampaign | kUniqueGlobal);
  assert_int_equal(routed.click().unique, 0);
  routed.visitor.given_place.country = "KZ";
  assert_int_equal(routed.click().unique, kUniqueStream);
  routed.visitor.given_key = 6;
  assert_int_equal(routed.click().unique, kUniqueStream | kUniqueCampaign | kUniqueGlobal);
  routed.now_ms += 2 * kHour_ms;
  assert_int_equal(routed.click().unique, kUniqueStream | kUniqueCampaign | kUniqueGlobal);
}

void an_edge_without_memory_for_visitors_tells_none_apart(void**) {
  model::Snapshot snapshot =
      with_streams({with_conditions(stream(1, kRegular, 0, {{1}}), {{"unique", false, "campaign", {}}}),
                    stream(2, kDefault, 0, {{2}})});
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  Routed routed(snapshot);
  routed.uniques = false;
  const RoutingDecision decision = routed.click();
  assert_int_equal(decision.stream->id(), 2);
  assert_int_equal(decision.unique, 0);
  assert_true(routed.state.sightings.empty());
}

void a_condition_on_uniqueness_asks_what_the_click_will_be(void**) {
  model::Snapshot snapshot =
      with_streams({with_conditions(stream(1, kRegular, 0, {{1}}), {{"unique", false, "campaign", {}}}),
                    stream(2, kDefault, 0, {{2}})});
  Routed untold(snapshot);
  assert_int_equal(untold.destination(), 2);  // not known where visitors are not told apart
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  Routed routed(snapshot);
  assert_int_equal(routed.destination(kLabelHead), 1);
  assert_int_equal(routed.destination(), 1);
  assert_int_equal(routed.destination(), 2);
  assert_int_equal(routed.destination(kLabelHead), 2);
}

class Nobody final : public Visitor {
 public:
  const Visit& visit() noexcept override { return asked(visit_); }
  const Tracking& tracking() noexcept override { return asked(tracking_); }
  std::span<const QueryParameter> query() noexcept override { return asked(query_); }
  std::optional<std::string_view> header(std::string_view) noexcept override { return asked(header_); }
  const Place& place() noexcept override { return asked(place_); }
  const Agent& agent() noexcept override { return asked(agent_); }
  std::uint64_t key() noexcept override { return asked(key_); }
  int questions = 0;

 private:
  template <typename T>
  T& asked(T& value) noexcept {
    ++questions;
    return value;
  }
  Visit visit_;
  Tracking tracking_;
  std::span<const QueryParameter> query_;
  std::optional<std::string_view> header_;
  Place place_;
  Agent agent_;
  std::uint64_t key_ = 0;
};

void a_plain_campaign_asks_nothing_about_its_visitor(void**) {
  Routed routed(with_streams({stream(1, kRegular, 0, {{1, 70}, {2, 30}}), stream(2, kDefault, 0, {{3}})}));
  Nobody nobody;
  RoutingContext context{nobody, routed.state, routed.random, routed.regexes};
  for (int i = 0; i < 10; ++i) {
    route(*routed.view, {.campaign = routed.view->find_campaign(1), .now_ms = kNow_ms}, context);
  }
  assert_int_equal(nobody.questions, 0);
  assert_true(routed.state.counts.empty() && routed.state.sightings.empty());
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_destination_may_fix_how_visitors_get_there),
      cmocka_unit_test(an_overflow_is_reached_in_its_own_way),
      cmocka_unit_test(all_conditions_of_a_stream_must_hold),
      cmocka_unit_test(when_all_conditions_fail_there_is_no_stream),
      cmocka_unit_test(a_drawn_stream_that_rejects_gives_way_to_the_others_by_weight),
      cmocka_unit_test(a_click_limit_closes_its_stream_until_the_next_period),
      cmocka_unit_test(what_is_against_a_destination_sends_the_visitor_to_the_next),
      cmocka_unit_test(a_destination_that_a_cap_closed_opens_when_the_window_ends),
      cmocka_unit_test(caps_on_clicks_are_used_up_all_or_none),
      cmocka_unit_test(a_cap_per_sub_id_is_full_for_one_value_and_open_for_the_next),
      cmocka_unit_test(a_cap_that_is_lost_to_another_click_gives_back_the_others_and_the_next_is_tried),
      cmocka_unit_test(overflow_takes_what_a_cap_keeps_away_and_nothing_else),
      cmocka_unit_test(a_visitor_whom_only_a_cap_keeps_away_is_told_so),
      cmocka_unit_test(a_stand_in_has_the_turns_of_the_one_it_stands_in_for),
      cmocka_unit_test(labelled_requests_and_bots_use_no_cap_counter_or_uniqueness),
      cmocka_unit_test(the_first_click_of_a_visitor_is_told_by_scope_and_window),
      cmocka_unit_test(an_edge_without_memory_for_visitors_tells_none_apart),
      cmocka_unit_test(a_condition_on_uniqueness_asks_what_the_click_will_be),
      cmocka_unit_test(a_plain_campaign_asks_nothing_about_its_visitor),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
