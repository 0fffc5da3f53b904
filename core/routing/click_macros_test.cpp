#include "core/routing/click_macros.h"

#include <set>
#include <string>

#include "core/routing/explain.h"
#include "core/routing/test_routing.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using namespace testing;

// Says whether it was asked for what costs work.
class CountingVisitor final : public Visitor {
 public:
  const Visit& visit() noexcept override { return given.visit(); }
  const Tracking& tracking() noexcept override { return given.tracking(); }
  std::span<const QueryParameter> query() noexcept override { return given.query(); }
  std::optional<std::string_view> header(std::string_view name) noexcept override { return given.header(name); }
  const Place& place() noexcept override { return ++places, given.place(); }
  const Agent& agent() noexcept override { return ++agents, given.agent(); }
  std::uint64_t key() noexcept override { return given.key(); }

  FixedVisitor given;
  int places = 0;
  int agents = 0;
};

constexpr std::uint8_t kV4[] = {192, 0, 2, 1};

// A destination as it is in a snapshot, and a click on it.
struct Rendered {
  Routed routed;
  CountingVisitor visitor;
  ClickMacros::Ids ids{"id32", 7, 8, 9, 0};

  explicit Rendered(const std::string& query)
      : routed([&] {
          model::Snapshot snapshot = with_streams({only_stream(model::Selector::weighted, {{1}})});
          destination_of(snapshot, 1).url = "https://offer.example/?" + query;
          return snapshot;
        }()) {
    visitor.given.given_visit.address = AddressBytes(kV4);
    visitor.given.given_place = {"KZ", "AS", "75", "Almaty", "Kcell AO", "cellular", 29355};
    visitor.given.given_agent = {DeviceType::phone, false, "Apple", "iPhone 15", "iOS", "17.1",
                                 "Mobile Safari",   "17.0"};
  }

  std::string query() {
    const std::uint64_t now_ms = 1'795'219'261'000;  // 2026-11-21 00:01:01 UTC
    ClickMacros macros(ids, visitor, now_ms, routed.random);
    return rendered_url(*routed.click().destination->url(), macros)
        .substr(std::string("https://offer.example/?").size());
  }
};

void macros_take_their_values_from_the_click(void**) {
  Rendered r("{click_id}|{campaign_id}|{stream_id}|{offer_id}|{sub1}|{s30}|{cost}|{currency}|{ip}|{ua}|{timestamp}");
  Tracking& tracking = r.visitor.given.given_tracking;
  tracking.sub_ids[0] = "first";
  tracking.sub_ids[29] = "last";
  tracking.cost_micros = 1'500'000;
  tracking.currency = "EUR";
  r.visitor.given.given_visit.user_agent = "agent";
  assert_text(r.query(), "id32%7C7%7C8%7C9%7Cfirst%7Clast%7C1.5%7CEUR%7C192.0.2.1%7Cagent%7C1795219261");
}

void what_a_click_does_not_have_is_empty(void**) {
  Rendered r("a={source_id}&b={cost}&c={sub1}&d={keyword}&e={sub1:hash}");
  assert_text(r.query(), "a=&b=&c=&d=&e=");
}

void places_and_agents_have_macros(void**) {
  Rendered place("{country}-{continent}-{region}-{city}-{isp}-{asn}-{connection_type}");
  assert_text(place.query(), "KZ-AS-75-Almaty-Kcell%20AO-29355-cellular");
  Rendered agent("{device}-{brand}-{model}-{os}-{os_version}-{browser}-{browser_version}");
  assert_text(agent.query(), "phone-Apple-iPhone%2015-iOS-17.1-Mobile%20Safari-17.0");
}

void nobody_is_looked_up_for_a_template_that_does_not_ask(void**) {
  Rendered plain("{click_id}-{sub1}-{ip}-{date}");
  plain.query();
  assert_int_equal(plain.visitor.places + plain.visitor.agents, 0);
  Rendered country("{country}");
  country.query();
  assert_int_equal(country.visitor.places, 1);
  assert_int_equal(country.visitor.agents, 0);
}

void dates_are_written_in_their_zone(void**) {
  Rendered r("a={date}&b={date:Y-m-d H:i:s,Asia/Almaty}&c={_date:H:i,America/New_York}&d={date:d.m.Y,UTC}");
  assert_text(r.query(), "a=2026-11-21&b=2026-11-21%2005%3A01%3A01&c=19:01&d=21.11.2026");
}

void random_numbers_stay_in_their_range(void**) {
  Rendered r("{random:7,9}");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(r.query());
  }
  assert_true(seen == (std::set<std::string>{"7", "8", "9"}));
  Rendered wide("{random:0,999999999999999999}");
  assert_true(wide.query() != wide.query());
  Rendered only("{random:5,5}");
  assert_text(only.query(), "5");
}

void a_sample_is_one_of_the_items(void**) {
  Rendered r("{sample:a b,c/d,}");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(r.query());
  }
  assert_true(seen == (std::set<std::string>{"a%20b", "c%2Fd", ""}));
}

// SHA-256 as ad platforms want it: printf '%s' Jane@Example.com | sha256sum, and of the same in lower case.
void a_hash_is_sha256(void**) {
  Rendered r("{sub1:hash}&{sub1:lower:hash}&{sub1:hash:raw}");
  r.visitor.given.given_tracking.sub_ids[0] = "Jane@Example.com";
  const std::string as_is = "1940a82c8d3cabcab2cab499a03ccaa7fa00eccd8b8a4295751f901b496f6109";
  const std::string lower = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d";
  assert_text(r.query(), as_is + "&" + lower + "&" + as_is);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(macros_take_their_values_from_the_click),
      cmocka_unit_test(what_a_click_does_not_have_is_empty),
      cmocka_unit_test(places_and_agents_have_macros),
      cmocka_unit_test(nobody_is_looked_up_for_a_template_that_does_not_ask),
      cmocka_unit_test(dates_are_written_in_their_zone),
      cmocka_unit_test(random_numbers_stay_in_their_range),
      cmocka_unit_test(a_sample_is_one_of_the_items),
      cmocka_unit_test(a_hash_is_sha256),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
