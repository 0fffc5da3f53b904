#include "core/state/overlay_table.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/base/random.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::size_t kDestinations = 64;

struct Facts {
  explicit Facts(std::size_t destinations = kDestinations)
      : even(2 * destinations + 1), odd(2 * destinations + 1), table(open()) {}
  OverlayTable open() const {
    return {{even.records(), &even.entry()}, {odd.records(), &odd.entry()}, even.header().overlay_active};
  }
  TestMemory<OverlayRow> even, odd;
  OverlayTable table;
};

// Every destination says which version it is of.
std::vector<DestinationFacts> rows_of(std::uint64_t version, std::size_t count) {
  std::vector<DestinationFacts> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(
        {static_cast<std::uint32_t>(7 * i + 1), kDestinationDown, static_cast<std::int64_t>(version), version});
  }
  return rows;
}

void an_unknown_destination_is_healthy(void**) {
  Facts facts;
  assert_true(facts.table.find(5).takes_visitors());
  assert_int_equal(facts.table.find(5).sample, 0);
  assert_true((facts.table.version() == Generation{}));
  facts.table.apply({1, 1}, {});
  assert_true((facts.table.find(5) == DestinationFacts{.id = 5}));
}

void what_was_pushed_is_found(void**) {
  Facts facts;
  const std::vector<DestinationFacts> rows = {
      {1, kClosedPayout | kDestinationDown, 0, 0}, {4'000'000'000, 0, -250'000, 1000}, {2, 0, 1'500'000, 1ull << 40}};
  assert_int_equal(facts.table.apply({1, 9}, rows), OverlayApplied::applied);
  for (const DestinationFacts& row : rows) {
    assert_true(facts.table.find(row.id) == row);
  }
  assert_false(facts.table.find(1).takes_visitors());
  assert_true(facts.table.find(2).takes_visitors());
  assert_true((facts.table.closed(0, 10) == std::vector{rows[0]}));
  assert_true(facts.table.closed(0, 0).empty());
  assert_int_equal(facts.table.destinations(), 3);
  assert_true((facts.table.version() == Generation{1, 9}));
}

// proves: A38
void a_closure_ends_with_its_window_whether_anybody_says_so_or_not(void**) {
  Facts facts;
  const std::vector<DestinationFacts> rows = {{1, kClosedConversions | kClosedPayout, 0, 0, {10, 20, 0}},
                                              {2, kClosedRevenue | kDestinationDown, 0, 0, {0, 0, 10}},
                                              {3, kClosedPayout, 0, 0}};
  facts.table.apply({1, 1}, rows);
  const auto flags_at = [&](std::uint32_t id, std::uint32_t quarter, std::int64_t more_ms = 0) {
    return facts.table.find(id).at(closure_end_s(quarter) * 1000 + static_cast<std::uint64_t>(more_ms)).flags;
  };
  assert_int_equal(flags_at(1, 10, -1), kClosedConversions | kClosedPayout);
  assert_int_equal(flags_at(1, 10), kClosedPayout);
  assert_int_equal(flags_at(1, 20), 0);
  assert_int_equal(flags_at(2, 10), kDestinationDown);
  assert_int_equal(flags_at(3, kMaxClosureEnd), kClosedPayout);
  assert_int_equal(facts.table.closed(closure_end_s(19) * 1000, 10).size(), 3);
  assert_int_equal(facts.table.closed(closure_end_s(20) * 1000, 10).size(), 2);
}

// Such a build fills the rows and leaves the word that it does not know as it was.
void ends_that_an_older_build_left_behind_open_nothing(void**) {
  Facts facts;
  facts.table.apply({1, 1}, std::vector<DestinationFacts>{{1, kClosedPayout, 0, 0, {0, 5, 0}}});
  OverlayRow* rows = facts.odd.records();
  rows[0].words[0] = pack_generation({1, 2});
  assert_int_equal(facts.table.find(1).at(closure_end_s(5) * 1000).flags, kClosedPayout);
}

void a_push_replaces_everything(void**) {
  Facts facts;
  for (std::uint64_t version = 1; version <= 5; ++version) {
    const std::vector<DestinationFacts> rows = {{static_cast<std::uint32_t>(version), kDestinationDown, 0, 0}};
    facts.table.apply({1, version}, rows);
    for (std::uint32_t id = 1; id <= 5; ++id) {
      assert_int_equal(facts.table.find(id).takes_visitors(), id != version);
    }
  }
}

void an_older_push_never_overwrites_a_newer(void**) {
  Facts facts;
  facts.table.apply({2, 5}, rows_of(5, 3));
  assert_int_equal(facts.table.apply({2, 4}, rows_of(4, 3)), OverlayApplied::older);
  assert_int_equal(facts.table.apply({1, 900}, rows_of(900, 3)), OverlayApplied::older);
  assert_int_equal(facts.table.apply({2, 5}, rows_of(6, 3)), OverlayApplied::already_current);
  assert_int_equal(facts.table.find(1).sample, 5);
  assert_int_equal(facts.table.apply({3, 1}, rows_of(7, 3)), OverlayApplied::applied);
  assert_int_equal(facts.table.find(1).sample, 7);
}

void what_does_not_fit_leaves_the_one_before_in_force(void**) {
  Facts facts;
  assert_int_equal(facts.table.room(), kDestinations);
  assert_int_equal(facts.table.apply({1, 1}, rows_of(1, kDestinations)), OverlayApplied::applied);
  assert_int_equal(facts.table.apply({1, 2}, rows_of(2, kDestinations + 1)), OverlayApplied::too_large);
  for (const DestinationFacts& row : rows_of(1, kDestinations)) {
    assert_true(facts.table.find(row.id) == row);
  }
}

void a_larger_table_is_used_from_the_next_push(void**) {
  Facts facts;
  facts.even.entry().records = facts.odd.entry().records = 17;
  const auto few = rows_of(1, 8);
  facts.table.apply({1, 1}, few);
  facts.even.entry().records = facts.odd.entry().records = 129;
  assert_true(facts.table.find(few[7].id) == few[7]);
  assert_int_equal(facts.table.apply({1, 2}, rows_of(2, 60)), OverlayApplied::applied);
  assert_int_equal(facts.table.find(7 * 59 + 1).sample, 2);
}

void any_set_of_ids_is_found_and_no_other(void**) {
  SplitMix64 random(1);
  for (std::uint64_t round = 1; round <= 500; ++round) {
    Facts facts;
    std::vector<DestinationFacts> rows;
    for (std::uint32_t id = 1 + static_cast<std::uint32_t>(random.below(9)); rows.size() < random.below(64);) {
      rows.push_back({id, 0, static_cast<std::int64_t>(random.next()), random.next()});
      id += 1 + static_cast<std::uint32_t>(random.below(round * round));
    }
    facts.table.apply({1, round}, rows);
    for (const DestinationFacts& row : rows) {
      assert_true(facts.table.find(row.id) == row);
    }
    assert_int_equal(facts.table.find(rows.empty() ? 3 : rows.back().id + 1).sample, 0);
  }
}

// A reader sees one push or a later one, never half of two.
bool consistent(const OverlayTable& table, std::uint32_t id, std::uint64_t& latest) {
  const DestinationFacts facts = table.find(id);
  const bool whole = facts.id == id && facts.sample == static_cast<std::uint64_t>(facts.roi_micros) &&
                     facts.flags == kDestinationDown && facts.sample >= latest;
  latest = facts.sample;
  return whole;
}

// Few destinations: several pushes happen within one look-up.
void readers_never_see_a_mixture(void**) {
  constexpr std::size_t kFew = 3;
  Facts facts;
  facts.table.apply({1, 1}, rows_of(1, kFew));
  std::atomic<bool> stop{false};
  std::atomic<bool> mixed{false};
  std::vector<std::thread> readers;
  for (std::uint64_t i = 0; i < 6; ++i) {
    readers.emplace_back([&, i] {
      const OverlayTable table = facts.open();
      SplitMix64 random(i);
      for (std::uint64_t latest = 0; !stop.load(std::memory_order_relaxed);) {
        if (!consistent(table, static_cast<std::uint32_t>(7 * random.below(kFew) + 1), latest)) {
          mixed.store(true);
        }
      }
    });
  }
  std::vector<DestinationFacts> rows = rows_of(1, kFew);
  for (std::uint64_t version = 2; version < 500'000; ++version) {
    for (DestinationFacts& row : rows) {
      row.sample = version;
      row.roi_micros = static_cast<std::int64_t>(version);
    }
    facts.table.apply({1, version}, rows);
  }
  stop.store(true);
  for (std::thread& reader : readers) {
    reader.join();
  }
  assert_false(mixed.load());
  assert_int_equal(facts.table.version().counter, 499'999);
}

void a_writer_that_is_killed_leaves_one_push_whole(void**) {
  Facts facts;
  facts.table.apply({1, 1}, rows_of(1, kDestinations));
  SplitMix64 random(4);
  for (int round = 0; round < 50; ++round) {
    const std::uint64_t from = facts.table.version().counter;
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (std::uint64_t version = from + 1;; ++version) {
        facts.table.apply({1, version}, rows_of(version, kDestinations));
      }
    }
    ::usleep(static_cast<useconds_t>(200 + random.below(3000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::uint64_t version = facts.table.version().counter;
    for (const DestinationFacts& row : rows_of(version, kDestinations)) {
      assert_true(facts.table.find(row.id) == row);
    }
  }
  assert_true(facts.table.version().counter > 50);
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(an_unknown_destination_is_healthy),
      cmocka_unit_test(what_was_pushed_is_found),
      cmocka_unit_test(a_closure_ends_with_its_window_whether_anybody_says_so_or_not),
      cmocka_unit_test(ends_that_an_older_build_left_behind_open_nothing),
      cmocka_unit_test(a_push_replaces_everything),
      cmocka_unit_test(an_older_push_never_overwrites_a_newer),
      cmocka_unit_test(what_does_not_fit_leaves_the_one_before_in_force),
      cmocka_unit_test(a_larger_table_is_used_from_the_next_push),
      cmocka_unit_test(any_set_of_ids_is_found_and_no_other),
      cmocka_unit_test(readers_never_see_a_mixture),
      cmocka_unit_test(a_writer_that_is_killed_leaves_one_push_whole),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
