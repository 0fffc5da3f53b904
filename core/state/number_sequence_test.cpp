#include "core/state/number_sequence.h"

#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "core/base/test_directory.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kStart = kNumberEpochMs + 1'000'000;

std::string path_in(const TestDirectory& run) {
  return run.path() + "/numbers";
}

NumberSequence open_numbers(const TestDirectory& run, std::uint64_t now_ms) {
  auto numbers = NumberSequence::open(path_in(run), now_ms);
  if (!numbers) {
    fail_msg("%s", numbers.error().message.c_str());
  }
  return std::move(numbers).value();
}

void numbers_grow_and_name_their_edge(void**) {
  const TestDirectory run;
  NumberSequence numbers = open_numbers(run, kStart);
  const std::uint64_t first = numbers.next(1023, kStart + 1000);
  const std::uint64_t second = numbers.next(1023, kStart + 1000);
  assert_int_equal(first & 1023, 1023);
  assert_true(second > first);
  assert_int_equal(second - first, 1024);
}

void numbers_fit_53_bits_until_2060(void**) {
  const TestDirectory run;
  const std::uint64_t in_2059 = 2'808'000'000'000;
  NumberSequence numbers = open_numbers(run, in_2059);
  const std::uint64_t number = numbers.next(1023, in_2059 + 1);
  assert_true(number > 0 && number < 1ull << 53);
}

// A host that starts with a clock two hours ahead, put right a moment later, must not refuse conversions for two hours.
void a_clock_that_was_hours_ahead_stops_nothing(void**) {
  const TestDirectory run;
  NumberSequence numbers = open_numbers(run, kStart + 7'200'000);
  const std::uint64_t ahead = numbers.next(0, kStart + 7'200'000);
  assert_true(ahead > 0);
  assert_true(numbers.next(0, kStart) > ahead);
}

void a_clock_that_steps_back_repeats_nothing(void**) {
  const TestDirectory run;
  NumberSequence numbers = open_numbers(run, kStart);
  std::uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    last = numbers.next(0, kStart + 3'600'000);
  }
  const std::uint64_t after = numbers.next(0, kStart + 1'800'000);
  assert_true(after > last);
}

void a_new_run_directory_starts_behind_what_was_given_within_the_rate(void**) {
  const TestDirectory run;
  std::uint64_t last = 0;
  {
    NumberSequence numbers = open_numbers(run, kStart);
    for (std::uint64_t i = 0; i < 700 * kTicksPerSecond / 1000; ++i) {
      last = numbers.next(5, kStart + 700);
    }
  }
  ::unlink(path_in(run).c_str());
  NumberSequence numbers = open_numbers(run, kStart + 700);
  assert_true(numbers.next(5, kStart + 700) > last);
}

void a_clock_before_2026_gives_no_numbers(void**) {
  const TestDirectory run;
  NumberSequence numbers = open_numbers(run, 1000);
  assert_int_equal(numbers.next(0, 2000), 0);
}

void workers_share_one_sequence(void**) {
  const TestDirectory run;
  std::vector<std::vector<std::uint64_t>> given(4);
  std::vector<std::thread> threads;
  for (auto& mine : given) {
    threads.emplace_back([&] {
      NumberSequence numbers = open_numbers(run, kStart);
      for (int i = 0; i < 5000; ++i) {
        mine.push_back(numbers.next(1, kStart + 60'000));
      }
    });
  }
  std::set<std::uint64_t> all;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    all.insert(given[i].begin(), given[i].end());
  }
  assert_int_equal(all.size(), 20'000);
  assert_false(all.contains(0));
}

void a_foreign_file_is_refused(void**) {
  const TestDirectory run;
  std::ofstream(path_in(run)) << "something else that is long enough";
  assert_false(NumberSequence::open(path_in(run), kStart).ok());
  std::ofstream(path_in(run)) << "x";
  assert_false(NumberSequence::open(path_in(run), kStart).ok());
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(numbers_grow_and_name_their_edge),
      cmocka_unit_test(numbers_fit_53_bits_until_2060),
      cmocka_unit_test(a_clock_that_was_hours_ahead_stops_nothing),
      cmocka_unit_test(a_clock_that_steps_back_repeats_nothing),
      cmocka_unit_test(a_new_run_directory_starts_behind_what_was_given_within_the_rate),
      cmocka_unit_test(a_clock_before_2026_gives_no_numbers),
      cmocka_unit_test(workers_share_one_sequence),
      cmocka_unit_test(a_foreign_file_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
