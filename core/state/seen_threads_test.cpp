#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "core/base/random.h"
#include "core/state/seen_table.h"
#include "core/state/seen_word.h"
#include "core/state/table_growth.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

// Who is first when many ask at once, in processes and threads, and while the table grows.
namespace tributary {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000'000;
constexpr std::uint32_t kDay = 86'400;
constexpr std::size_t kPerBucket = 8;

SeenTable table_of(const TestMemory<SeenBucket>& memory) {
  return {memory.records(), memory.entry(), memory.header().uniques_growing_from};
}

// Eight different visitors for each of the first `buckets` buckets: they fill them, and nobody is evicted.
std::vector<std::uint64_t> full_buckets(std::size_t buckets) {
  SplitMix64 random(11);
  std::vector<std::uint64_t> visitors;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    for (std::size_t i = 0; i < kPerBucket; ++i) {
      visitors.push_back((random.next() & ~0xffffffull) | bucket);
    }
  }
  return visitors;
}

using Wins = TestMemory<std::atomic<std::uint32_t>>;

// All visitors, in stretches that others go through at the same time in other orders.
void visit_all(SeenTable table, const std::vector<std::uint64_t>& visitors, const Wins& wins, std::uint64_t now_ms,
               std::uint64_t seed) {
  SplitMix64 random(seed);
  constexpr std::size_t kStretch = 16;
  for (std::size_t from = 0; from < visitors.size(); from += kStretch) {
    const std::size_t turn = random.below(kStretch);
    for (std::size_t i = 0; i < kStretch; ++i) {
      const std::size_t at = from + (i + turn) % kStretch;
      if (!table.seen(visitors[at], now_ms, kDay).known) {
        wins.records()[at].fetch_add(1);
      }
    }
  }
}

void race(const TestMemory<SeenBucket>& memory, const std::vector<std::uint64_t>& visitors, const Wins& wins,
          std::uint64_t now_ms) {
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { visit_all(table_of(memory), visitors, wins, now_ms, i); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void assert_each_won_once(const Wins& wins) {
  for (std::size_t i = 0; i < wins.entry().records; ++i) {
    assert_int_equal(wins.records()[i].load(), 1);
  }
}

void exactly_one_thread_is_first(void**) {
  const TestMemory<SeenBucket> memory(kMinSeenBuckets);
  const auto visitors = full_buckets(2048);
  for (std::uint64_t day = 0; day < 5; ++day) {
    const Wins wins(visitors.size());
    race(memory, visitors, wins, kNow + day * 2 * kDay * 1000);
    assert_each_won_once(wins);
  }
}

void visit_in_step(SeenTable table, const std::vector<std::uint64_t>& visitors, const Wins& wins, std::uint64_t now_ms,
                   std::atomic<std::size_t>& arrived) {
  for (std::size_t i = 0; i < visitors.size(); ++i) {
    arrived.fetch_add(1);
    for (int spins = 0; arrived.load() < 2 * (i + 1); ++spins) {
      if (spins > 1000) {
        std::this_thread::yield();
      }
    }
    wins.records()[i].fetch_add(table.seen(visitors[i], now_ms, kDay).known ? 0 : 1);
  }
}

void of_two_at_the_same_instant_one_is_first(void**) {
  const TestMemory<SeenBucket> memory(kMinSeenBuckets);
  const auto visitors = full_buckets(4096);
  for (std::uint64_t day = 0; day < 8; ++day) {
    const Wins wins(visitors.size());
    const std::uint64_t now_ms = kNow + day * 2 * kDay * 1000;
    std::atomic<std::size_t> arrived{0};
    std::thread other([&] { visit_in_step(table_of(memory), visitors, wins, now_ms, arrived); });
    visit_in_step(table_of(memory), visitors, wins, now_ms, arrived);
    other.join();
    assert_each_won_once(wins);
  }
}

void exactly_one_process_is_first(void**) {
  const TestMemory<SeenBucket> memory(kMinSeenBuckets);
  const auto visitors = full_buckets(2048);
  const Wins wins(visitors.size());
  std::vector<pid_t> children;
  for (std::uint64_t i = 0; i < 4; ++i) {
    children.push_back(::fork());
    if (children.back() == 0) {
      visit_all(table_of(memory), visitors, wins, kNow, i);
      ::_exit(0);
    }
  }
  for (const pid_t child : children) {
    int status = 0;
    assert_int_equal(::waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
  }
  assert_each_won_once(wins);
}

// A table with room for 16 times as many buckets as are in use.
struct Growing {
  Growing() : memory(16 * kMinSeenBuckets) { memory.entry().records = kMinSeenBuckets; }

  StateTableRequest request(std::uint64_t buckets) const {
    return {StateTable::uniques,
            sizeof(SeenBucket),
            16 * kMinSeenBuckets,
            buckets,
            "unique buckets",
            spread_seen,
            &StateFileHeader::uniques_growing_from};
  }
  std::span<char> bytes() const {
    return {reinterpret_cast<char*>(memory.records()), 16 * kMinSeenBuckets * sizeof(SeenBucket)};
  }
  void grow(std::uint64_t buckets) const {
    const StateTableRequest wanted = request(buckets);
    TableGrowth growth(wanted, memory.header(), memory.entry(), bytes());
    growth.run();
  }
  TestMemory<SeenBucket> memory;
};

void growth_forgets_nobody(void**) {
  const Growing growing;
  SeenTable table = table_of(growing.memory);
  const auto visitors = full_buckets(kMinSeenBuckets);
  for (const std::uint64_t visitor : visitors) {
    table.seen(visitor, kNow, kDay);
  }
  for (const std::uint64_t buckets : {2 * kMinSeenBuckets, 16 * kMinSeenBuckets}) {
    growing.grow(buckets);
    assert_int_equal(table.buckets(), buckets);
    for (const std::uint64_t visitor : visitors) {
      assert_true(table.known(visitor, kNow, kDay));
    }
  }
}

// The new buckets are empty but for what was copied: more visitors evict nobody.
void growth_makes_room(void**) {
  const Growing growing;
  SeenTable table = table_of(growing.memory);
  for (const std::uint64_t visitor : full_buckets(64)) {
    table.seen(visitor, kNow, kDay);
  }
  growing.grow(16 * kMinSeenBuckets);
  SplitMix64 random(2);
  for (std::uint64_t bucket = 0; bucket < 64; ++bucket) {
    for (std::uint64_t i = 0; i < 30; ++i) {
      const std::uint64_t new_part = 1 + i % 15;
      const std::uint64_t tag = (random.next() >> 24 & ~15ull) | new_part;
      assert_false(table.seen(tag << 24 | bucket, kNow + 60'000, kDay).evicted);
    }
  }
}

void nobody_is_new_twice_while_the_table_grows(void**) {
  for (int round = 0; round < 20; ++round) {
    const Growing growing;
    const auto visitors = full_buckets(1024);
    const Wins wins(visitors.size());
    std::thread grower([&] {
      growing.grow(2 * kMinSeenBuckets);
      growing.grow(16 * kMinSeenBuckets);
    });
    race(growing.memory, visitors, wins, kNow);
    grower.join();
    std::size_t never_new = 0;
    for (std::size_t i = 0; i < visitors.size(); ++i) {
      const std::uint32_t won = wins.records()[i].load();
      assert_true(won <= 1);
      never_new += won == 0 ? 1 : 0;
      assert_true(table_of(growing.memory).known(visitors[i], kNow, kDay));
    }
    // Each thread is at one visitor when the table grows, and may find the copy of its own entry.
    assert_true(never_new <= 4 * 2);
  }
}

void die_at_second_pass(std::span<char> table, std::uint64_t from, std::uint64_t to) noexcept {
  static int passes = 0;
  if (++passes == 2) {
    ::kill(::getpid(), SIGKILL);
  }
  spread_seen(table, from, to);
}

void a_growth_that_was_killed_loses_nobody_and_is_completed_by_the_next_opener(void**) {
  const Growing growing;
  SeenTable table = table_of(growing.memory);
  const auto visitors = full_buckets(256);
  for (std::size_t i = 0; i < visitors.size(); i += 2) {
    table.seen(visitors[i], kNow, kDay);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    StateTableRequest wanted = growing.request(4 * kMinSeenBuckets);
    wanted.spread = die_at_second_pass;
    TableGrowth(wanted, growing.memory.header(), growing.memory.entry(), growing.bytes()).run();
  }
  ::waitpid(child, nullptr, 0);
  assert_int_equal(growing.memory.header().uniques_growing_from, kMinSeenBuckets);
  // A worker with the old size wrote this one after the first pass.
  growing.memory.entry().records = kMinSeenBuckets;
  growing.memory.header().uniques_growing_from = 0;
  table.seen(visitors[1], kNow, kDay);
  growing.memory.entry().records = 4 * kMinSeenBuckets;
  growing.memory.header().uniques_growing_from = kMinSeenBuckets;
  assert_true(table.seen(visitors[1], kNow, kDay).known);

  const StateTableRequest wanted = growing.request(4 * kMinSeenBuckets);
  TableGrowth growth(wanted, growing.memory.header(), growing.memory.entry(), growing.bytes());
  growth.complete_interrupted();
  assert_false(growth.needed());
  assert_int_equal(growing.memory.header().uniques_growing_from, 0);
  assert_true(table.known(visitors[1], kNow, kDay));
  for (std::size_t i = 0; i < visitors.size(); i += 2) {
    assert_true(table.known(visitors[i], kNow, kDay));
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(exactly_one_thread_is_first),
      cmocka_unit_test(of_two_at_the_same_instant_one_is_first),
      cmocka_unit_test(exactly_one_process_is_first),
      cmocka_unit_test(growth_forgets_nobody),
      cmocka_unit_test(growth_makes_room),
      cmocka_unit_test(nobody_is_new_twice_while_the_table_grows),
      cmocka_unit_test(a_growth_that_was_killed_loses_nobody_and_is_completed_by_the_next_opener),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
