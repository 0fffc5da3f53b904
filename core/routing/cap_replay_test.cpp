#include "core/routing/cap_replay.h"

#include "core/base/cmocka.h"
#include "core/routing/test_routing.h"
#include "core/state/cap_value.h"
#include "core/state/cap_word.h"
#include "core/state/test_memory.h"

namespace tributary {
namespace {

using namespace testing;

constexpr std::uint64_t kDay_ms = 86'400'000;

// Destination 1 overflows into 2; each has a cap, the stream a limit, and 3 has only one on conversions.
model::Snapshot capped() {
  model::Snapshot snapshot = with_streams({stream(1, kRegular, 0, {{1}, {3}}), stream(2, kDefault, 0, {{4}})});
  snapshot.campaigns[0].streams[0].conditions = {{"click_limit", false, "total", {"9"}, 5}};
  const auto cap = [](std::uint32_t slot, model::CapMeasure measure, bool hard) {
    return model::Cap{.slot = slot,
                      .measure = measure,
                      .period = model::Period::day,
                      .amount = 9,
                      .currency = {},
                      .time_zone = {},
                      .hard = hard};
  };
  destination_of(snapshot, 1).caps = {cap(0, model::CapMeasure::clicks, true),
                                      cap(1, model::CapMeasure::clicks, false)};
  destination_of(snapshot, 1).overflow = 2;
  destination_of(snapshot, 2).caps = {cap(2, model::CapMeasure::clicks, true)};
  destination_of(snapshot, 3).caps = {cap(3, model::CapMeasure::conversions, true)};
  return snapshot;
}

struct Replayed {
  Routed routed{capped()};
  CapReplay replay{*routed.view};
  CapHistory history;

  void click(std::uint32_t stream, std::uint32_t destination, std::uint32_t labels = 0, std::uint64_t after_ms = 0) {
    EventHeader header;
    header.time_us = (kNow_ms + after_ms) * 1000;
    Click click;
    click.stream = stream;
    click.destination = destination;
    click.visit.labels = labels;
    replay.add(header, click, history);
  }
  std::uint32_t count(std::size_t slot) const {
    return slot < history.words().size() ? CapWord(history.words()[slot]).count : 0;
  }
};

void a_click_counts_for_its_stream_and_its_destination_wherever_that_stands(void**) {
  Replayed replayed;
  replayed.click(1, 1);
  replayed.click(1, 2);
  replayed.click(1, 3);
  replayed.click(2, 4);
  replayed.click(2, 1);  // it was in another stream then
  assert_int_equal(replayed.count(5), 3);
  assert_int_equal(replayed.count(0), 2);
  assert_int_equal(replayed.count(1), 2);  // a soft one counts as well
  assert_int_equal(replayed.count(2), 1);
  assert_int_equal(replayed.count(3), 0);  // PostgreSQL counts conversions
}

void what_is_no_visit_counts_for_nothing(void**) {
  Replayed replayed;
  for (const std::uint32_t label : {kLabelBot, kLabelPrefetch, kLabelHead, kLabelScanner}) {
    replayed.click(1, 1, label);
  }
  assert_int_equal(replayed.count(0), 0);
  replayed.click(1, 1, kLabelTruncated);
  assert_int_equal(replayed.count(0), 1);
}

void a_later_window_begins_anew_and_an_earlier_click_does_not_disturb_it(void**) {
  Replayed replayed;
  replayed.click(1, 1);
  replayed.click(1, 1, 0, kDay_ms);
  replayed.click(1, 1);
  assert_int_equal(replayed.count(0), 1);
  assert_int_equal(replayed.count(5), 3);
}

void a_cap_per_sub_id_counts_each_value(void**) {
  model::Snapshot snapshot = capped();
  destination_of(snapshot, 1).caps[0].per = 3;
  destination_of(snapshot, 1).caps[0].turn = 2;
  const Routed routed(snapshot);
  const CapReplay replay(*routed.view);
  const fbs::Stream& first = *routed.view->find_campaign(1)->streams()->Get(0);
  const fbs::Cap& cap = *first.destinations()->Get(0)->destination()->caps()->Get(0);
  CapHistory history;
  EventHeader header;
  header.time_us = kNow_ms * 1000;
  Click click;
  click.stream = 1;
  click.destination = 1;
  const auto value = [&](std::string_view text) {
    click.tracking.sub_ids[2] = text;
    return use_of(cap, kNow_ms, click.tracking).value;
  };
  for (const std::string_view text : {"a", "b", "a", ""}) {
    value(text);
    replay.add(header, click, history);
  }
  const std::uint32_t window = use_of(cap, kNow_ms, click.tracking).window;
  const std::vector<CapValueTotal> before{{value_hash("a"), 0, window, 5}, {value_hash("a"), 4, window, 100}};
  replay.add(before, history);
  const TestMemory<CapValueLine> memory(2 * CapValueTable::kGroups);
  CapValueTable table(memory.records(), memory.entry(), memory.header());
  assert_true(history.restore_values(table, kNow_ms));
  assert_int_equal(table.count(value("a")), 7);
  assert_int_equal(table.count(value("b")), 1);
  assert_int_equal(table.count(value("")), 1);
  assert_int_equal(table.count(value("c")), 0);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_click_counts_for_its_stream_and_its_destination_wherever_that_stands),
      cmocka_unit_test(a_cap_per_sub_id_counts_each_value),
      cmocka_unit_test(what_is_no_visit_counts_for_nothing),
      cmocka_unit_test(a_later_window_begins_anew_and_an_earlier_click_does_not_disturb_it),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
