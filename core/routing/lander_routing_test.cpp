#include <cstdlib>
#include <set>
#include <vector>

#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

// Landers: which one a click is shown, and what is asked when one of its links is followed.
namespace tributary {
namespace {

using namespace testing;
using model::Selector;

constexpr std::uint32_t kLanderSlot = 30;

model::Snapshot with_landers(std::vector<model::StreamLander> landers, model::Stream only) {
  only.landers = std::move(landers);
  only.lander_rotation_slot = kLanderSlot;
  model::Snapshot snapshot = with_streams({std::move(only)});
  for (std::uint32_t id = 1; id < 10; ++id) {
    snapshot.landers.push_back({id, id > 7 ? model::State::paused : model::State::active,
                                "https://l" + std::to_string(id) + ".example/?t={lander_click}"});
  }
  return snapshot;
}

model::Snapshot two_offers(Selector selector = Selector::weighted) {
  return with_landers({{1, 1}}, only_stream(selector, {{1, 50}, {2, 50}}));
}

std::uint32_t shown(Routed& routed, std::uint32_t labels = 0) {
  const RoutingDecision decision = routed.click("c1", labels);
  return decision.lander == nullptr ? 0 : decision.lander->id();
}

RoutingDecision follow(Routed& routed, std::uint32_t offer = 0, std::uint32_t labels = 0) {
  RoutingContext context{routed.visitor, routed.state, routed.random, routed.regexes};
  const fbs::Campaign* campaign = routed.view->find_campaign("h.example", "c1");
  return route(*routed.view,
               {.campaign = campaign,
                .now_ms = routed.now_ms,
                .labels = labels,
                .from_lander = campaign->streams()->Get(0),
                .offer = offer},
               context);
}

std::uint32_t followed(Routed& routed, std::uint32_t offer = 0) {
  const RoutingDecision decision = follow(routed, offer);
  return decision.destination == nullptr ? 0 : decision.destination->id();
}

void landers_have_exactly_their_shares(void**) {
  Routed routed(with_landers({{1, 50}, {2, 30}, {3, 20}}, only_stream(Selector::weighted, {{1, 1}})));
  std::map<std::uint32_t, int> counts;
  for (int n = 1; n <= 1000; ++n) {
    ++counts[shown(routed)];
    assert_true(std::abs(counts[1] - n / 2) <= 1 && std::abs(counts[2] - n * 3 / 10) <= 1);
  }
  assert_int_equal(counts[3], 200);
  assert_int_equal(routed.state.rotations[kLanderSlot], 1000);
  assert_int_equal(routed.state.rotations[1], 0);
}

void a_sticky_visitor_sees_one_lander_and_landers_and_destinations_are_drawn_apart(void**) {
  Routed routed(with_landers({{1, 1}, {2, 1}}, only_stream(Selector::sticky, {{1, 1}, {2, 1}})));
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint64_t key = 0; key < 200; ++key) {
    routed.visitor.given_key = key * 0x9e3779b97f4a7c15;
    const std::uint32_t lander = shown(routed);
    const std::uint32_t destination = followed(routed);
    pairs.insert({lander, destination});
    assert_int_equal(shown(routed), lander);
    assert_int_equal(followed(routed), destination);
  }
  assert_int_equal(pairs.size(), 4);
}

void labelled_clicks_move_no_rotation_of_landers(void**) {
  Routed routed(with_landers({{1, 50}, {2, 50}}, only_stream(Selector::weighted, {{1, 1}})));
  std::set<std::uint32_t> seen;
  for (int n = 0; n < 100; ++n) {
    seen.insert(shown(routed, kLabelHead));
  }
  assert_int_equal(seen.size(), 2);
  assert_int_equal(routed.state.turns, 0);
}

void without_an_active_lander_visitors_go_straight_on(void**) {
  Routed routed(with_landers({{8, 50}, {9, 50}}, only_stream(Selector::weighted, {{1, 1}})));
  assert_int_equal(shown(routed), 0);
  assert_int_equal(routed.destination(), 1);
}

model::Snapshot capped_at(std::uint32_t amount) {
  model::Snapshot snapshot = two_offers();
  for (const std::uint32_t id : {1u, 2u}) {
    destination_of(snapshot, id).caps = {{.slot = id, .amount = amount, .currency = {}, .time_zone = {}}};
  }
  return snapshot;
}

void a_destination_counts_who_is_sent_there_and_not_who_sees_a_lander(void**) {
  Routed routed(capped_at(2));
  for (int n = 0; n < 10; ++n) {
    assert_int_equal(shown(routed), 1);
  }
  std::map<std::uint32_t, int> counts;
  for (int n = 0; n < 4; ++n) {
    ++counts[followed(routed)];
  }
  assert_int_equal(counts[1], 2);
  assert_int_equal(counts[2], 2);
  assert_true(follow(routed).reason == RoutingReason::capped);
  assert_true(routed.click().reason == RoutingReason::capped);
}

void a_click_limit_counts_clicks_and_not_links_that_are_followed(void**) {
  model::Snapshot snapshot = two_offers();
  snapshot.campaigns[0].streams[0].conditions = {{"click_limit", false, "day", {"3"}, 5}};
  Routed routed(snapshot);
  for (int n = 0; n < 3; ++n) {
    assert_int_equal(shown(routed), 1);
  }
  assert_true(routed.click().reason == RoutingReason::capped);
  for (int n = 0; n < 10; ++n) {
    assert_int_not_equal(followed(routed), 0);
  }
}

void a_link_may_name_its_offer_and_what_is_none_leaves_it_to_the_stream(void**) {
  Routed routed(two_offers(Selector::waterfall));
  assert_int_equal(followed(routed, 2), 2);
  assert_int_equal(followed(routed, 1), 1);
  assert_int_equal(followed(routed, 0), 1);
  assert_int_equal(followed(routed, 3), 1);
  assert_int_equal(followed(routed, UINT32_MAX), 1);
}

void an_offer_that_is_down_now_is_replaced(void**) {
  Routed routed(two_offers(Selector::waterfall));
  assert_int_equal(shown(routed), 1);
  routed.state.overlay[2] = {.id = 2, .flags = kDestinationDown};
  assert_int_equal(followed(routed, 2), 1);
}

void anti_repeat_asks_when_the_link_is_followed(void**) {
  model::Snapshot snapshot = two_offers(Selector::waterfall);
  snapshot.campaigns[0].streams[0].anti_repeat_window_s = 3600;
  Routed routed(snapshot);
  assert_int_equal(shown(routed), 1);
  assert_int_equal(shown(routed), 1);
  assert_int_equal(followed(routed, 2), 2);
  assert_int_equal(followed(routed, 2), 1);
  assert_int_equal(followed(routed), 0);
  assert_true(routed.click().reason == RoutingReason::no_destination);
}

void a_lander_that_leads_nowhere_is_not_shown(void**) {
  Routed routed(two_offers());
  for (const std::uint32_t id : {1u, 2u}) {
    routed.state.overlay[id] = {.id = id, .flags = kDestinationDown};
  }
  const RoutingDecision decision = routed.click();
  assert_null(decision.lander);
  assert_true(decision.reason == RoutingReason::no_destination);
}

void who_comes_from_a_lander_is_no_new_visit(void**) {
  model::Snapshot snapshot = two_offers();
  snapshot.campaigns[0].uniqueness_window_s = 3600;
  Routed routed(snapshot);
  assert_int_equal(follow(routed).unique, 0);
  assert_int_equal(routed.click().unique, kUniqueStream | kUniqueCampaign | kUniqueGlobal);
  assert_int_equal(follow(routed).unique, 0);
}

void a_stream_or_campaign_that_was_paused_meanwhile_takes_nobody(void**) {
  model::Snapshot snapshot = two_offers();
  snapshot.campaigns[0].streams[0].state = model::State::paused;
  Routed paused_stream(snapshot);
  assert_true(follow(paused_stream).reason == RoutingReason::no_stream);
  snapshot.campaigns[0].state = model::State::paused;
  Routed paused_campaign(snapshot);
  assert_true(follow(paused_campaign).reason == RoutingReason::campaign_paused);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(landers_have_exactly_their_shares),
      cmocka_unit_test(a_sticky_visitor_sees_one_lander_and_landers_and_destinations_are_drawn_apart),
      cmocka_unit_test(labelled_clicks_move_no_rotation_of_landers),
      cmocka_unit_test(without_an_active_lander_visitors_go_straight_on),
      cmocka_unit_test(a_destination_counts_who_is_sent_there_and_not_who_sees_a_lander),
      cmocka_unit_test(a_click_limit_counts_clicks_and_not_links_that_are_followed),
      cmocka_unit_test(a_link_may_name_its_offer_and_what_is_none_leaves_it_to_the_stream),
      cmocka_unit_test(an_offer_that_is_down_now_is_replaced),
      cmocka_unit_test(anti_repeat_asks_when_the_link_is_followed),
      cmocka_unit_test(a_lander_that_leads_nowhere_is_not_shown),
      cmocka_unit_test(who_comes_from_a_lander_is_no_new_visit),
      cmocka_unit_test(a_stream_or_campaign_that_was_paused_meanwhile_takes_nobody),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
