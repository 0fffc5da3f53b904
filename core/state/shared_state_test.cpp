#include "core/state/shared_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "core/base/fd.h"
#include "core/base/random.h"
#include "core/base/test_directory.h"
#include "core/snapshot/generation.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr SharedState::Options kSmall{.rotation_slots = 64,
                                      .transaction_buckets = 16,
                                      .cap_slots = 64,
                                      .unique_buckets = 4096,
                                      .last_seen_buckets = 4096,
                                      .overlay_destinations = 64};

std::unique_ptr<SharedState> open_state(const TestDirectory& run, const SharedState::Options& options = kSmall) {
  auto state = SharedState::open(run.path(), options);
  if (!state) {
    fail_msg("%s", state.error().message.c_str());
  }
  return std::move(state).value();
}

std::string refusal(const TestDirectory& run, const SharedState::Options& options = kSmall) {
  const auto state = SharedState::open(run.path(), options);
  return state ? std::string() : state.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void overwrite(const std::string& path, off_t at, std::uint64_t value, std::size_t bytes) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  assert_int_equal(::pwrite(fd.get(), &value, bytes, at), bytes);
}

void the_generation_only_moves_up(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  assert_int_equal(state->published(), 0);
  assert_true(state->publish(pack_generation({1, 5})));
  assert_false(state->publish(pack_generation({1, 5})));
  assert_false(state->publish(pack_generation({1, 4})));
  assert_true(state->publish(pack_generation({2, 1})));
  assert_true((unpack_generation(state->published()) == Generation{2, 1}));
}

void what_one_process_writes_the_others_see_and_it_outlives_them(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto theirs = open_state(run);
    theirs->next_rotation(7);
    theirs->next_rotation(7);
    theirs->add(3, Counter::clicks_redirected, 10);
    theirs->remember_transaction(42, 1000);
    theirs->publish(9);
    ::_exit(0);
  }
  int status = 0;
  assert_int_equal(::waitpid(child, &status, 0), child);
  state->add(4, Counter::clicks_redirected, 5);
  assert_int_equal(state->next_rotation(7), 2);
  assert_int_equal(state->total(Counter::clicks_redirected), 15);
  assert_true(state->transaction_seen(42));
  assert_int_equal(state->published(), 9);
}

void rotation_counts_every_click_once_among_threads(void**) {
  const TestDirectory run;
  constexpr int kThreads = 4;
  constexpr std::uint64_t kClicks = 20'000;
  std::vector<std::vector<std::uint64_t>> seen(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto state = open_state(run);
      for (std::uint64_t n = 0; n < kClicks; ++n) {
        seen[i].push_back(state->next_rotation(63));
      }
    });
  }
  std::set<std::uint64_t> all;
  for (int i = 0; i < kThreads; ++i) {
    threads[i].join();
    all.insert(seen[i].begin(), seen[i].end());
  }
  assert_int_equal(all.size(), kThreads * kClicks);
  assert_int_equal(*all.rbegin(), kThreads * kClicks - 1);
}

void a_rotation_slot_beyond_the_table_is_harmless(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  assert_int_equal(state->next_rotation(64), 0);
  assert_int_equal(state->next_rotation(UINT32_MAX), 0);
}

void the_table_grows_in_place_while_it_is_used(void**) {
  const TestDirectory run;
  const auto before = open_state(run);
  before->next_rotation(5);
  const auto after = open_state(run, {.rotation_slots = 100'000, .transaction_buckets = 16});
  assert_int_equal(after->next_rotation(5), 1);
  assert_int_equal(before->next_rotation(5), 2);
  assert_int_equal(after->next_rotation(99'999), 0);
  assert_int_equal(before->next_rotation(99'999), 1);
  assert_int_equal(before->rotation_slots(), 100'000);
}

void a_smaller_size_leaves_the_table_as_it_is(void**) {
  const TestDirectory run;
  open_state(run, {.rotation_slots = 1000, .transaction_buckets = 64});
  const auto state = open_state(run);
  assert_int_equal(state->rotation_slots(), 1000);
}

void remembered_transactions_survive_growth(void**) {
  const TestDirectory run;
  const auto before = open_state(run);
  SplitMix64 random(1);
  std::vector<std::uint64_t> fingerprints;
  for (int i = 0; i < 12; ++i) {
    fingerprints.push_back(random.next());
    before->remember_transaction(fingerprints.back(), 1000 + i);
  }
  const auto after = open_state(run, {.rotation_slots = 64, .transaction_buckets = 4096});
  for (const std::uint64_t fingerprint : fingerprints) {
    assert_true(after->transaction_seen(fingerprint));
    assert_true(before->transaction_seen(fingerprint));
  }
  assert_false(after->transaction_seen(random.next()));
}

void a_full_bucket_forgets_its_oldest_transaction(void**) {
  const TestDirectory run;
  const auto state = open_state(run, {.rotation_slots = 1, .transaction_buckets = 1});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    state->remember_transaction(i, 100 * i);
  }
  assert_int_equal(state->forgotten_transactions(), 0);
  state->remember_transaction(1, 900);  // seen again: the youngest now
  state->remember_transaction(5, 500);
  assert_int_equal(state->forgotten_transactions(), 1);
  assert_false(state->transaction_seen(2));
  for (const std::uint64_t kept : {1, 3, 4, 5}) {
    assert_true(state->transaction_seen(kept));
  }
}

void fingerprint_zero_is_a_fingerprint(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  assert_false(state->transaction_seen(0));
  state->remember_transaction(0, 1);
  assert_true(state->transaction_seen(0));
}

void another_layout_is_refused_with_what_to_do(void**) {
  const TestDirectory run;
  open_state(run);
  overwrite(run.path() + "/state", 8, 2, 4);
  const std::string message = refusal(run);
  assert_true(contains(message, "has layout 2, this build needs layout 1"));
  assert_true(contains(message, "stop every nginx that uses this tributary_run_path, remove the file"));
}

void a_foreign_or_cut_file_is_refused(void**) {
  const TestDirectory run;
  const std::string path = run.path() + "/state";
  std::ofstream(path) << std::string(10'000, 'x');
  assert_true(contains(refusal(run), "is not a state file"));
  ::unlink(path.c_str());
  open_state(run);
  assert_int_equal(::truncate(path.c_str(), 8192), 0);
  assert_true(contains(refusal(run), "is damaged"));
}

void a_file_whose_maker_died_early_is_made_anew(void**) {
  const TestDirectory run;
  const Fd fd(::open((run.path() + "/state").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  assert_int_equal(::ftruncate(fd.get(), 123'456), 0);
  assert_int_equal(open_state(run)->rotation_slots(), 64);
}

void impossible_sizes_are_refused_by_name(void**) {
  const TestDirectory run;
  assert_true(contains(refusal(run, {.rotation_slots = (1u << 24) + 1, .transaction_buckets = 16}), "rotation slots"));
  assert_true(contains(refusal(run, {.rotation_slots = 1, .transaction_buckets = 15}), "not a power of two"));
  assert_true(contains(refusal(run, {.rotation_slots = 1, .transaction_buckets = 1u << 23}), "transaction buckets"));
}

void only_used_records_take_memory(void**) {
  const TestDirectory run;
  open_state(run);
  struct stat status {};
  assert_int_equal(::stat((run.path() + "/state").c_str(), &status), 0);
  assert_true(status.st_blocks * 512 < 1 << 20);
  assert_int_equal(status.st_mode & 0777, 0600);
}

void every_counter_has_a_name_and_a_help_text_of_its_own(void**) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    names.insert(counter_name(static_cast<Counter>(i)));
    assert_false(counter_help(static_cast<Counter>(i)).empty());
  }
  assert_int_equal(names.size(), kCounterCount);
  assert_false(names.contains(""));
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(the_generation_only_moves_up),
      cmocka_unit_test(what_one_process_writes_the_others_see_and_it_outlives_them),
      cmocka_unit_test(rotation_counts_every_click_once_among_threads),
      cmocka_unit_test(a_rotation_slot_beyond_the_table_is_harmless),
      cmocka_unit_test(the_table_grows_in_place_while_it_is_used),
      cmocka_unit_test(a_smaller_size_leaves_the_table_as_it_is),
      cmocka_unit_test(remembered_transactions_survive_growth),
      cmocka_unit_test(a_full_bucket_forgets_its_oldest_transaction),
      cmocka_unit_test(fingerprint_zero_is_a_fingerprint),
      cmocka_unit_test(another_layout_is_refused_with_what_to_do),
      cmocka_unit_test(a_foreign_or_cut_file_is_refused),
      cmocka_unit_test(a_file_whose_maker_died_early_is_made_anew),
      cmocka_unit_test(impossible_sizes_are_refused_by_name),
      cmocka_unit_test(only_used_records_take_memory),
      cmocka_unit_test(every_counter_has_a_name_and_a_help_text_of_its_own),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
