#include "core/snapshot/snapshot_view.h"

#include <string>
#include <vector>

#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/snapshot_layer.h"
#include "core/snapshot/test_build.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using Bytes = std::vector<std::uint8_t>;

using testing::build;
using testing::view_of;

model::Campaign named(std::uint32_t id, std::string host, std::string slug) {
  model::Campaign campaign;
  campaign.id = id;
  campaign.team = {1, 1};
  campaign.host = std::move(host);
  campaign.slug = std::move(slug);
  return campaign;
}

// A delta with the given campaigns over generation 1-1.
model::Snapshot delta_of(std::vector<model::Campaign> campaigns) {
  model::Snapshot delta = sample_snapshot({.campaigns = 0, .networks = 0, .generation = {1, 2}});
  delta.base = {1, 1};
  delta.campaigns = std::move(campaigns);
  return delta;
}

// proves: A48
void finds_a_campaign_by_host_and_slug_then_by_slug_on_any_host(void**) {
  model::Snapshot model = sample_snapshot({.campaigns = 0});
  model.campaigns = {named(1, "", "sale"), named(2, "shop.example", "sale"), named(3, "shop.example", ""),
                     named(4, "", "other")};
  const Bytes bytes = build(model);
  const auto view = view_of(bytes);
  assert_int_equal(view->find_campaign("shop.example", "sale")->id(), 2);
  assert_int_equal(view->find_campaign("elsewhere.example", "sale")->id(), 1);
  assert_int_equal(view->find_campaign("", "sale")->id(), 1);
  assert_int_equal(view->find_campaign("shop.example", "")->id(), 3);
  assert_int_equal(view->find_campaign("shop.example", "other")->id(), 4);
  assert_null(view->find_campaign("elsewhere.example", ""));
  assert_null(view->find_campaign("shop.example", "Sale"));
  assert_null(view->find_campaign("shop.examplesale", ""));
}

void finds_every_record_of_a_large_snapshot_and_nothing_else(void**) {
  const Bytes bytes = build(sample_snapshot({.campaigns = 10'000, .networks = 500}));
  const auto view = view_of(bytes);
  assert_int_equal(view->campaign_count(), 10'000);
  for (std::uint32_t id = 1; id <= 10'000; ++id) {
    const std::string slug = "c" + std::to_string(id);
    assert_int_equal(view->find_campaign("any.example", slug)->id(), id);
    assert_int_equal(view->find_campaign(id)->id(), id);
    assert_null(view->find_campaign(id + 10'000));
    assert_null(view->find_campaign("any.example", slug + "x"));
  }
  for (std::uint32_t id = 1; id <= 500; ++id) {
    assert_int_equal(view->find_network("network" + std::to_string(id))->id(), id);
    assert_int_equal(view->find_network(id)->id(), id);
  }
  assert_null(view->find_network("network501"));
  assert_null(view->find_network(501));
}

void carries_trafficback_of_teams_and_installation_and_click_keys(void**) {
  model::Snapshot model = sample_snapshot({});
  model.teams.push_back({{0, 7}, ""});
  const Bytes bytes = build(model);
  const auto view = view_of(bytes);
  assert_text(text_of(view->team_trafficback(1, 1)->text()), "https://offers.example/team");
  assert_null(view->team_trafficback(0, 7));
  assert_null(view->team_trafficback(9, 9));
  assert_text(text_of(view->global_trafficback()->text()), "https://offers.example/global");
  assert_non_null(view->click_keys().find(0));
  assert_memory_equal(view->click_keys().find(0)->secret.data(), model.click_keys[0].secret.data(), 16);
  assert_int_equal(view->rotation_slots(), 3);
}

void a_delta_replaces_adds_and_removes(void**) {
  const Bytes base = build(sample_snapshot({}));
  model::Campaign changed = named(2, "", "c2");
  changed.currency = "EUR";
  model::Campaign gone = named(3, "", "c3");
  gone.state = model::State::deleted;
  const Bytes delta = build(delta_of({changed, gone, named(9, "", "new")}));
  const auto view = view_of(base, delta);
  assert_true((view->generation() == Generation{1, 2}));
  assert_text(text_of(view->find_campaign("h", "c1")->currency()), "USD");
  assert_text(text_of(view->find_campaign("h", "c2")->currency()), "EUR");
  assert_text(text_of(view->find_campaign(2)->currency()), "EUR");
  assert_null(view->find_campaign("h", "c3"));
  assert_null(view->find_campaign(3));
  assert_int_equal(view->find_campaign("h", "new")->id(), 9);
}

void a_renamed_campaign_is_found_by_its_new_name_only(void**) {
  const Bytes base = build(sample_snapshot({}));
  model::Campaign old_name = named(2, "", "c2");
  old_name.state = model::State::deleted;
  const Bytes delta = build(delta_of({old_name, named(2, "", "renamed")}));
  const auto view = view_of(base, delta);
  assert_null(view->find_campaign("h", "c2"));
  assert_int_equal(view->find_campaign("h", "renamed")->id(), 2);
  assert_text(text_of(view->find_campaign(2)->slug()), "renamed");
}

void two_campaigns_may_swap_their_names(void**) {
  const Bytes base = build(sample_snapshot({}));
  model::Campaign gone = named(3, "", "c3");
  gone.state = model::State::deleted;
  const Bytes delta = build(delta_of({named(1, "", "c2"), named(2, "", "c1"), gone, named(4, "", "c3")}));
  const auto view = view_of(base, delta);
  assert_int_equal(view->find_campaign("h", "c1")->id(), 2);
  assert_int_equal(view->find_campaign("h", "c2")->id(), 1);
  assert_int_equal(view->find_campaign("h", "c3")->id(), 4);
  assert_null(view->find_campaign(3));
}

// proves: C126
void finds_links_by_code_and_partners_by_id_also_under_a_delta(void**) {
  model::Snapshot model = sample_snapshot({});
  model.partners = {{1, {1, 1}, model::State::active}, {2, {1, 1}, model::State::active}};
  model.links = {{1, "link-one", model::State::active, 1, 1, ""}, {2, "link-two", model::State::active, 1, 2, ""}};
  const Bytes base = build(model);
  assert_int_equal(view_of(base)->find_link("link-two")->id(), 2);
  assert_null(view_of(base)->find_link("LINK-TWO"));
  assert_null(view_of(base)->find_partner(3));
  model::Snapshot change = delta_of({});
  change.partners = {{2, {1, 1}, model::State::deleted}, {3, {1, 1}, model::State::paused}};
  change.links = {{2, "link-two", model::State::deleted, 1, 2, ""}, {1, "link-one", model::State::paused, 1, 1, ""}};
  const Bytes delta = build(change);
  const auto view = view_of(base, delta);
  assert_null(view->find_link("link-two"));
  assert_true(view->find_link("link-one")->state() == fbs::State::Paused);
  assert_null(view->find_partner(2));
  assert_int_equal(view->find_partner(1)->id(), 1);
  assert_true(view->find_partner(3)->state() == fbs::State::Paused);
}

void a_delta_that_leaves_an_old_name_behind_is_refused(void**) {
  const Bytes base = build(sample_snapshot({}));
  const Bytes renamed = build(delta_of({named(2, "", "renamed")}));
  assert_true(SnapshotView::over(base, renamed).error().code == SnapshotError::Code::wrong_base);
  const Bytes taken = build(delta_of({named(8, "", "c2")}));
  assert_true(SnapshotView::over(base, taken).error().code == SnapshotError::Code::wrong_base);
}

void a_delta_alone_or_over_another_base_is_refused(void**) {
  const Bytes delta = build(delta_of({}));
  const Bytes other = build(sample_snapshot({.generation = {1, 5}}));
  assert_true(SnapshotView::over(delta).error().code == SnapshotError::Code::wrong_base);
  assert_true(SnapshotView::over(other, delta).error().code == SnapshotError::Code::wrong_base);
  assert_true(SnapshotView::over(delta, delta).error().code == SnapshotError::Code::wrong_base);
}

void the_same_configuration_compiles_to_the_same_bytes(void**) {
  const model::Snapshot model = sample_snapshot({.campaigns = 100, .networks = 5});
  assert_true(build(model) == build(model));
}

const fbs::Campaign* reached(const SnapshotView& view, std::string_view host, std::string_view slug) {
  const CampaignName name(host, slug);
  return view.on_own_domain(name, view.find_campaign(name));
}

model::Snapshot with_domains() {
  model::Snapshot model = sample_snapshot({.campaigns = 0});
  model.campaigns = {named(1, "", "ours"), named(2, "own.example", "sale"), named(3, "", ""), named(4, "", "theirs"),
                     named(5, "full.example", "")};
  model.campaigns[3].team = {2, 2};
  model.domains = {{"own.example", {1, 1}, true, 1},   {"full.example", {1, 1}, true, 1},
                   {"bare.example", {1, 1}, true, 0},  {"odd.example", {1, 1}, true, 4},
                   {"gone.example", {1, 1}, true, 99}, {"paused.example", {1, 1}, false, 1},
                   {"their.example", {2, 2}, true, 4}};
  return model;
}

void a_domain_leads_to_campaigns_of_its_team_only(void**) {
  const Bytes bytes = build(with_domains());
  const auto view = view_of(bytes);
  assert_true(view->has_domains());
  assert_int_equal(reached(*view, "own.example", "sale")->id(), 2);
  assert_int_equal(reached(*view, "own.example", "ours")->id(), 1);
  assert_null(reached(*view, "own.example", "theirs"));
  assert_null(reached(*view, "their.example", "ours"));
  assert_int_equal(reached(*view, "their.example", "theirs")->id(), 4);
  assert_null(reached(*view, "paused.example", "ours"));
  assert_null(reached(*view, "paused.example", ""));
}

void a_host_serves_its_team_and_one_that_is_nobodys_serves_all(void**) {
  const Bytes bytes = build(with_domains());
  const auto view = view_of(bytes);
  const fbs::Uuid ours(1, 1);
  const fbs::Uuid theirs(2, 2);
  assert_true(view->serves_team("own.example", ours));
  assert_false(view->serves_team("own.example", theirs));
  assert_true(view->serves_team("their.example", theirs));
  assert_false(view->serves_team("paused.example", ours));
  assert_true(view->serves_team("elsewhere.example", ours));
  assert_true(view->serves_team("", theirs));
}

// proves: A48
void a_campaign_with_the_host_of_another_team_hides_nothing_there(void**) {
  model::Snapshot model = with_domains();
  model.campaigns.push_back(named(6, "own.example", "ours"));
  model.campaigns.push_back(named(7, "own.example", ""));
  model.campaigns[5].team = model.campaigns[6].team = {2, 2};
  const Bytes bytes = build(model);
  const auto view = view_of(bytes);
  assert_int_equal(reached(*view, "own.example", "ours")->id(), 1);
  assert_int_equal(reached(*view, "own.example", "")->id(), 1);
}

void a_request_without_a_name_gets_the_default_campaign_of_its_domain(void**) {
  const Bytes bytes = build(with_domains());
  const auto view = view_of(bytes);
  assert_int_equal(reached(*view, "own.example", "")->id(), 1);
  assert_int_equal(reached(*view, "full.example", "")->id(), 5);  // has its own
  assert_int_equal(reached(*view, "bare.example", "")->id(), 3);  // that of any host
  assert_null(reached(*view, "odd.example", ""));                 // another team's
  assert_null(reached(*view, "gone.example", ""));
}

void a_host_that_is_nobodys_reaches_what_any_host_does(void**) {
  const Bytes bytes = build(with_domains());
  const auto view = view_of(bytes);
  assert_int_equal(reached(*view, "elsewhere.example", "theirs")->id(), 4);
  assert_null(reached(*view, "elsewhere.example", "sale"));
  assert_int_equal(reached(*view, "", "ours")->id(), 1);
  const Bytes none = build(sample_snapshot({.campaigns = 1}));
  assert_false(view_of(none)->has_domains());
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(finds_a_campaign_by_host_and_slug_then_by_slug_on_any_host),
      cmocka_unit_test(finds_every_record_of_a_large_snapshot_and_nothing_else),
      cmocka_unit_test(carries_trafficback_of_teams_and_installation_and_click_keys),
      cmocka_unit_test(a_delta_replaces_adds_and_removes),
      cmocka_unit_test(a_renamed_campaign_is_found_by_its_new_name_only),
      cmocka_unit_test(two_campaigns_may_swap_their_names),
      cmocka_unit_test(finds_links_by_code_and_partners_by_id_also_under_a_delta),
      cmocka_unit_test(a_delta_that_leaves_an_old_name_behind_is_refused),
      cmocka_unit_test(a_delta_alone_or_over_another_base_is_refused),
      cmocka_unit_test(a_domain_leads_to_campaigns_of_its_team_only),
      cmocka_unit_test(a_host_serves_its_team_and_one_that_is_nobodys_serves_all),
      cmocka_unit_test(a_campaign_with_the_host_of_another_team_hides_nothing_there),
      cmocka_unit_test(a_request_without_a_name_gets_the_default_campaign_of_its_domain),
      cmocka_unit_test(a_host_that_is_nobodys_reaches_what_any_host_does),
      cmocka_unit_test(the_same_configuration_compiles_to_the_same_bytes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
