#include "core/attribution/attribution.h"

#include <string>

#include "core/base/cmocka.h"

// proves: C5 C19 C24 C25 C38 C42 C44 C141 C142 C143

namespace tributary {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kNow = 1'790'000'000'000'000;

constexpr CouponFacts kAnnasCoupon{.id = 1, .campaign = 10, .partner = 100};
constexpr CouponFacts kGenericCoupon{.id = 2, .campaign = 20};
constexpr LinkFacts kBensLink{.id = 5, .campaign = 30, .partner = 200};
constexpr LinkFacts kForeignLink{.id = 6, .campaign = 31, .partner = 201, .foreign = true};

ClickFacts click(std::uint64_t id, std::int64_t time_us, std::uint32_t partner, std::uint32_t link = 0) {
  return {.id = {id, 0}, .time_us = time_us, .campaign = 40, .partner = partner, .link = link};
}

CouponFacts valid(std::int64_t from, std::int64_t until) {
  CouponFacts coupon = kAnnasCoupon;
  coupon.valid_from_us = from;
  coupon.valid_until_us = until;
  return coupon;
}

template <typename Facts>
Proof<Facts> found(const Facts& facts) {
  return {true, facts};
}
constexpr auto kNotFound = std::nullopt;

struct Case {
  const char* name;
  Evidence evidence;
  std::string_view matcher;  // that won; empty: nobody has it
  std::uint32_t partner;
  std::uint32_t campaign;
  std::string_view losers;  // matcher=outcome, in the order of the matchers
};

std::string losers_of(const Attribution& result) {
  std::string text;
  for (std::size_t i = 0; i < result.loser_count; ++i) {
    text += (i == 0 ? "" : " ") + std::string(matcher_name(result.losers[i].matcher)) + "=" +
            std::string(match_outcome_name(result.losers[i].outcome));
  }
  return text;
}

void check(const Case& expected, const AttributionRules& rules = {}) {
  Evidence evidence = expected.evidence;
  evidence.time_us = kNow;
  const Attribution result = attribute(evidence, rules);
  const std::string_view matcher = result.winner ? matcher_name(result.winner->matcher) : "";
  if (matcher != expected.matcher || losers_of(result) != expected.losers) {
    print_error("%s: %s, %s\n", expected.name, std::string(matcher).c_str(), losers_of(result).c_str());
  }
  assert_true(matcher == expected.matcher);
  assert_true(losers_of(result) == expected.losers);
  assert_int_equal(result.winner ? result.winner->partner : 0, expected.partner);
  assert_int_equal(result.winner ? result.winner->campaign : 0, expected.campaign);
  assert_int_equal(result.confidence > 0, !expected.matcher.empty());
}

void the_strongest_proof_that_holds_has_it(void**) {
  const auto coupon = found(kAnnasCoupon);
  const auto link = found(kBensLink);
  const auto old = found(click(1, kNow - 31 * kDay, 300));
  const auto fresh = found(click(2, kNow - kDay, 300));
  const Case cases[] = {
      {"nothing was given", {}, "", 0, 0, ""},
      {"a coupon of an influencer", {.coupon = coupon}, "coupon", 100, 10, ""},
      {"a coupon beats a ref code", {.coupon = coupon, .ref_code = link}, "coupon", 100, 10, "ref_code=outranked"},
      {"a generic coupon leaves it to the link",
       {.coupon = found(kGenericCoupon), .ref_code = link},
       "ref_code",
       200,
       30,
       "coupon=generic"},
      {"a generic coupon leaves it to the click",
       {.coupon = found(kGenericCoupon), .click = fresh},
       "click_id",
       300,
       40,
       "coupon=generic"},
      {"a generic coupon alone credits its campaign", {.coupon = found(kGenericCoupon)}, "coupon", 0, 20, ""},
      {"an unknown coupon leaves it to the link",
       {.coupon = {true, kNotFound}, .ref_code = link},
       "ref_code",
       200,
       30,
       "coupon=unknown"},
      {"a coupon that begins later",
       {.coupon = found(valid(kNow + 1, INT64_MAX)), .ref_code = link},
       "ref_code",
       200,
       30,
       "coupon=not_yet_valid"},
      {"a coupon is valid from its first moment", {.coupon = found(valid(kNow, INT64_MAX))}, "coupon", 100, 10, ""},
      {"a coupon that ended in this moment",
       {.coupon = found(valid(INT64_MIN, kNow)), .ref_code = link},
       "ref_code",
       200,
       30,
       "coupon=expired"},
      {"a ref code in the landing page",
       {.landing_url = link, .click = fresh},
       "landing_url",
       200,
       30,
       "click_id=outranked"},
      {"a ref code in the referrer",
       {.landing_url = {true, kNotFound}, .referrer = link},
       "referrer",
       200,
       30,
       "landing_url=unknown"},
      {"a link of another advertiser credits nobody", {.ref_code = found(kForeignLink)}, "", 0, 0, "ref_code=foreign"},
      {"a click within the window", {.click = fresh}, "click_id", 300, 40, ""},
      {"a click before the window", {.click = old}, "", 0, 0, "click_id=too_old"},
      {"a click that nobody knows", {.click = {true, kNotFound}}, "", 0, 0, "click_id=unknown"},
      {"an old click does not weaken a ref code",
       {.ref_code = link, .click = old},
       "ref_code",
       200,
       30,
       "click_id=too_old"},
  };
  for (const Case& one : cases) {
    check(one);
  }
}

void of_several_clicks_of_a_customer_the_first_in_the_window_counts(void**) {
  const ClickFacts touches[] = {click(3, kNow - 5 * kDay, 301), click(4, kNow - 40 * kDay, 302),
                                click(5, kNow - 9 * kDay, 303), click(6, kNow + kDay, 304)};
  const auto own = found(click(2, kNow - kDay, 300));
  check({"first touch", {.click = own, .touches = touches}, "click_id", 303, 40, ""});
  const ClickFacts later[] = {click(7, kNow - kDay / 2, 305)};
  check({"the own click is the first", {.click = own, .touches = later}, "click_id", 300, 40, ""});
  check({"a customer who is known by earlier clicks", {.touches = touches}, "click_id", 303, 40, ""});
  check({"a customer whose clicks are all too old",
         {.touches = std::span(touches).subspan(1, 1)},
         "",
         0,
         0,
         "click_id=too_old"});
}

void a_ref_code_credits_the_owner_of_its_link_whoever_was_touched_first(void**) {
  const ClickFacts touches[] = {click(3, kNow - 9 * kDay, 301), click(4, kNow - 5 * kDay, 200, kBensLink.id),
                                click(5, kNow - 7 * kDay, 200, kBensLink.id)};
  Evidence evidence{.time_us = kNow, .ref_code = found(kBensLink), .touches = touches};
  const Attribution result = attribute(evidence, {});
  assert_int_equal(result.winner->partner, 200);
  assert_int_equal(result.winner->click.high, 5);
}

void an_advertiser_may_order_the_matchers_and_leave_some_out(void**) {
  const Evidence evidence{.coupon = found(kAnnasCoupon), .ref_code = found(kBensLink)};
  AttributionRules rules;
  rules.matchers = {Matcher::ref_code, Matcher::coupon};
  rules.count = 2;
  check({"ref code first", evidence, "ref_code", 200, 30, "coupon=outranked"}, rules);
  rules.count = 0;
  check({"nothing is looked at", evidence, "", 0, 0, ""}, rules);
}

void a_valid_coupon_is_told_also_where_a_link_has_it(void**) {
  Evidence evidence{.time_us = kNow, .coupon = found(kGenericCoupon), .ref_code = found(kBensLink)};
  assert_int_equal(attribute(evidence, {}).coupon, 2);
  evidence.coupon = found(valid(INT64_MIN, kNow));
  assert_int_equal(attribute(evidence, {}).coupon, 0);
}

void a_ref_code_is_found_in_the_query_of_a_url_only(void**) {
  char buffer[64];
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"https://shop.example/?ref_code=anna", "anna"},
      {"https://shop.example/p?utm=1&ref_code=anna%2D1&x=2#top", "anna-1"},
      {"https://shop.example/?ref_code=&ref_code=second", "second"},
      {"https://shop.example/ref_code=anna", ""},
      {"https://shop.example/?a=1#?ref_code=anna", ""},
      {"https://shop.example/?xref_code=anna", ""},
      {"", ""},
  };
  for (const auto& [url, code] : cases) {
    assert_true(ref_code_in(url, buffer) == code);
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_strongest_proof_that_holds_has_it),
      cmocka_unit_test(of_several_clicks_of_a_customer_the_first_in_the_window_counts),
      cmocka_unit_test(a_ref_code_credits_the_owner_of_its_link_whoever_was_touched_first),
      cmocka_unit_test(an_advertiser_may_order_the_matchers_and_leave_some_out),
      cmocka_unit_test(a_valid_coupon_is_told_also_where_a_link_has_it),
      cmocka_unit_test(a_ref_code_is_found_in_the_query_of_a_url_only),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
