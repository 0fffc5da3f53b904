#include "core/snapshot/snapshot_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/fd.h"
#include "core/base/test_directory.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/test_build.h"
#include "core/state/shared_state.h"

#include "core/base/cmocka.h"

namespace tributary {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Outcome = SnapshotStore::Outcome;
using Step = SnapshotStore::Step;

Bytes full(Generation generation, std::uint32_t campaigns = 3) {
  return testing::build(sample_snapshot({.campaigns = campaigns, .generation = generation}));
}

Bytes delta(Generation generation, Generation base) {
  model::Snapshot model = sample_snapshot({.campaigns = 0, .networks = 0, .generation = generation});
  model.base = base;
  return testing::build(model);
}

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

// One edge: a disk, a run directory and its shared state.
struct Edge {
  TestDirectory root;
  std::string disk = root.path() + "/snapshots";
  std::string run = root.path() + "/run";
  std::unique_ptr<SharedState> state;
  SnapshotStore store{disk, run};

  Edge() {
    std::filesystem::create_directory(run);
    open_state();
  }
  void open_state() {
    state =
        std::move(SharedState::open(run, {.rotation_slots = 100, .transaction_buckets = 1, .cap_slots = 20})).value();
  }
  void reboot() {
    state.reset();
    std::filesystem::remove_all(run);
    std::filesystem::create_directory(run);
    open_state();
  }
  SnapshotStore::PublishResult push(const Bytes& bytes, Generation generation) {
    write_file(root.path() + "/spool", bytes);
    const Fd spool(::open((root.path() + "/spool").c_str(), O_RDONLY | O_CLOEXEC));
    return store.publish(spool.get(), generation, *state);
  }
  Generation current() const { return unpack_generation(state->published()); }
  bool serves(Generation generation) const {
    const auto view = SnapshotView::load(store.run_snapshots(), generation, false);
    return view.ok() && view.value()->generation() == generation;
  }
};

void assert_outcome(const SnapshotStore::PublishResult& result, Outcome outcome, std::string_view reason = {}) {
  if (result.outcome != outcome || result.message.find(reason) == std::string::npos) {
    fail_msg("outcome %d: %s", static_cast<int>(result.outcome), result.message.c_str());
  }
}

void a_push_is_published_on_disk_and_in_the_run_directory(void**) {
  Edge edge;
  const auto result = edge.push(full({1, 5}), {1, 5});
  assert_outcome(result, Outcome::published);
  assert_true((result.current == Generation{1, 5}));
  assert_true((edge.current() == Generation{1, 5}));
  assert_true(edge.serves({1, 5}));
  for (const std::string& dir : {edge.disk, edge.run + "/snapshots"}) {
    struct stat status {};
    assert_int_equal(::stat((dir + "/1-5.snapshot").c_str(), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(std::distance(std::filesystem::directory_iterator(dir), {}), 1);
  }
}

void a_repeat_is_success_and_other_content_is_refused(void**) {
  Edge edge;
  assert_outcome(edge.push(full({1, 5}), {1, 5}), Outcome::published);
  assert_outcome(edge.push(full({1, 5}), {1, 5}), Outcome::already_current);
  assert_outcome(edge.push(full({1, 5}, 4), {1, 5}), Outcome::refused, "other content");
  assert_int_equal(SnapshotView::load(edge.store.run_snapshots(), {1, 5}, false).value()->campaign_count(), 3);
}

void an_older_generation_is_not_published(void**) {
  Edge edge;
  edge.push(full({1, 5}), {1, 5});
  assert_outcome(edge.push(full({1, 4}), {1, 4}), Outcome::older);
  assert_outcome(edge.push(full({2, 1}), {2, 1}), Outcome::published);
  assert_outcome(edge.push(full({1, 9}), {1, 9}), Outcome::older);
}

void another_publisher_at_work_means_busy(void**) {
  Edge edge;
  const Fd lock(::open((edge.run + "/publish.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  assert_int_equal(::flock(lock.get(), LOCK_EX), 0);
  assert_outcome(edge.push(full({1, 5}), {1, 5}), Outcome::busy);
  assert_int_equal(::flock(lock.get(), LOCK_UN), 0);
  assert_outcome(edge.push(full({1, 5}), {1, 5}), Outcome::published);
}

void what_does_not_fit_the_envelope_or_the_state_is_refused(void**) {
  Edge edge;
  assert_outcome(edge.push(full({1, 5}), {1, 6}), Outcome::refused, "holds generation 1-5, the envelope says 1-6");
  assert_outcome(edge.push(full({1, 5}, 101), {1, 5}), Outcome::refused, "write \"tributary_rotations slots=101\"");
  model::Snapshot capped = sample_snapshot({.generation = {1, 5}});
  const std::uint32_t slots = edge.state->caps().slots();
  capped.destinations[0].caps = {{.slot = slots, .amount = 1, .currency = {}, .time_zone = {}}};
  assert_outcome(edge.push(testing::build(capped), {1, 5}), Outcome::refused, "write \"tributary_caps slots=21\"");
  assert_outcome(edge.push(Bytes(5000, 'x'), {1, 5}), Outcome::refused, "not a snapshot");
  assert_outcome(edge.push({}, {1, 5}), Outcome::refused);
  assert_outcome(edge.store.publish(-1, {1, 5}, *edge.state), Outcome::io_error, "Bad file descriptor");
  assert_int_equal(edge.state->published(), 0);
  assert_true(std::filesystem::is_empty(edge.disk));
}

void a_delta_needs_its_base_here(void**) {
  Edge edge;
  assert_outcome(edge.push(delta({1, 6}, {1, 5}), {1, 6}), Outcome::refused, "wrong_base");
  edge.push(full({1, 5}), {1, 5});
  assert_outcome(edge.push(delta({1, 6}, {1, 5}), {1, 6}), Outcome::published);
  assert_true(edge.serves({1, 6}));
  assert_outcome(edge.push(delta({1, 7}, {1, 6}), {1, 7}), Outcome::refused, "wrong_base");
}

void a_full_file_takes_the_place_of_the_delta_of_its_generation(void**) {
  Edge edge;
  edge.push(full({1, 5}), {1, 5});
  edge.push(delta({1, 6}, {1, 5}), {1, 6});
  assert_outcome(edge.push(full({1, 6}), {1, 6}), Outcome::published);
  assert_outcome(edge.push(delta({1, 7}, {1, 6}), {1, 7}), Outcome::published);
  assert_true(edge.serves({1, 7}));
}

void after_a_reboot_the_newest_generation_is_restored(void**) {
  Edge edge;
  edge.push(full({1, 5}), {1, 5});
  edge.push(delta({1, 6}, {1, 5}), {1, 6});
  edge.reboot();
  const auto restored = edge.store.restore(*edge.state);
  assert_true((restored.current == Generation{1, 6}));
  assert_true(restored.skipped.empty());
  assert_true(edge.serves({1, 6}));
}

void restore_without_any_file_leaves_nothing_published(void**) {
  Edge edge;
  const auto restored = edge.store.restore(*edge.state);
  assert_true((restored.current == Generation{}));
  assert_true(restored.skipped.empty());
}

// F44: a torn newest file falls back to the one before and says so.
void a_torn_file_is_skipped_and_reported(void**) {
  Edge edge;
  edge.push(full({1, 5}), {1, 5});
  edge.push(full({1, 6}), {1, 6});
  edge.reboot();
  std::filesystem::resize_file(edge.disk + "/1-6.snapshot", 1000);
  const auto restored = edge.store.restore(*edge.state);
  assert_true((restored.current == Generation{1, 5}));
  assert_int_equal(restored.skipped.size(), 1);
  assert_true(restored.skipped[0].starts_with("1-6.snapshot: "));
  assert_true(edge.serves({1, 5}));
}

void pruning_keeps_what_was_asked_and_the_bases_it_needs(void**) {
  Edge edge;
  edge.push(full({1, 1}), {1, 1});
  edge.push(full({1, 2}), {1, 2});
  edge.push(full({1, 3}), {1, 3});
  edge.push(full({1, 4}), {1, 4});
  edge.push(delta({1, 5}, {1, 2}), {1, 5});
  write_file(edge.disk + "/.incoming.tmp", full({1, 9}));
  edge.store.prune({1, 5}, 1);
  for (const std::string& dir : {edge.disk, edge.run + "/snapshots"}) {
    assert_true((list_snapshot_files(dir) == std::vector<Generation>{{1, 5}, {1, 4}, {1, 2}}));
    assert_int_equal(std::distance(std::filesystem::directory_iterator(dir), {}), 3);
  }
  assert_true(edge.serves({1, 5}));
}

// Publishes 1-6 in a child that is killed at `step`. Returns whether it got that far.
bool killed_at(Edge& edge, Step step) {
  const pid_t child = ::fork();
  if (child == 0) {
    edge.store.on_step([&](Step now) {
      if (now == step) {
        ::kill(::getpid(), SIGKILL);
      }
    });
    edge.push(full({1, 6}), {1, 6});
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

// F44: whoever dies wherever, the previous or the next generation is in force, and the next push goes through.
void a_publisher_killed_at_any_step_leaves_the_previous_or_the_next_generation(void**) {
  for (int step = 0; step <= static_cast<int>(Step::done); ++step) {
    for (const bool reboot : {false, true}) {
      Edge edge;
      edge.push(full({1, 5}), {1, 5});
      assert_true(killed_at(edge, static_cast<Step>(step)));
      if (reboot) {
        edge.reboot();
      } else {
        const Generation serving = edge.current();
        assert_true((serving == Generation{1, 5} || serving == Generation{1, 6}));
        assert_true(edge.serves(serving));
      }
      const auto restored = edge.store.restore(*edge.state);
      assert_true(restored.skipped.empty());
      assert_true((restored.current == Generation{1, 5} || restored.current == Generation{1, 6}));
      assert_true(edge.serves(restored.current));
      const auto again = edge.push(full({1, 6}), {1, 6});
      assert_true(again.outcome == Outcome::published || again.outcome == Outcome::already_current);
      assert_true(edge.serves({1, 6}));
      edge.store.prune({1, 6}, 0);
      assert_int_equal(std::distance(std::filesystem::directory_iterator(edge.disk), {}), 1);
    }
  }
}

}  // namespace
}  // namespace tributary

int main() {
  using namespace tributary;
  const CMUnitTest tests[] = {
      cmocka_unit_test(a_push_is_published_on_disk_and_in_the_run_directory),
      cmocka_unit_test(a_repeat_is_success_and_other_content_is_refused),
      cmocka_unit_test(an_older_generation_is_not_published),
      cmocka_unit_test(another_publisher_at_work_means_busy),
      cmocka_unit_test(what_does_not_fit_the_envelope_or_the_state_is_refused),
      cmocka_unit_test(a_delta_needs_its_base_here),
      cmocka_unit_test(a_full_file_takes_the_place_of_the_delta_of_its_generation),
      cmocka_unit_test(after_a_reboot_the_newest_generation_is_restored),
      cmocka_unit_test(restore_without_any_file_leaves_nothing_published),
      cmocka_unit_test(a_torn_file_is_skipped_and_reported),
      cmocka_unit_test(pruning_keeps_what_was_asked_and_the_bases_it_needs),
      cmocka_unit_test(a_publisher_killed_at_any_step_leaves_the_previous_or_the_next_generation),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
