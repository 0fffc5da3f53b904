#include "core/state/seen_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "core/base/random.h"
#include "core/state/seen_word.h"
#include "core/state/test_memory.h"
#include "core/state/visitor_fingerprint.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000'000;
constexpr std::uint64_t kMinuteMs = 60'000;
constexpr std::uint64_t kHourMs = 60 * kMinuteMs;
constexpr std::uint32_t kDay = 86'400;

struct Seen {
  explicit Seen(std::size_t buckets = kMinSeenBuckets)
      : memory(buckets), table(memory.records(), memory.entry(), memory.header().uniques_growing_from) {}
  TestMemory<SeenBucket> memory;
  SeenTable table;
};

// Visitors that share a bucket: there are eight places.
std::uint64_t in_bucket_7(std::uint64_t visitor) {
  return (visitor + 1) * 0x9e37'79b9'7f4a'7c15 << 24 | 7;
}

void a_visitor_is_new_once(void**) {
  Seen seen;
  assert_false(seen.table.known(42, kNow, kDay));
  assert_false(seen.table.seen(42, kNow, kDay).known);
  assert_true(seen.table.known(42, kNow, kDay));
  assert_true(seen.table.seen(42, kNow + kHourMs, kDay).known);
  assert_false(seen.table.known(43, kNow, kDay));
}

void asking_remembers_nothing(void**) {
  Seen seen;
  assert_false(seen.table.known(42, kNow, kDay));
  assert_int_equal(seen.table.last_seen_ms(42, kNow), 0);
  assert_false(seen.table.seen(42, kNow, kDay).known);
}

void a_window_ends_although_its_visitor_comes_every_hour(void**) {
  Seen seen;
  seen.table.seen(42, kNow, kDay);
  for (int hour = 1; hour <= 24; ++hour) {
    assert_true(seen.table.seen(42, kNow + hour * kHourMs, kDay).known);
  }
  assert_false(seen.table.seen(42, kNow + 24 * kHourMs + 2 * kMinuteMs, kDay).known);
  assert_true(seen.table.seen(42, kNow + 25 * kHourMs, kDay).known);
}

void a_touch_begins_the_window_anew(void**) {
  Seen seen;
  assert_false(seen.table.touch(42, kNow, kDay).known);
  assert_true(seen.table.touch(42, kNow + 20 * kHourMs, kDay).known);
  assert_true(seen.table.touch(42, kNow + 40 * kHourMs, kDay).known);
  assert_int_equal(seen.table.last_seen_ms(42, kNow + 41 * kHourMs), (kNow + 40 * kHourMs) / kMinuteMs * kMinuteMs);
}

void each_asks_with_a_window_of_its_own(void**) {
  Seen seen;
  seen.table.seen(42, kNow, kDay);
  assert_true(seen.table.known(42, kNow + 30 * kMinuteMs, 3600));
  assert_false(seen.table.known(42, kNow + 30 * kMinuteMs, 600));
  assert_true(seen.table.known(42, kNow + 10'000 * kHourMs, kSeenForever));
}

void window_zero_remembers_nothing(void**) {
  Seen seen;
  assert_false(seen.table.seen(42, kNow, 0).known);
  assert_false(seen.table.seen(42, kNow, 0).known);
  assert_false(seen.table.known(42, kNow, kDay));
}

void nobody_is_forgotten_inside_a_window_of_any_length(void**) {
  SplitMix64 random(3);
  Seen seen;
  std::uint64_t first = kNow;
  for (int round = 0; round < 100'000; ++round) {
    const std::uint64_t visitor = random.next();
    const auto window_s = static_cast<std::uint32_t>(1 + random.below(7200));
    first += random.below(1000);
    seen.table.touch(visitor, first, window_s);
    assert_true(seen.table.known(visitor, first + random.below(window_s * 1000ull), window_s));
    assert_false(seen.table.known(visitor, first + window_s * 1000ull + 2 * kMinuteMs, window_s));
  }
}

void a_full_bucket_forgets_who_was_seen_longest_ago(void**) {
  Seen seen;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto sighting = seen.table.seen(in_bucket_7(i), kNow + (8 - i) * kMinuteMs, kDay);
    assert_false(sighting.known || sighting.evicted);
  }
  assert_true(seen.table.seen(in_bucket_7(8), kNow + kHourMs, kDay).evicted);
  assert_false(seen.table.known(in_bucket_7(7), kNow + kHourMs, kDay));
  for (const std::uint64_t kept : {0, 1, 2, 3, 4, 5, 6, 8}) {
    assert_true(seen.table.known(in_bucket_7(kept), kNow + kHourMs, kDay));
  }
}

void taking_the_place_of_who_is_out_of_the_window_is_no_eviction(void**) {
  Seen seen;
  for (std::uint64_t i = 0; i < 8; ++i) {
    seen.table.seen(in_bucket_7(i), kNow, kDay);
  }
  const auto sighting = seen.table.seen(in_bucket_7(8), kNow + 25 * kHourMs, kDay);
  assert_false(sighting.known || sighting.evicted);
}

void a_clock_that_steps_back_finds_nobody_new(void**) {
  Seen seen;
  seen.table.seen(42, kNow, 600);
  assert_true(seen.table.seen(42, kNow - 20 * kHourMs, 600).known);
  assert_true(seen.table.known(42, kNow - 20 * kHourMs, 600));
}

void a_bucket_of_a_clock_that_was_ahead_goes_on_remembering(void**) {
  Seen seen;
  for (std::uint64_t i = 0; i < 8; ++i) {
    seen.table.seen(in_bucket_7(i), kNow + kHourMs, kDay);
  }
  assert_true(seen.table.seen(in_bucket_7(8), kNow, kDay).evicted);
  assert_true(seen.table.seen(in_bucket_7(8), kNow + kMinuteMs, kDay).known);
  // Not before the one that it replaced: times in a bucket only grow, which is what makes the first visit the only one.
  assert_int_equal(seen.table.last_seen_ms(in_bucket_7(8), kNow), kNow + kHourMs);
}

void what_a_clock_days_ahead_has_written_is_void_and_gives_way_first(void**) {
  Seen seen;
  for (std::uint64_t i = 0; i < 7; ++i) {
    seen.table.seen(in_bucket_7(i), kNow, kDay);
  }
  seen.table.seen(in_bucket_7(7), kNow + 300 * 24 * kHourMs, kDay);
  assert_false(seen.table.known(in_bucket_7(7), kNow, kDay));
  assert_false(seen.table.seen(in_bucket_7(8), kNow, kDay).evicted);
  for (const std::uint64_t kept : {0, 1, 2, 3, 4, 5, 6, 8}) {
    assert_true(seen.table.known(in_bucket_7(kept), kNow + kHourMs, kDay));
  }
}

void a_clock_before_2026_or_after_2057_works(void**) {
  for (const std::uint64_t now : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{4'000'000'000'000}}) {
    Seen seen;
    assert_false(seen.table.seen(0, now, kDay).known);
    assert_true(seen.table.seen(0, now, kDay).known);
    assert_false(seen.table.known(1, now, kDay));
  }
}

// Every bit that can tell two visitors apart does, in the smallest table and in a large one.
void fingerprints_differ_in_52_bits(void**) {
  for (const std::size_t buckets : {std::size_t{kMinSeenBuckets}, std::size_t{1} << 15}) {
    Seen seen(buckets);
    SplitMix64 random(5);
    for (int round = 0; round < 200; ++round) {
      const std::uint64_t visitor = random.next();
      seen.table.seen(visitor, kNow, kDay);
      for (int bit = 0; bit < 64; ++bit) {
        const bool told_apart = bit < 12 || bit >= 24;
        assert_int_equal(seen.table.known(visitor ^ 1ull << bit, kNow, kDay), !told_apart);
      }
    }
  }
}

// The stated rate, 8 / 2^(tag bits that are left), measured where it can be: with all but 10 bits of the tag fixed.
void the_rate_of_false_known_is_as_stated(void**) {
  Seen seen;
  SplitMix64 random(7);
  constexpr std::uint64_t kVarying = 0x3ffull << 24 | (kMinSeenBuckets - 1);
  for (int i = 0; i < 400'000; ++i) {
    seen.table.seen(random.next() & kVarying, kNow + i, kDay);
  }
  int known = 0;
  constexpr int kProbes = 400'000;
  for (int i = 0; i < kProbes; ++i) {
    known += seen.table.known(random.next() & kVarying, kNow + kMinuteMs, kDay) ? 1 : 0;
  }
  const double stated = 8.0 / 1024;
  assert_true(std::abs(static_cast<double>(known) / kProbes - stated) < stated / 20);
}

void random_visitors_are_not_taken_for_known_ones(void**) {
  Seen seen(1u << 13);
  SplitMix64 random(9);
  for (int i = 0; i < 200'000; ++i) {
    seen.table.seen(random.next(), kNow, kDay);
  }
  for (int i = 0; i < 1'000'000; ++i) {
    assert_false(seen.table.known(random.next(), kNow, kDay));
  }
}

void scopes_and_ids_have_fingerprints_of_their_own(void**) {
  std::set<std::uint64_t> all;
  for (std::uint64_t id = 0; id < 1000; ++id) {
    for (const SeenScope scope : {SeenScope::stream, SeenScope::campaign, SeenScope::global, SeenScope::destination}) {
      all.insert(visitor_fingerprint(1, scope, id));
      all.insert(visitor_fingerprint(2, scope, id));
    }
  }
  assert_int_equal(all.size(), 8000);
}

// While a bucket has room, the table is a map from visitor to minute.
void any_sequence_of_visits_agrees_with_a_map(void**) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SplitMix64 random(seed);
    Seen seen;
    std::map<std::uint64_t, std::uint64_t> minutes;
    std::uint64_t now = kNow;
    for (int step = 0; step < 400; ++step) {
      // A clock that may step by hours, either way.
      now = kNow + 30 * kHourMs + step * kMinuteMs + random.below(8) * kHourMs - 4 * kHourMs;
      const std::uint64_t visitor = in_bucket_7(random.below(8));
      const auto window_s = static_cast<std::uint32_t>(60 * (1 + random.below(600)));
      const std::uint64_t minute = seen_minute(now);
      const auto held = minutes.find(visitor);
      const bool known = held != minutes.end() && minute <= held->second + window_s / 60;
      assert_int_equal(seen.table.known(visitor, now, window_s), known);
      const bool touch = random.below(2) == 0;
      const auto sighting = touch ? seen.table.touch(visitor, now, window_s) : seen.table.seen(visitor, now, window_s);
      assert_int_equal(sighting.known, known);
      assert_false(sighting.evicted);
      if (!known) {
        minutes[visitor] = minute;
      } else if (touch) {
        minutes[visitor] = std::max(minutes[visitor], minute);
      }
      assert_int_equal(seen.table.last_seen_ms(visitor, now), kSeenEpochMs + minutes[visitor] * kMinuteMs);
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_visitor_is_new_once),
      cmocka_unit_test(asking_remembers_nothing),
      cmocka_unit_test(a_window_ends_although_its_visitor_comes_every_hour),
      cmocka_unit_test(a_touch_begins_the_window_anew),
      cmocka_unit_test(each_asks_with_a_window_of_its_own),
      cmocka_unit_test(window_zero_remembers_nothing),
      cmocka_unit_test(nobody_is_forgotten_inside_a_window_of_any_length),
      cmocka_unit_test(a_full_bucket_forgets_who_was_seen_longest_ago),
      cmocka_unit_test(taking_the_place_of_who_is_out_of_the_window_is_no_eviction),
      cmocka_unit_test(a_clock_that_steps_back_finds_nobody_new),
      cmocka_unit_test(a_bucket_of_a_clock_that_was_ahead_goes_on_remembering),
      cmocka_unit_test(what_a_clock_days_ahead_has_written_is_void_and_gives_way_first),
      cmocka_unit_test(a_clock_before_2026_or_after_2057_works),
      cmocka_unit_test(fingerprints_differ_in_52_bits),
      cmocka_unit_test(the_rate_of_false_known_is_as_stated),
      cmocka_unit_test(random_visitors_are_not_taken_for_known_ones),
      cmocka_unit_test(scopes_and_ids_have_fingerprints_of_their_own),
      cmocka_unit_test(any_sequence_of_visits_agrees_with_a_map),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
