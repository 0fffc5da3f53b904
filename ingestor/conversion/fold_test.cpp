#include "ingestor/conversion/fold.h"

#include <algorithm>
#include <random>
#include <vector>

#include "core/base/cmocka.h"
#include "ingestor/rollup/rollup.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

constexpr std::uint64_t kHourUs = 3600ull * 1'000'000;

PostbackFact postback(ConversionStatus status, std::uint64_t hour, std::uint64_t position,
                      std::optional<std::int64_t> payout = std::nullopt) {
  PostbackFact fact;
  fact.time_us = hour * kHourUs;
  fact.journal = 1;
  fact.position = position;
  fact.status = status;
  fact.raw_status = conversion_status_name(status);
  fact.amounts.payout = payout;
  if (payout) fact.amounts.currency = "USD";
  return fact;
}

ConversionState folded(const std::vector<PostbackFact>& postbacks) {
  ConversionState state;
  for (const PostbackFact& fact : postbacks) fold(state, fact);
  return state;
}

// What the rollups hold after each step added (new - old).
Rollup rolled_up(const std::vector<PostbackFact>& postbacks) {
  Rollup rollup;
  ConversionState state;
  for (const PostbackFact& fact : postbacks) {
    rollup.add_conversion(state, -1);
    fold(state, fact);
    rollup.add_conversion(state, +1);
  }
  return rollup;
}

bool same_counts(const ConversionMeasures& a, const ConversionMeasures& b) {
  return a.by_status == b.by_status && a.payout == b.payout && a.revenue == b.revenue;
}

// Groups that went up and down again hold zeros, and are as good as absent.
bool same_rollup(const Rollup& a, const Rollup& b) {
  for (const auto* pair : {&a, &b}) {
    const Rollup& other = pair == &a ? b : a;
    for (const auto& [key, measures] : pair->groups()) {
      const auto found = other.groups().find(key);
      const RollupMeasures theirs = found == other.groups().end() ? RollupMeasures{} : found->second;
      if (!same_counts(measures.by_click, theirs.by_click)) return false;
      if (!same_counts(measures.by_receipt, theirs.by_receipt)) return false;
    }
  }
  return true;
}

void a_later_status_never_falls_back_to_a_lesser_one(void**) {
  const ConversionState state =
      folded({postback(ConversionStatus::sale, 1, 1), postback(ConversionStatus::lead, 2, 2)});
  assert_int_equal(state.status, ConversionStatus::sale);
}

void rejected_beats_sale_unless_the_network_says_otherwise(void**) {
  auto rejection = postback(ConversionStatus::rejected, 1, 1);
  auto sale = postback(ConversionStatus::sale, 2, 2);
  assert_int_equal(folded({rejection, sale}).status, ConversionStatus::rejected);
  rejection.back_to_sale = sale.back_to_sale = true;
  assert_int_equal(folded({rejection, sale}).status, ConversionStatus::sale);
}

void amounts_come_together_from_the_greatest_that_names_any(void**) {
  const ConversionState state =
      folded({postback(ConversionStatus::lead, 1, 1, 5), postback(ConversionStatus::sale, 2, 2, 7),
              postback(ConversionStatus::rejected, 3, 3)});
  assert_int_equal(*state.amounts.payout, 7);
  assert_int_equal(state.status, ConversionStatus::rejected);
}

void the_click_is_that_of_the_earliest_postback_that_names_one(void**) {
  auto without = postback(ConversionStatus::lead, 1, 1);
  auto second = postback(ConversionStatus::sale, 2, 2);
  second.click.id = {2, 0};
  auto third = postback(ConversionStatus::sale, 3, 3);
  third.click.id = {3, 0};
  assert_int_equal(folded({third, without, second}).click.id.high, 2);
}

ConversionState folded_by(DuplicatePolicy policy, std::vector<PostbackFact> postbacks) {
  for (PostbackFact& fact : postbacks) fact.policy = policy;
  return folded(postbacks);
}

void an_ignored_duplicate_changes_nothing_whichever_comes_first(void**) {
  const auto first = postback(ConversionStatus::sale, 1, 1, 5);
  const auto second = postback(ConversionStatus::rejected, 2, 2, 7);
  for (const auto& order : {std::vector{first, second}, std::vector{second, first}}) {
    const auto state = folded_by(DuplicatePolicy::ignore, order);
    assert_int_equal(state.status, ConversionStatus::sale);
    assert_int_equal(*state.amounts.payout, 5);
    assert_int_equal(state.postbacks, 2);
  }
}

PostbackFact by_hand(ConversionStatus status, std::uint64_t hour) {
  PostbackFact fact = postback(status, hour, 1);
  fact.journal = 0;  // a decision comes from no journal
  fact.decision = Decision{};
  return fact;
}

void an_ignored_duplicate_does_not_undo_what_somebody_decided(void**) {
  auto first = postback(ConversionStatus::sale, 1, 1, 10);
  auto again = postback(ConversionStatus::sale, 3, 3, 500);
  first.policy = again.policy = DuplicatePolicy::ignore;
  for (const auto& order : {std::vector{first, by_hand(ConversionStatus::rejected, 2), again},
                            std::vector{again, by_hand(ConversionStatus::rejected, 2), first}}) {
    const ConversionState state = folded(order);
    assert_int_equal(state.status, ConversionStatus::rejected);
    assert_int_equal(*state.amounts.payout, 10);
  }
}

void a_network_that_begins_to_ignore_keeps_what_was_updated_before(void**) {
  auto repeated = postback(ConversionStatus::lead, 3, 3, 500);
  repeated.policy = DuplicatePolicy::ignore;
  const ConversionState state =
      folded({postback(ConversionStatus::lead, 1, 1, 10), postback(ConversionStatus::sale, 2, 2, 20), repeated});
  assert_int_equal(state.status, ConversionStatus::sale);
  assert_int_equal(*state.amounts.payout, 20);
}

void amounts_add_up_without_what_was_taken_back(void**) {
  const auto state = folded_by(DuplicatePolicy::add_amounts,
                               {postback(ConversionStatus::sale, 1, 1, 5), postback(ConversionStatus::sale, 2, 2, 7),
                                postback(ConversionStatus::sale, 3, 3), postback(ConversionStatus::trash, 4, 4, 9)});
  assert_int_equal(*state.amounts.payout, 12);
  assert_int_equal(state.status, ConversionStatus::trash);
}

// proves: F39
void every_order_of_the_same_postbacks_gives_the_same_state_and_rollup(void**) {
  std::mt19937 random(20260101);
  const auto pick = [&](int limit) { return static_cast<std::uint64_t>(random() % static_cast<unsigned>(limit)); };
  for (int round = 0; round < 200; ++round) {
    std::vector<PostbackFact> postbacks;
    const bool back_to_sale = pick(2) == 0;
    const auto policy = static_cast<DuplicatePolicy>(pick(6));
    for (std::uint64_t i = 0; i < 2 + pick(4); ++i) {
      const bool names_amount = pick(3) != 0;
      auto fact =
          postback(static_cast<ConversionStatus>(pick(7)), 1000 + pick(3), i,
                   names_amount ? std::optional<std::int64_t>(static_cast<std::int64_t>(pick(100))) : std::nullopt);
      fact.back_to_sale = back_to_sale;
      fact.policy = policy;
      fact.verified = pick(2) == 0;
      fact.owner.campaign = static_cast<std::int32_t>(pick(3));
      if (pick(3) != 0) fact.click.id = pack_click_id({1000 + pick(5) * 3'600'000, 1, 1, 1, 5, 1});
      postbacks.push_back(fact);
    }
    std::vector<std::size_t> order(postbacks.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const ConversionState expected = folded(postbacks);
    const Rollup expected_rollup = rolled_up(postbacks);
    while (std::next_permutation(order.begin(), order.end())) {
      std::vector<PostbackFact> shuffled;
      for (const std::size_t i : order) shuffled.push_back(postbacks[i]);
      assert_true(folded(shuffled) == expected);
      assert_true(same_rollup(rolled_up(shuffled), expected_rollup));
    }
  }
}

void a_standing_survives_storage_and_keeps_its_order(void**) {
  const Standing low{1, 256, 3, 4};
  const Standing high{2, 1, 0, 0};
  assert_true(decode_standing(encode_standing(low)) == low);
  assert_true(encode_standing(low) < encode_standing(high));
  assert_true(decode_standing("short").empty());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_later_status_never_falls_back_to_a_lesser_one),
      cmocka_unit_test(rejected_beats_sale_unless_the_network_says_otherwise),
      cmocka_unit_test(amounts_come_together_from_the_greatest_that_names_any),
      cmocka_unit_test(the_click_is_that_of_the_earliest_postback_that_names_one),
      cmocka_unit_test(an_ignored_duplicate_changes_nothing_whichever_comes_first),
      cmocka_unit_test(an_ignored_duplicate_does_not_undo_what_somebody_decided),
      cmocka_unit_test(a_network_that_begins_to_ignore_keeps_what_was_updated_before),
      cmocka_unit_test(amounts_add_up_without_what_was_taken_back),
      cmocka_unit_test(every_order_of_the_same_postbacks_gives_the_same_state_and_rollup),
      cmocka_unit_test(a_standing_survives_storage_and_keeps_its_order),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
