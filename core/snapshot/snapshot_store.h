#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/generation.h"
#include "core/snapshot/snapshot_file.h"

namespace tributary {

class SharedState;

// Where generations live: `snapshot_path` (disk, survives a reboot) and `<run_path>/snapshots` (tmpfs, what workers
// map). Files are `<epoch>-<counter>.snapshot`, mode 0600, complete before they get their name. A crash at any point
// leaves the previous or the next generation in force. DOC: docs/snapshot-format.md
//
// One publisher at a time, by flock on `<run_path>/publish.lock`. Every call may block on disk: use it on a helper
// thread, never on the event loop.
class SnapshotStore {
 public:
  SnapshotStore(std::string snapshot_path, std::string run_path);

  enum class Outcome : std::uint8_t { published, already_current, older, busy, refused, io_error };
  struct PublishResult {
    Outcome outcome;
    Generation current;  // what is published after the call
    // The reason, for refused and io_error; begins with "wrong_base" when a full file is needed. What else became of
    // it, for published and already_current.
    std::string message;
  };
  // Copies the spooled file (its hash was compared by the caller), verifies it, makes it durable, copies it into the
  // run directory, then moves the published generation upwards in `state`. A repeat of the current generation with the
  // same bytes is success; other bytes are refused, unless they are the full file of what is published as a delta. A
  // bad file changes nothing. The spooled file is an open one, of the caller, and needs no name.
  PublishResult publish(int spooled_file, Generation expected, SharedState& state) noexcept;

  // At start: the newest generation that verifies, from disk, published if the state has none or an older one. A torn
  // newest file falls back to the one before; what was skipped is reported.
  struct RestoreResult {
    Generation current;
    std::vector<std::string> skipped;
  };
  RestoreResult restore(SharedState& state) noexcept;

  // Removes generations that are older than the current one, keeping `keep` of them and every base that a kept delta
  // needs, and what killed publishers left. Does nothing while another publisher is at work.
  void prune(Generation current, unsigned keep) noexcept;

  // Removes what killed publishers left: it holds secrets. Does nothing while a publisher is at work. restore() and
  // prune() do it too.
  void remove_leftovers() noexcept;

  const std::string& run_snapshots() const noexcept { return run_snapshots_; }  // directory for SnapshotView::load

  // For tests: called after each step of a publication.
  enum class Step : std::uint8_t {
    locked,
    spooled,
    verified,
    synced,
    renamed,
    directory_synced,
    copied,
    offered,
    done
  };
  void on_step(std::function<void(Step)> hook) { step_ = std::move(hook); }

 private:
  class Publication;
  void step(Step step) const {
    if (step_) {
      step_(step);
    }
  }
  std::string prepare() const;  // makes the directories; the problem, if there is one
  std::string copy_to_run(Generation generation) const;
  std::string restore_one(Generation generation, SharedState& state) const;
  void unlink_incomplete() const;
  void prune_directory(const std::string& dir, Generation current, unsigned keep) const;

  std::string snapshot_path_;
  std::string run_path_;
  std::string run_snapshots_;
  std::function<void(Step)> step_;
};

}  // namespace tributary
