#include "core/state/cap_value_table.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/state/cap_value.h"
#include "core/state/table_growth.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kUnit_ms = kCapValueUnit_s * 1000;
constexpr std::uint64_t kNow_ms = 1'795'219'200'000;
constexpr std::uint32_t kNow = static_cast<std::uint32_t>((kNow_ms / 1000 - kCapValueEpoch_s) / kCapValueUnit_s);

// Every key that is a multiple of this has the same group.
constexpr std::uint64_t kSameGroup = std::uint64_t{1} << 36;

struct Values {
  explicit Values(std::size_t lines_each = 2)
      : memory(lines_each * CapValueTable::kGroups), table(memory.records(), memory.entry(), memory.header()) {}
  std::size_t in_group() const { return memory.entry().records / CapValueTable::kGroups * 8; }
  TestMemory<CapValueLine> memory;
  CapValueTable table;
};

CapValue value_of(std::uint64_t number, std::uint32_t ends = kNow + 1) {
  return {(number + 1) * kSameGroup, ends};
}

void every_value_takes_the_limit_for_itself_and_no_more(void**) {
  Values values;
  for (std::uint64_t n = 0; n < 5; ++n) {
    for (int i = 0; i < 3; ++i) {
      assert_int_equal(values.table.would_take(value_of(n), 3, kNow_ms), CapTake::taken);
      assert_int_equal(values.table.take(value_of(n), 3, kNow_ms), CapTake::taken);
    }
    assert_int_equal(values.table.would_take(value_of(n), 3, kNow_ms), CapTake::full);
    assert_int_equal(values.table.take(value_of(n), 3, kNow_ms), CapTake::full);
    assert_int_equal(values.table.count(value_of(n)), 3);
  }
  assert_int_equal(values.table.count(value_of(9)), 0);
}

void limit_zero_is_closed_and_takes_no_place(void**) {
  Values values;
  assert_int_equal(values.table.take(value_of(0), 0, kNow_ms), CapTake::full);
  for (std::size_t n = 0; n < values.in_group(); ++n) {
    assert_int_equal(values.table.take(value_of(n + 1), 1, kNow_ms), CapTake::taken);
  }
}

void what_is_given_back_can_be_taken_again(void**) {
  Values values;
  values.table.take(value_of(0), 1, kNow_ms);
  values.table.give_back(value_of(0));
  values.table.give_back(value_of(0));
  values.table.give_back(value_of(1));
  assert_int_equal(values.table.take(value_of(0), 1, kNow_ms), CapTake::taken);
  assert_int_equal(values.table.take(value_of(0), 1, kNow_ms), CapTake::full);
}

void a_full_group_refuses_new_values_and_goes_on_with_those_it_has(void**) {
  Values values;
  for (std::size_t n = 0; n < values.in_group(); ++n) {
    assert_int_equal(values.table.take(value_of(n), 9, kNow_ms), CapTake::taken);
  }
  assert_int_equal(values.table.would_take(value_of(1000), 9, kNow_ms), CapTake::no_place);
  assert_int_equal(values.table.take(value_of(1000), 9, kNow_ms), CapTake::no_place);
  assert_int_equal(values.table.take(value_of(7), 9, kNow_ms), CapTake::taken);
  assert_false(values.table.raise(value_of(1000), 1, kNow_ms));
}

void only_values_whose_window_is_over_make_room(void**) {
  Values values;
  for (std::size_t n = 0; n < values.in_group(); ++n) {
    values.table.take(value_of(n, n == 5 ? kNow + 1 : kNow + 100), 9, kNow_ms);
  }
  const std::uint64_t later_ms = kNow_ms + kUnit_ms;
  assert_int_equal(values.table.take(value_of(1000, kNow + 2), 9, later_ms), CapTake::taken);
  assert_int_equal(values.table.count(value_of(5, kNow + 1)), 0);
  assert_int_equal(values.table.take(value_of(1001, kNow + 2), 9, later_ms), CapTake::no_place);
  assert_int_equal(values.table.count(value_of(6, kNow + 100)), 1);
}

void what_was_forgotten_is_not_counted_anew_when_the_clock_steps_back(void**) {
  Values values;
  for (std::size_t n = 0; n < values.in_group(); ++n) {
    values.table.take(value_of(n), 1, kNow_ms);
  }
  assert_int_equal(values.table.take(value_of(1000, kNow + 9), 1, kNow_ms + kUnit_ms), CapTake::taken);
  const CapValue forgotten = value_of(0);
  assert_int_equal(values.table.count(forgotten), 0);
  assert_int_equal(values.table.take(forgotten, 1, kNow_ms), CapTake::no_place);
  Values other;
  other.memory.header().cap_values_forgotten = kNow + 1;
  assert_int_equal(other.table.take(forgotten, 1, kNow_ms), CapTake::past);
  assert_int_equal(other.table.take(value_of(0, kNow + 2), 1, kNow_ms), CapTake::taken);
}

void totals_of_before_raise_the_count_and_may_come_twice(void**) {
  Values values;
  for (int i = 0; i < 2; ++i) {
    assert_true(values.table.raise(value_of(0), 7, kNow_ms));
    assert_true(values.table.raise(value_of(1, kNow), 7, kNow_ms));  // over: nothing to remember
  }
  assert_int_equal(values.table.count(value_of(0)), 7);
  assert_int_equal(values.table.count(value_of(1, kNow)), 0);
  assert_int_equal(values.table.take(value_of(0), 8, kNow_ms), CapTake::taken);
  assert_int_equal(values.table.take(value_of(0), 8, kNow_ms), CapTake::full);
}

void a_larger_table_keeps_every_count(void**) {
  const TestMemory<CapValueLine> memory(4 * CapValueTable::kGroups);
  memory.entry().records = 2 * CapValueTable::kGroups;
  CapValueTable table(memory.records(), memory.entry(), memory.header());
  for (std::uint64_t n = 0; n < 16; ++n) {
    table.raise(value_of(n), static_cast<std::uint32_t>(n) + 1, kNow_ms);
  }
  assert_int_equal(table.take(value_of(16), 1, kNow_ms), CapTake::no_place);
  const StateTableRequest request{StateTable::cap_values,
                                  sizeof(CapValueLine),
                                  4 * CapValueTable::kGroups,
                                  4 * CapValueTable::kGroups,
                                  "",
                                  touch_cap_values,
                                  &StateFileHeader::cap_values_growing_from};
  const std::span<char> bytes(reinterpret_cast<char*>(memory.records()), 4 * CapValueTable::kGroups * 64);
  TableGrowth(request, memory.header(), memory.entry(), bytes).run();
  assert_int_equal(table.take(value_of(16), 1, kNow_ms), CapTake::taken);
  for (std::uint64_t n = 0; n < 16; ++n) {
    assert_int_equal(table.count(value_of(n)), n + 1);
  }
}

void while_the_table_grows_no_value_begins(void**) {
  Values values;
  values.table.take(value_of(0), 9, kNow_ms);
  values.memory.header().cap_values_growing_from = 1;
  assert_int_equal(values.table.take(value_of(0), 9, kNow_ms), CapTake::taken);
  assert_int_equal(values.table.take(value_of(1), 9, kNow_ms), CapTake::no_place);
}

void a_value_is_another_one_in_another_window_cap_or_turn(void**) {
  const std::uint64_t hash = value_hash("pub-7");
  const CapValue one = cap_value(1, 20'000, kNow_ms / 1000, hash);
  assert_true(one == cap_value(1, 20'000, kNow_ms / 1000, value_hash("pub-7")));
  assert_true(one.key != cap_value(1, 20'001, kNow_ms / 1000, hash).key);
  assert_true(one.key != cap_value(2, 20'000, kNow_ms / 1000, hash).key);
  assert_true(one.key != cap_value(1, 20'000, kNow_ms / 1000, value_hash("pub-8")).key);
  assert_int_equal(one.ends, kNow + 1);
  assert_int_equal(cap_value(1, 0, UINT64_MAX, hash).ends, kCapValueForever);
}

// The edge sees bytes, PostgreSQL has text with replacements.
void a_value_that_cannot_be_stored_as_it_came_counts_as_what_is_stored(void**) {
  const std::string_view dirty("\xff\x00pub", 5);
  std::string stored;
  append_clean_text(dirty, stored);
  assert_true(value_hash(dirty) == value_hash(stored));
  assert_true(value_hash("") != value_hash(dirty));
  assert_true(value_hash("") != value_hash("a"));
}

// Processes take the same few values while windows end, so that places are given away all the time, and are killed.
constexpr std::uint32_t kValues = 40;  // in a group of 16 places
constexpr std::uint32_t kWindows = 12;
constexpr std::uint32_t kLimit = 5;

struct Scene {
  std::atomic<std::uint32_t> window;
  std::atomic<std::uint64_t> admitted;
  std::atomic<bool> exceeded;
  std::atomic<std::uint32_t> tally[kWindows][kValues];
};

[[noreturn]] void worker_process(const TestMemory<CapValueLine>& memory, Scene& scene, std::uint64_t seed) {
  CapValueTable table(memory.records(), memory.entry(), memory.header());
  SplitMix64 random(seed);
  for (;;) {
    const std::uint32_t window = scene.window.load(std::memory_order_relaxed);
    const std::uint32_t seen = window > 0 && random.below(16) == 0 ? window - 1 : window;  // a clock that is behind
    const auto value = static_cast<std::uint32_t>(random.below(kValues));
    const std::uint64_t now_ms = kNow_ms + seen * kUnit_ms;
    const CapValue key = value_of(seen * 1000 + value, kNow + seen + 1);
    if (table.take(key, kLimit, now_ms) != CapTake::taken) {
      continue;
    }
    scene.admitted.fetch_add(1);
    if (scene.tally[seen][value].fetch_add(1) + 1 > kLimit) {
      scene.exceeded.store(true);
    }
    if (random.below(8) == 0) {
      scene.tally[seen][value].fetch_sub(1);
      table.give_back(key);
    }
  }
}

void no_value_passes_its_limit_among_processes_that_are_killed(void**) {
  const TestMemory<CapValueLine> memory(2 * CapValueTable::kGroups);
  const TestMemory<Scene> shared(1);
  Scene& scene = *shared.records();
  std::uint64_t seed = 1;
  const auto spawn = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      worker_process(memory, scene, seed);
    }
    ++seed;
    return child;
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(spawn());
  }
  for (std::uint32_t window = 1; window < kWindows; ++window) {
    const std::uint64_t enough = scene.admitted.load() + 60;  // of the 80 and more that this window has room for
    scene.window.store(window);
    const std::uint64_t deadline = wall_clock_ms() + 20'000;
    while (scene.admitted.load() < enough && wall_clock_ms() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    assert_true(scene.admitted.load() >= enough);
    pid_t& victim = workers[window % workers.size()];
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
    victim = spawn();
  }
  for (const pid_t worker : workers) {
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
  }
  assert_false(scene.exceeded.load());
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(every_value_takes_the_limit_for_itself_and_no_more),
      cmocka_unit_test(limit_zero_is_closed_and_takes_no_place),
      cmocka_unit_test(what_is_given_back_can_be_taken_again),
      cmocka_unit_test(a_full_group_refuses_new_values_and_goes_on_with_those_it_has),
      cmocka_unit_test(only_values_whose_window_is_over_make_room),
      cmocka_unit_test(what_was_forgotten_is_not_counted_anew_when_the_clock_steps_back),
      cmocka_unit_test(totals_of_before_raise_the_count_and_may_come_twice),
      cmocka_unit_test(a_larger_table_keeps_every_count),
      cmocka_unit_test(while_the_table_grows_no_value_begins),
      cmocka_unit_test(a_value_is_another_one_in_another_window_cap_or_turn),
      cmocka_unit_test(a_value_that_cannot_be_stored_as_it_came_counts_as_what_is_stored),
      cmocka_unit_test(no_value_passes_its_limit_among_processes_that_are_killed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
