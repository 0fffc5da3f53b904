#include <map>

#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

// Campaigns that share the streams of a rotation.
namespace tributary {
namespace {

using namespace testing;

// Campaigns 1 and 2 ("c1", "c2") with rotation 5: destinations 1 and 2, weights 3 and 1.
model::Snapshot sharing() {
  model::Snapshot snapshot = with_streams({});
  model::Stream shared = only_stream(model::Selector::weighted, {{1, 3}, {2, 1}});
  shared.rotation_slot = 1;
  snapshot.rotations = {{5, {shared}}};
  snapshot.campaigns.push_back(snapshot.campaigns[0]);
  snapshot.campaigns[1].id = 2;
  snapshot.campaigns[1].slug = "c2";
  snapshot.campaigns[0].rotation = snapshot.campaigns[1].rotation = 5;
  snapshot.campaigns[0].rotation_slots = {7, 3};
  snapshot.campaigns[1].rotation_slots = {4, 9};
  return snapshot;
}

// proves: A34
void every_campaign_of_a_rotation_has_exact_shares_of_its_own(void**) {
  Routed routed(sharing());
  std::map<std::string_view, std::map<std::uint32_t, int>> counts;
  for (int i = 0; i < 400; ++i) {
    const std::string_view slug = i % 4 == 0 ? "c2" : "c1";
    ++counts[slug][routed.click(slug).destination->id()];
  }
  assert_int_equal(counts["c1"][1], 225);
  assert_int_equal(counts["c1"][2], 75);
  assert_int_equal(counts["c2"][1], 75);
  assert_int_equal(counts["c2"][2], 25);
  assert_int_equal(routed.state.rotations[3], 300);
  assert_int_equal(routed.state.rotations[9], 100);
}

void a_visitor_is_new_to_the_stream_in_every_campaign(void**) {
  auto snapshot = sharing();
  for (auto& campaign : snapshot.campaigns) {
    campaign.uniqueness_window_s = 3600;
  }
  Routed routed(snapshot);
  assert_int_equal(routed.click("c1").unique, kUniqueStream | kUniqueCampaign | kUniqueGlobal);
  assert_int_equal(routed.click("c2").unique, kUniqueStream | kUniqueCampaign);
  assert_int_equal(routed.click("c2").unique, 0);
}

void a_round_robin_turns_for_every_campaign_by_itself(void**) {
  auto snapshot = sharing();
  snapshot.rotations[0].streams[0].selector = model::Selector::round_robin;
  Routed routed(snapshot);
  for (const std::uint32_t turn : {1u, 2u, 1u}) {
    assert_int_equal(routed.click("c1").destination->id(), turn);
    assert_int_equal(routed.click("c2").destination->id(), turn);
  }
}

void a_rotation_without_streams_is_a_campaign_without_streams(void**) {
  auto snapshot = sharing();
  snapshot.rotations[0].streams.clear();
  Routed routed(snapshot);
  assert_int_equal(routed.click("c1").reason, RoutingReason::no_stream);
}

void a_delta_changes_the_rotation_of_all_its_campaigns(void**) {
  const auto base = build(sharing());
  auto changed = sharing();
  changed.base = changed.generation;
  ++changed.generation.counter;
  changed.rotations[0].streams[0].destinations = {{3, 1}};
  changed.campaigns.clear();
  const auto delta = build(changed);
  const auto view = view_of(base, delta);
  Routed routed(sharing());
  RoutingContext context{routed.visitor, routed.state, routed.random, routed.regexes};
  for (const char* slug : {"c1", "c2"}) {
    const auto decision =
        route(*view, {.campaign = view->find_campaign("h.example", slug), .now_ms = kNow_ms}, context);
    assert_int_equal(decision.destination->id(), 3);
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_campaign_of_a_rotation_has_exact_shares_of_its_own),
      cmocka_unit_test(a_visitor_is_new_to_the_stream_in_every_campaign),
      cmocka_unit_test(a_round_robin_turns_for_every_campaign_by_itself),
      cmocka_unit_test(a_rotation_without_streams_is_a_campaign_without_streams),
      cmocka_unit_test(a_delta_changes_the_rotation_of_all_its_campaigns),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
