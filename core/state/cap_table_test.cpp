#include "core/state/cap_table.h"

#include <map>
#include <tuple>

#include "core/base/random.h"
#include "core/state/cap_word.h"
#include "core/state/test_memory.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

// A table whose totals are known, unless a test wants it otherwise.
struct Caps {
  explicit Caps(std::size_t slots = 4) : memory(slots), table(memory.records(), memory.entry(), memory.header()) {
    table.begin_life(77);
    assert_int_equal(table.restore(table.life(), {}), CapRestored::restored);
  }
  TestMemory<CapRecord> memory;
  CapTable table;
};

void a_cap_takes_its_limit_and_no_more(void**) {
  Caps caps;
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(caps.table.would_take(2, 10, 3), CapTake::taken);
    assert_int_equal(caps.table.take(2, 10, 3), CapTake::taken);
  }
  assert_int_equal(caps.table.would_take(2, 10, 3), CapTake::full);
  assert_int_equal(caps.table.take(2, 10, 3), CapTake::full);
  assert_int_equal(caps.table.count(2, 10), 3);
  assert_int_equal(caps.table.count(1, 10), 0);
}

void limit_zero_is_closed(void**) {
  Caps caps;
  assert_int_equal(caps.table.take(0, 10, 0), CapTake::full);
  assert_int_equal(caps.table.count(0, 10), 0);
}

void a_changed_limit_counts_from_the_next_take(void**) {
  Caps caps;
  caps.table.take(0, 1, 5);
  caps.table.take(0, 1, 5);
  assert_int_equal(caps.table.take(0, 1, 2), CapTake::full);
  assert_int_equal(caps.table.take(0, 1, 3), CapTake::taken);
}

void a_new_window_begins_empty(void**) {
  Caps caps;
  caps.table.take(0, 10, 1);
  assert_int_equal(caps.table.take(0, 11, 1), CapTake::taken);
  assert_int_equal(caps.table.take(0, 11, 1), CapTake::full);
  assert_int_equal(caps.table.count(0, 10), 0);
}

void a_clock_that_steps_back_does_not_open_a_window_again(void**) {
  Caps caps;
  assert_int_equal(caps.table.take(0, 10, 5), CapTake::taken);
  assert_int_equal(caps.table.take(0, 11, 5), CapTake::taken);
  assert_int_equal(caps.table.would_take(0, 10, 5), CapTake::past);
  assert_int_equal(caps.table.take(0, 10, 5), CapTake::past);
  assert_int_equal(caps.table.take(0, 11, 5), CapTake::taken);
  assert_int_equal(caps.table.count(0, 11), 2);
}

void what_is_given_back_can_be_taken_again(void**) {
  Caps caps;
  caps.table.take(0, 10, 1);
  caps.table.give_back(0, 10);
  assert_int_equal(caps.table.take(0, 10, 1), CapTake::taken);
  caps.table.give_back(0, 9);
  assert_int_equal(caps.table.take(0, 10, 1), CapTake::full);
}

void giving_back_after_the_window_ended_takes_nothing_from_the_next(void**) {
  Caps caps;
  caps.table.take(0, 10, 1);
  caps.table.take(0, 11, 1);
  caps.table.give_back(0, 10);
  assert_int_equal(caps.table.count(0, 11), 1);
  caps.table.give_back(0, 11);
  caps.table.give_back(0, 11);
  assert_int_equal(caps.table.count(0, 11), 0);
}

// A place that is given again: the cap that has it now, and one that had it before and is known to an older
// configuration.
void the_next_cap_at_a_place_begins_at_nothing(void**) {
  Caps caps;
  const std::uint32_t before = window_in_turn(6, 500'000);
  const std::uint32_t now = window_in_turn(7, 0);  // without an end: its number is the smallest
  for (int i = 0; i < 3; ++i) {
    caps.table.take(0, before, 9);
  }
  assert_int_equal(caps.table.count(0, now), 0);
  assert_int_equal(caps.table.take(0, now, 2), CapTake::taken);
  caps.table.give_back(0, before);
  assert_int_equal(caps.table.take(0, before, 9), CapTake::past);
  assert_int_equal(caps.table.count_up(0, before), 0);
  assert_int_equal(caps.table.count(0, now), 1);
  assert_int_equal(caps.table.take(0, now, 2), CapTake::taken);
  assert_int_equal(caps.table.take(0, now, 2), CapTake::full);
}

void a_number_says_place_and_turn(void**) {
  constexpr std::uint64_t number = std::uint64_t{2047} << 24 | 0xff'fffe;
  assert_true((cap_place(number) == CapPlace{0xff'fffe, 2047}));
  assert_true((cap_place(65'535) == CapPlace{65'535, 0}));
  assert_int_equal(window_out_of_turn(window_in_turn(2047, 500'000)), 500'000);
  assert_true(window_in_turn(2046, 500'000) < window_in_turn(2047, 0));
}

void a_slot_beyond_the_table_is_closed(void**) {
  Caps caps(4);
  assert_int_equal(caps.table.take(4, 1, 9), CapTake::no_slot);
  assert_int_equal(caps.table.would_take(UINT32_MAX, 1, 9), CapTake::no_slot);
  assert_int_equal(caps.table.count_up(4, 1), 0);
  assert_int_equal(caps.table.count(4, 1), 0);
  caps.table.give_back(4, 1);
}

void a_soft_cap_counts_above_any_limit_and_whatever_the_clock_does(void**) {
  Caps caps;
  assert_int_equal(caps.table.count_up(0, 10), 1);
  assert_int_equal(caps.table.count_up(0, 10), 2);
  assert_int_equal(caps.table.count_up(0, 9), 3);
  assert_int_equal(caps.table.count_up(0, 11), 1);
}

void counts_stop_at_the_largest_number(void**) {
  Caps caps;
  caps.memory.records()[0].taken = 5ull << 32 | UINT32_MAX;
  assert_int_equal(caps.table.count_up(0, 5), UINT32_MAX);
  assert_int_equal(caps.table.take(0, 5, UINT32_MAX), CapTake::full);
}

// What the table must say, told as simply as possible: one number per slot and window, and the latest window.
class CapModel {
 public:
  CapTake take(std::uint32_t slot, std::uint32_t window, std::uint32_t limit) {
    if (window < latest_[slot]) {
      return CapTake::past;
    }
    if (counts_[{slot, window}] >= limit) {
      return CapTake::full;
    }
    latest_[slot] = window;
    ++counts_[{slot, window}];
    return CapTake::taken;
  }
  void give_back(std::uint32_t slot, std::uint32_t window) {
    if (window == latest_[slot] && counts_[{slot, window}] > 0) {
      --counts_[{slot, window}];
    }
  }
  void count_up(std::uint32_t slot, std::uint32_t window) {
    latest_[slot] = std::max(latest_[slot], window);
    ++counts_[{slot, latest_[slot]}];
  }
  std::uint32_t count(std::uint32_t slot, std::uint32_t window) {
    return window == latest_[slot] ? counts_[{slot, window}] : 0;
  }

 private:
  std::map<std::uint32_t, std::uint32_t> latest_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> counts_;
};

void any_sequence_of_calls_agrees_with_the_model(void**) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SplitMix64 random(seed);
    Caps caps(3);
    CapModel model;
    for (std::uint32_t step = 0; step < 2000; ++step) {
      const auto slot = static_cast<std::uint32_t>(random.below(3));
      const auto window = static_cast<std::uint32_t>(step / 200 + random.below(3));
      const auto limit = static_cast<std::uint32_t>(random.below(12));
      switch (random.below(4)) {
        case 0: caps.table.give_back(slot, window), model.give_back(slot, window); break;
        case 1: caps.table.count_up(slot, window), model.count_up(slot, window); break;
        default: {
          const CapTake foretold = caps.table.would_take(slot, window, limit);
          const CapTake expected = model.take(slot, window, limit);
          if (caps.table.take(slot, window, limit) != expected || foretold != expected) {
            fail_msg("seed %lu, step %u: slot %u, window %u, limit %u", seed, step, slot, window, limit);
          }
        }
      }
      assert_int_equal(caps.table.count(slot, window), model.count(slot, window));
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_cap_takes_its_limit_and_no_more),
      cmocka_unit_test(limit_zero_is_closed),
      cmocka_unit_test(a_changed_limit_counts_from_the_next_take),
      cmocka_unit_test(a_new_window_begins_empty),
      cmocka_unit_test(a_clock_that_steps_back_does_not_open_a_window_again),
      cmocka_unit_test(what_is_given_back_can_be_taken_again),
      cmocka_unit_test(giving_back_after_the_window_ended_takes_nothing_from_the_next),
      cmocka_unit_test(the_next_cap_at_a_place_begins_at_nothing),
      cmocka_unit_test(a_number_says_place_and_turn),
      cmocka_unit_test(a_slot_beyond_the_table_is_closed),
      cmocka_unit_test(a_soft_cap_counts_above_any_limit_and_whatever_the_clock_does),
      cmocka_unit_test(counts_stop_at_the_largest_number),
      cmocka_unit_test(any_sequence_of_calls_agrees_with_the_model),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
