#include "ingestor/rollup/rollup.h"

#include "core/base/cmocka.h"

using namespace tributary;
using namespace tributary::ingest;

namespace {

constexpr std::uint64_t kHourUs = 3600ull * 1'000'000;

Owner owner(std::int32_t campaign, std::int32_t minutes = 60) {
  Owner out;
  out.campaign = campaign;
  out.bucket_minutes = minutes;
  return out;
}

void clicks_of_one_bucket_and_campaign_are_one_group(void**) {
  Rollup rollup;
  Click click;
  click.unique = kUniqueStream | kUniqueGlobal;
  click.tracking.cost_micros = 5;
  click.tracking.currency = "USD";
  rollup.add_click(owner(1), kHourUs, click);
  rollup.add_click(owner(1), 2 * kHourUs - 1, click);
  assert_int_equal(rollup.groups().size(), 1);
  const RollupMeasures& measures = rollup.groups().begin()->second;
  assert_int_equal(measures.clicks, 2);
  assert_int_equal(measures.unique_stream, 2);
  assert_int_equal(measures.unique_campaign, 0);
  assert_true(measures.cost == 10);
}

void the_zone_of_the_team_sets_the_width(void**) {
  Rollup rollup;
  rollup.add_click(owner(1, 15), kHourUs, {});
  rollup.add_click(owner(1, 15), kHourUs + kHourUs / 4, {});
  assert_int_equal(rollup.groups().size(), 2);
}

void a_truncated_value_is_no_doubt_about_the_click(void**) {
  Rollup rollup;
  Click click;
  click.visit.labels = kLabelTruncated;
  rollup.add_click(owner(1), kHourUs, click);
  click.visit.labels = kLabelBot;
  rollup.add_click(owner(1), kHourUs, click);
  assert_int_equal(rollup.groups().begin()->second.labelled, 1);
}

void a_conversion_counts_in_both_time_bases(void**) {
  ConversionState state;
  state.postbacks = 1;
  state.first = {0, 5 * kHourUs, 1, 1};
  state.status = ConversionStatus::sale;
  state.amounts.payout = 7;
  state.click.id = pack_click_id({3 * kHourUs / 1000, 1, 1, 1, 1, 1});
  Rollup rollup;
  rollup.add_conversion(state, +1);
  for (const auto& [key, measures] : rollup.groups()) {
    const bool clicked = key.bucket_us == static_cast<std::int64_t>(3 * kHourUs);
    assert_true((clicked ? measures.by_click : measures.by_receipt).payout == 7);
    assert_true((clicked ? measures.by_receipt : measures.by_click).payout == 0);
  }
  assert_int_equal(rollup.groups().size(), 2);
}

void what_was_taken_back_leaves_no_row(void**) {
  ConversionState state;
  state.postbacks = 1;
  state.first = {0, kHourUs, 1, 1};
  state.status = ConversionStatus::lead;
  Rollup rollup;
  rollup.add_conversion(state, +1);
  rollup.add_conversion(state, -1);
  BinaryWriter rows;
  assert_int_equal(rollup.encode(1, rows), 0);
}

void the_largest_amounts_of_a_batch_add_up(void**) {
  Rollup rollup;
  Click click;
  click.tracking.cost_micros = 1'000'000'000'000'000'000;
  for (int i = 0; i < 100; ++i) rollup.add_click(owner(1), kHourUs, click);
  assert_true(rollup.groups().begin()->second.cost == static_cast<MoneySum>(click.tracking.cost_micros) * 100);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(clicks_of_one_bucket_and_campaign_are_one_group),
      cmocka_unit_test(the_zone_of_the_team_sets_the_width),
      cmocka_unit_test(a_truncated_value_is_no_doubt_about_the_click),
      cmocka_unit_test(a_conversion_counts_in_both_time_bases),
      cmocka_unit_test(what_was_taken_back_leaves_no_row),
      cmocka_unit_test(the_largest_amounts_of_a_batch_add_up),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
