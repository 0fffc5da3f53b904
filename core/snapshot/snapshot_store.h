#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/snapshot/generation.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary {

class SharedState;

// Where generations live: `snapshot_path` (disk, survives a reboot) and the run directory (tmpfs, what workers map).
// Files are `<epoch>-<counter>.snapshot`, mode 0600, never overwritten in place.
//
// One publisher at a time, by flock. Every call may block on disk: use it on a helper thread, never on the event loop.
class SnapshotStore {
 public:
  SnapshotStore(std::string snapshot_path, std::string run_path);

  enum class Outcome : std::uint8_t { published, already_current, older, busy, refused, io_error };
  struct PublishResult {
    Outcome outcome;
    Generation current;   // what is published after the call
    std::string message;  // the reason, for refused and io_error
  };
  // Verifies the spooled file, makes it durable, copies it into the run directory, then moves the published generation
  // upwards in `state`. A repeat of the current generation with the same bytes is success; a bad file changes nothing.
  PublishResult publish(const std::string& spooled_file, Generation expected, SharedState& state) noexcept;

  // At start: the newest generation that verifies, from disk, published if the state has none or an older one. A torn
  // newest file falls back to the one before; what was skipped is reported.
  struct RestoreResult {
    Generation current;
    std::vector<std::string> skipped;
  };
  RestoreResult restore(SharedState& state) noexcept;

  // Removes generations that are older than the current one, keeping `keep` of them (and every base still needed).
  void prune(Generation current, unsigned keep) noexcept;

  const std::string& run_snapshots() const noexcept;  // directory for SnapshotView::load

 private:
  std::string snapshot_path_;
  std::string run_snapshots_;
};

}  // namespace tributary
