#include "core/snapshot/snapshot_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>

#include "core/base/fd.h"
#include "core/snapshot/durable_file.h"
#include "core/snapshot/snapshot_publication.h"
#include "core/snapshot/table_room.h"
#include "core/state/file_lock.h"
#include "core/state/shared_state.h"

namespace tributary {
namespace {

constexpr std::uint32_t kRestoreLockTimeoutMs = 10'000;

Fd open_lock(const std::string& run_path) {
  return Fd(::open((run_path + "/publish.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

}  // namespace

SnapshotStore::SnapshotStore(std::string snapshot_path, std::string run_path)
    : snapshot_path_(std::move(snapshot_path)),
      run_path_(std::move(run_path)),
      run_snapshots_(run_path_ + "/snapshots") {}

std::string SnapshotStore::prepare() const {
  std::string problem = make_directory(snapshot_path_);
  return problem.empty() ? make_directory(run_snapshots_) : problem;
}

SnapshotStore::PublishResult SnapshotStore::publish(int spooled_file, Generation expected, SharedState& state) noexcept
    try {
  const auto result = [&](Outcome outcome, std::string message = {}) {
    return PublishResult{outcome, unpack_generation(state.published()), std::move(message)};
  };
  if (std::string problem = prepare(); !problem.empty()) {
    return result(Outcome::io_error, std::move(problem));
  }
  const Fd lock_file = open_lock(run_path_);
  if (!lock_file.valid()) {
    return result(Outcome::io_error, run_path_ + "/publish.lock: " + std::strerror(errno));
  }
  const FileLock lock = FileLock::try_take(lock_file.get());
  if (!lock.held()) {
    return result(Outcome::busy);
  }
  return Publication(*this, expected, state).run(spooled_file);
} catch (const std::exception&) {  // out of memory
  return {Outcome::io_error, unpack_generation(state.published()), {}};
}

SnapshotStore::RestoreResult SnapshotStore::restore(SharedState& state) noexcept try {
  RestoreResult result;
  const Fd lock_file = open_lock(run_path_);
  const FileLock lock = FileLock::wait(lock_file.get(), kRestoreLockTimeoutMs);
  std::string problem = lock.held() ? prepare() : run_path_ + "/publish.lock: " + std::strerror(errno);
  if (!problem.empty()) {
    result.skipped.push_back(std::move(problem));
  } else {
    unlink_incomplete();
    for (const Generation generation : list_snapshot_files(snapshot_path_)) {
      if (generation < unpack_generation(state.published())) {
        break;
      }
      problem = restore_one(generation, state);
      if (problem.empty()) {
        break;
      }
      result.skipped.push_back(std::move(problem));
    }
  }
  result.current = unpack_generation(state.published());
  return result;
} catch (const std::exception&) {
  return {unpack_generation(state.published()), {}};
}

// Empty when `generation` is published and its files are in the run directory.
std::string SnapshotStore::restore_one(Generation generation, SharedState& state) const {
  const bool published = generation == unpack_generation(state.published());
  if (published && SnapshotView::load(run_snapshots_, generation, true)) {
    return {};
  }
  const auto view = SnapshotView::load(snapshot_path_, generation, false);
  if (!view) {
    return snapshot_file_name(generation) + ": " + view.error().message;
  }
  std::string problem = missing_room(*view.value(), state);
  if (!problem.empty()) {
    return snapshot_file_name(generation) + ": " + problem;
  }
  const auto file = SnapshotFile::open(snapshot_path_, generation);
  problem = file ? std::string() : file.error().message;
  if (problem.empty() && file->header().is_delta()) {
    problem = copy_to_run(file->header().base);
  }
  if (problem.empty()) {
    problem = copy_to_run(generation);
  }
  if (problem.empty()) {
    state.publish(pack_generation(generation));
  }
  return problem;
}

std::string SnapshotStore::copy_to_run(Generation generation) const {
  const std::string incomplete = run_snapshots_ + "/" + kIncompleteName;
  std::string problem = copy_file(snapshot_file_path(snapshot_path_, generation), incomplete);
  step(Step::copied);
  if (problem.empty()) {
    problem = rename_file(incomplete, snapshot_file_path(run_snapshots_, generation));
  }
  if (!problem.empty()) {
    ::unlink(incomplete.c_str());
  }
  return problem;
}

void SnapshotStore::prune(Generation current, unsigned keep) noexcept try {
  const Fd lock_file = open_lock(run_path_);
  const FileLock lock = FileLock::try_take(lock_file.get());
  if (lock.held()) {
    prune_directory(snapshot_path_, current, keep);
    prune_directory(run_snapshots_, current, keep);
    unlink_incomplete();
  }
} catch (const std::exception&) {  // out of memory: the next call does it
}

void SnapshotStore::remove_leftovers() noexcept try {
  const Fd lock_file = open_lock(run_path_);
  const FileLock lock = FileLock::try_take(lock_file.get());
  if (lock.held()) {
    unlink_incomplete();
  }
} catch (const std::exception&) {  // out of memory: the next call does it
}

void SnapshotStore::unlink_incomplete() const {
  ::unlink((snapshot_path_ + "/" + kIncompleteName).c_str());
  ::unlink((run_snapshots_ + "/" + kIncompleteName).c_str());
}

void SnapshotStore::prune_directory(const std::string& dir, Generation current, unsigned keep) const {
  std::vector<Generation> needed;
  std::vector<Generation> old;
  for (const Generation generation : list_snapshot_files(dir)) {
    if (generation < current && keep == 0) {
      old.push_back(generation);
      continue;
    }
    keep -= generation < current ? 1 : 0;
    const auto file = SnapshotFile::open(dir, generation);
    if (file && file->header().is_delta()) {
      needed.push_back(file->header().base);
    }
  }
  for (const Generation generation : old) {
    if (std::find(needed.begin(), needed.end(), generation) == needed.end()) {
      ::unlink(snapshot_file_path(dir, generation).c_str());
    }
  }
}

}  // namespace tributary
