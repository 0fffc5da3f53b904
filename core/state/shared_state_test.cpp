#include "core/state/shared_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "core/base/fd.h"
#include "core/base/generation.h"
#include "core/base/random.h"
#include "core/base/test_directory.h"
#include "core/state/file_lock.h"
#include "core/state/transaction_table.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000'000;
constexpr SharedState::Options kSmall{.rotation_slots = 64,
                                      .transaction_buckets = 16,
                                      .cap_slots = 64,
                                      .unique_buckets = 4096,
                                      .last_seen_buckets = 4096,
                                      .overlay_destinations = 64,
                                      .recent_click_buckets = 16,
                                      .cap_value_lines = 1u << 14};

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

void open_caps(SharedState& state) {
  assert_int_equal(state.caps().restore(state.caps().life(), {}), CapRestored::restored);
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

// proves: B13
void a_call_of_click_is_remembered_with_its_time_until_others_need_the_place(void**) {
  const TestDirectory run;
  SharedState::Options options = kSmall;
  options.recent_click_buckets = 1;
  const auto state = open_state(run, options);
  const auto other = open_state(run, options);
  assert_int_equal(state->recent_click_ms(1), 0);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    assert_false(state->remember_click(i, kNow + i).evicted);
  }
  assert_int_equal(other->recent_click_ms(1), kNow + 1);
  assert_true(state->remember_click(5, kNow + 5).evicted);
  assert_int_equal(other->remember_click(5, kNow + 9).time_ms, kNow + 5);
  assert_false(other->remember_click(5, kNow + 9).first);
  assert_int_equal(other->recent_click_ms(1), 0);
  assert_int_equal(other->recent_click_ms(5), kNow + 5);
  assert_false(state->transaction_seen(5));
}

// proves: B13
void calls_of_click_at_the_same_moment_are_told_one_time(void**) {
  const TestDirectory run;
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kCalls = 2000;
  std::vector<std::vector<std::uint64_t>> told(kThreads, std::vector<std::uint64_t>(kCalls));
  std::barrier together(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto state = open_state(run);
      for (std::size_t call = 0; call < kCalls; ++call) {
        together.arrive_and_wait();
        told[i][call] = state->remember_click(call * 7919, kNow + call * 10 + i).time_ms;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  for (std::size_t i = 1; i < kThreads; ++i) {
    assert_true(told[i] == told[0]);
  }
}

void a_claim_that_nobody_finishes_is_waited_for_a_second(void**) {
  alignas(64) std::array<std::uint64_t, 8> bucket{};
  bucket[1] = kNow | std::uint64_t{1} << 63;  // its process died between the two words
  assert_int_equal(claim(bucket.data(), 1, 7, kNow + 500).time_ms, kNow + 500);
  assert_int_equal(claimed_ms(bucket.data(), 1, 7), 0);
  assert_int_equal(claim(bucket.data(), 1, 7, kNow + 1000).time_ms, kNow + 1000);
  assert_int_equal(claimed_ms(bucket.data(), 1, 7), kNow + 1000);
}

void fingerprint_zero_is_a_fingerprint(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  assert_false(state->transaction_seen(0));
  state->remember_transaction(0, 1);
  assert_true(state->transaction_seen(0));
}

// What the builds before caps asked for.
Result<StateFile, StateError> open_as_an_older_build(const TestDirectory& run) {
  const StateTableRequest requests[] = {
      {StateTable::counters, 64 * sizeof(std::uint64_t), 256, 256, "worker slots"},
      {StateTable::rotation, sizeof(std::uint64_t), 1u << 24, 64, "rotation slots"},
      {StateTable::transactions, kTransactionBucketBytes, 1u << 22, 16, "transaction buckets", spread_transactions},
  };
  return StateFile::open(run.path() + "/state", requests);
}

void a_file_of_an_older_build_gets_the_new_tables_and_caps_that_are_closed(void**) {
  const TestDirectory run;
  {
    const auto older = open_as_an_older_build(run);
    assert_true(older.ok());
    reinterpret_cast<std::uint64_t*>(older->table(StateTable::rotation))[5] = 41;
  }
  const auto state = open_state(run);
  assert_int_equal(state->next_rotation(5), 41);
  assert_int_equal(state->caps().slots(), 64);
  assert_int_equal(state->caps().take(0, 1, 9), CapTake::unknown);
  assert_true(state->caps().life() != 0);
  assert_false(state->uniques().seen(1, kNow, 60).known);
  assert_true(state->overlay().find(1).takes_visitors());
}

void an_older_build_goes_on_with_a_file_of_this_one_and_leaves_its_tables_alone(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  open_caps(*state);
  state->caps().take(3, 7, 10);
  state->uniques().seen(1, kNow, 600);
  state->next_rotation(5);
  const auto older = open_as_an_older_build(run);
  assert_true(older.ok());
  assert_int_equal(reinterpret_cast<std::uint64_t*>(older->table(StateTable::rotation))[5], 1);
  const auto again = open_state(run);
  assert_int_equal(again->caps().count(3, 7), 1);
  assert_true(again->caps().known());
  assert_true(again->uniques().known(1, kNow, 600));
}

void caps_sightings_and_the_overlay_survive_a_reload_and_larger_tables(void**) {
  const TestDirectory run;
  auto before = open_state(run);
  open_caps(*before);
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    before->caps().take(slot, 7, 10);
  }
  for (std::uint64_t visitor = 1; visitor <= 1000; ++visitor) {
    before->uniques().seen(visitor * 0x9e37'79b9'7f4a'7c15, kNow, 600);
    before->last_seen().touch(visitor * 0x9e37'79b9'7f4a'7c15, kNow, 600);
  }
  Overlay overlay;
  overlay.version = {1, 1};
  overlay.destinations = {{5, kDestinationDown, 0, 0}};
  assert_int_equal(before->apply_overlay(overlay), OverlayApplied::applied);
  const std::uint64_t life = before->caps().life();
  SharedState::Options larger = kSmall;
  larger.cap_slots = 10'000;
  larger.unique_buckets = larger.last_seen_buckets = 1u << 15;
  larger.overlay_destinations = 1000;
  const auto after = open_state(run, larger);
  assert_int_equal(after->caps().life(), life);
  assert_true(after->caps().known());
  const SharedState* both[] = {before.get(), after.get()};
  for (const SharedState* state : both) {
    assert_int_equal(state->caps().slots(), 10'000);
    for (std::uint32_t slot = 0; slot < 64; ++slot) {
      assert_int_equal(state->caps().count(slot, 7), 1);
    }
    for (std::uint64_t visitor = 1; visitor <= 1000; ++visitor) {
      assert_true(state->uniques().known(visitor * 0x9e37'79b9'7f4a'7c15, kNow, 600));
      assert_true(state->last_seen().known(visitor * 0x9e37'79b9'7f4a'7c15, kNow, 600));
    }
    assert_false(state->overlay().find(5).takes_visitors());
    assert_int_equal(state->overlay().room(), 1024);
  }
  assert_int_equal(before->caps().take(9'999, 7, 1), CapTake::taken);
  assert_int_equal(after->caps().take(9'999, 7, 1), CapTake::full);
}

void a_state_that_is_made_anew_has_another_life(void**) {
  const TestDirectory run;
  const std::uint64_t life = open_state(run)->caps().life();
  ::unlink((run.path() + "/state").c_str());
  assert_true(open_state(run)->caps().life() != life);
}

void an_overlay_waits_for_nobody(void**) {
  const TestDirectory run;
  const auto state = open_state(run);
  Overlay overlay;
  overlay.version = {1, 1};
  const Fd held(::open((run.path() + "/overlay.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  {
    const FileLock lock = FileLock::try_take(held.get());
    assert_int_equal(state->apply_overlay(overlay), OverlayApplied::busy);
  }
  assert_int_equal(state->apply_overlay(overlay), OverlayApplied::applied);
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
  assert_true(
      contains(refusal(run, {.rotation_slots = (1u << 24) + 1, .transaction_buckets = 16}), "tributary_rotations"));
  assert_true(contains(refusal(run, {.rotation_slots = 1, .transaction_buckets = 15}), "not a power of two"));
  assert_true(contains(refusal(run, {.rotation_slots = 1, .transaction_buckets = 1u << 23}), "tributary_transactions"));
  const auto with = [&](std::uint32_t SharedState::Options::*size, std::uint32_t value) {
    SharedState::Options options = kSmall;
    options.*size = value;
    return refusal(run, options);
  };
  assert_true(contains(with(&SharedState::Options::cap_slots, (1u << 24) + 1), "tributary_caps"));
  assert_true(contains(with(&SharedState::Options::cap_value_lines, 8192), "not a power of two from 16384"));
  assert_true(contains(with(&SharedState::Options::cap_value_lines, 1u << 21), "tributary_cap_values"));
  assert_true(contains(with(&SharedState::Options::unique_buckets, 2048), "not a power of two from 4096"));
  assert_true(contains(with(&SharedState::Options::unique_buckets, 1u << 24), "tributary_uniques"));
  assert_true(contains(with(&SharedState::Options::last_seen_buckets, 5000), "not a power of two from 4096"));
  assert_true(contains(with(&SharedState::Options::overlay_destinations, (1u << 20) + 1), "overlay destinations"));
}

void only_used_records_take_memory(void**) {
  const TestDirectory run;
  open_state(run);
  struct stat status {};
  assert_int_equal(::stat((run.path() + "/state").c_str(), &status), 0);
  assert_true(status.st_blocks * 512 < 2 << 20);  // half of it are the values of caps, which cannot be fewer
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
      cmocka_unit_test(a_call_of_click_is_remembered_with_its_time_until_others_need_the_place),
      cmocka_unit_test(calls_of_click_at_the_same_moment_are_told_one_time),
      cmocka_unit_test(a_claim_that_nobody_finishes_is_waited_for_a_second),
      cmocka_unit_test(fingerprint_zero_is_a_fingerprint),
      cmocka_unit_test(a_file_of_an_older_build_gets_the_new_tables_and_caps_that_are_closed),
      cmocka_unit_test(an_older_build_goes_on_with_a_file_of_this_one_and_leaves_its_tables_alone),
      cmocka_unit_test(caps_sightings_and_the_overlay_survive_a_reload_and_larger_tables),
      cmocka_unit_test(a_state_that_is_made_anew_has_another_life),
      cmocka_unit_test(an_overlay_waits_for_nobody),
      cmocka_unit_test(another_layout_is_refused_with_what_to_do),
      cmocka_unit_test(a_foreign_or_cut_file_is_refused),
      cmocka_unit_test(a_file_whose_maker_died_early_is_made_anew),
      cmocka_unit_test(impossible_sizes_are_refused_by_name),
      cmocka_unit_test(only_used_records_take_memory),
      cmocka_unit_test(every_counter_has_a_name_and_a_help_text_of_its_own),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
