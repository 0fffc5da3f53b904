#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include "core/base/random.h"
#include "core/state/cap_history.h"
#include "core/state/cap_table.h"
#include "core/state/cap_word.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

// A state file that is new, as after a reboot: nothing capped opens before what was taken is known again.
namespace tributary {
namespace {

constexpr std::uint64_t kLife = 78;  // begin_life() keeps it odd

CapTable new_table(const TestMemory<CapRecord>& memory) {
  CapTable caps(memory.records(), memory.entry(), memory.header());
  caps.begin_life(kLife);
  return caps;
}

void a_new_state_keeps_every_cap_closed(void**) {
  const TestMemory<CapRecord> memory(2);
  CapTable caps = new_table(memory);
  assert_false(caps.known());
  assert_int_equal(caps.take(0, 5, 100), CapTake::unknown);
  assert_int_equal(caps.would_take(0, 5, 100), CapTake::unknown);
  assert_int_equal(caps.count(0, 5), 0);
}

void a_table_without_a_life_is_unknown(void**) {
  const TestMemory<CapRecord> memory(1);
  const CapTable caps(memory.records(), memory.entry(), memory.header());
  assert_false(caps.known());
}

void the_first_opener_names_the_life(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = new_table(memory);
  const std::uint64_t life = caps.life();
  caps.begin_life(1234);
  assert_int_equal(caps.life(), life);
  assert_true(life != 0);
}

void what_was_taken_before_counts(void**) {
  const TestMemory<CapRecord> memory(2);
  CapTable caps = new_table(memory);
  CapHistory history;
  history.add(1, 5, 97);
  assert_int_equal(caps.restore(caps.life(), history.words()), CapRestored::restored);
  assert_true(caps.known());
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(caps.take(1, 5, 100), CapTake::taken);
  }
  assert_int_equal(caps.take(1, 5, 100), CapTake::full);
  assert_int_equal(caps.count(1, 5), 100);
  assert_int_equal(caps.take(1, 5, 50), CapTake::full);
  assert_int_equal(caps.take(1, 6, 1), CapTake::taken);
}

void a_window_that_had_begun_before_does_not_end_by_a_reboot(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = new_table(memory);
  CapHistory history;
  history.add(0, 9, 1);
  caps.restore(caps.life(), history.words());
  assert_int_equal(caps.take(0, 8, 100), CapTake::past);
}

void soft_counts_of_the_time_between_stay(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = new_table(memory);
  caps.count_up(0, 5);
  caps.count_up(0, 5);
  CapHistory history;
  history.add(0, 5, 10);
  caps.restore(caps.life(), history.words());
  assert_int_equal(caps.count(0, 5), 12);
  assert_int_equal(caps.count_up(0, 5), 13);
}

void totals_for_another_state_file_are_refused(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = new_table(memory);
  assert_int_equal(caps.restore(caps.life() + 2, {}), CapRestored::other_life);
  assert_false(caps.known());
}

void totals_that_come_twice_change_nothing(void**) {
  const TestMemory<CapRecord> memory(1);
  CapTable caps = new_table(memory);
  caps.restore(caps.life(), {});
  caps.take(0, 5, 10);
  CapHistory history;
  history.add(0, 5, 1);  // the click that was taken just now, counted by admin-api meanwhile
  assert_int_equal(caps.restore(caps.life(), history.words()), CapRestored::already_known);
  assert_int_equal(caps.count(0, 5), 1);
}

void totals_of_a_slot_beyond_the_table_open_nothing(void**) {
  const TestMemory<CapRecord> memory(2);
  CapTable caps = new_table(memory);
  CapHistory history;
  history.add(2, 5, 1);
  assert_int_equal(caps.restore(caps.life(), history.words()), CapRestored::no_slot);
  assert_int_equal(caps.take(0, 5, 1), CapTake::unknown);
}

void a_history_keeps_the_newest_window_in_any_order(void**) {
  CapHistory history;
  history.add(3, 7, 10);
  history.add(3, 8, 1);
  history.add(3, 7, 100);
  history.add(3, 8, 2);
  history.add(0, 0, 4);
  history.add(1u << 24, 1, 1);
  assert_int_equal(history.words().size(), 4);
  assert_true(CapWord(history.words()[3]).window == 8 && CapWord(history.words()[3]).count == 3);
  assert_int_equal(CapWord(history.words()[0]).count, 4);
  history.add(3, 8, UINT32_MAX);
  assert_int_equal(CapWord(history.words()[3]).count, UINT32_MAX);
}

// Several restore at once while others take: not one too many, not one too few.
void a_cap_is_exact_across_a_restore(void**) {
  constexpr std::uint32_t kLimit = 300;
  const TestMemory<CapRecord> memory(1);
  for (std::uint32_t round = 0; round < 100; ++round) {
    memory.clear();
    CapTable caps = new_table(memory);
    CapHistory history;
    history.add(0, 5, round * 4);
    std::atomic<std::uint32_t> admitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        CapTable own(memory.records(), memory.entry(), memory.header());
        for (std::uint32_t n = 0; n < 2 * kLimit; ++n) {
          admitted += own.take(0, 5, kLimit) == CapTake::taken ? 1 : 0;
          if (i < 2 && n == kLimit / 2) {
            own.restore(own.life(), history.words());
          }
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    while (caps.take(0, 5, kLimit) == CapTake::taken) {
      ++admitted;
    }
    assert_int_equal(admitted.load(), kLimit - std::min(kLimit, round * 4));
  }
}

// The restorer is killed at any point; the caps are then closed still, or open with everything counted.
void a_restore_that_is_killed_is_repeated(void**) {
  constexpr std::size_t kSlots = 1u << 18;
  const TestMemory<CapRecord> memory(kSlots);
  std::vector<std::uint64_t> before(kSlots);
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    before[slot] = CapWord(5, static_cast<std::uint32_t>(slot % 100)).packed();
  }
  SplitMix64 random(1);
  for (int round = 0; round < 30; ++round) {
    memory.clear();
    CapTable caps = new_table(memory);
    const pid_t child = ::fork();
    if (child == 0) {
      caps.restore(caps.life(), before);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random.below(3000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (!caps.known()) {
      assert_int_equal(caps.take(1, 5, 100), CapTake::unknown);
      assert_int_equal(caps.restore(caps.life(), before), CapRestored::restored);
    }
    for (std::uint32_t slot = 0; slot < kSlots; slot += 97) {
      assert_int_equal(caps.count(slot, 5), slot % 100);
    }
  }
}

struct JournalledClick {
  std::uint32_t slot;
  std::uint32_t window;
};

// Life after life of a host: clicks are taken and journalled, admin-api has counted them up to some progress, the host
// reboots, the edge adds the rest.
void reboots_never_let_a_cap_pass_its_limit(void**) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SplitMix64 random(seed);
    constexpr std::uint32_t kSlots = 3;
    const auto limit = static_cast<std::uint32_t>(5 + random.below(40));
    std::vector<JournalledClick> journal;
    std::uint32_t window = 1;
    for (int life = 0; life < 6; ++life) {
      const TestMemory<CapRecord> memory(kSlots);
      CapTable caps = new_table(memory);
      CapHistory history;
      const std::size_t progress = random.below(journal.size() + 1);
      std::uint32_t totals[kSlots] = {};
      for (std::size_t i = 0; i < progress; ++i) {
        totals[journal[i].slot] += journal[i].window == window ? 1 : 0;
      }
      for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
        history.add(slot, window, totals[slot]);
      }
      for (std::size_t i = progress; i < journal.size(); ++i) {
        history.add(journal[i].slot, journal[i].window, 1);
      }
      caps.restore(caps.life(), history.words());
      for (std::uint64_t clicks = random.below(60); clicks > 0; --clicks) {
        const auto slot = static_cast<std::uint32_t>(random.below(kSlots));
        if (caps.take(slot, window, limit) == CapTake::taken) {
          journal.push_back({slot, window});
        }
        window += random.below(100) == 0 ? 1 : 0;
      }
      std::uint32_t admitted[kSlots] = {};
      for (const JournalledClick& click : journal) {
        admitted[click.slot] += click.window == window ? 1 : 0;
      }
      for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
        assert_true(admitted[slot] <= limit);
        assert_int_equal(caps.count(slot, window), admitted[slot]);
      }
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_new_state_keeps_every_cap_closed),
      cmocka_unit_test(a_table_without_a_life_is_unknown),
      cmocka_unit_test(the_first_opener_names_the_life),
      cmocka_unit_test(what_was_taken_before_counts),
      cmocka_unit_test(a_window_that_had_begun_before_does_not_end_by_a_reboot),
      cmocka_unit_test(soft_counts_of_the_time_between_stay),
      cmocka_unit_test(totals_for_another_state_file_are_refused),
      cmocka_unit_test(totals_that_come_twice_change_nothing),
      cmocka_unit_test(totals_of_a_slot_beyond_the_table_open_nothing),
      cmocka_unit_test(a_history_keeps_the_newest_window_in_any_order),
      cmocka_unit_test(a_cap_is_exact_across_a_restore),
      cmocka_unit_test(a_restore_that_is_killed_is_repeated),
      cmocka_unit_test(reboots_never_let_a_cap_pass_its_limit),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
