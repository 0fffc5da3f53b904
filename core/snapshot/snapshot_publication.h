#pragma once

#include <string>

#include "core/snapshot/snapshot_store.h"

namespace tributary {

// One run through the steps of SnapshotStore::publish, under its lock.
class SnapshotStore::Publication {
 public:
  Publication(const SnapshotStore& store, Generation expected, SharedState& state);
  ~Publication();  // removes what is left of an incomplete one
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  PublishResult run(int spooled_file);

 private:
  enum class Standing { newer, repeat, conflict };

  PublishResult result(Outcome outcome, std::string message = {}) const;
  std::string verify(const SnapshotFile& incoming) const;
  std::string verify_delta(const SnapshotFile& incoming) const;
  Standing compare_with_published(const SnapshotFile& incoming) const;
  std::string make_durable() const;
  void step(Step step) const { store_.step(step); }

  const SnapshotStore& store_;
  const Generation expected_;
  SharedState& state_;
  const std::string incomplete_;
};

}  // namespace tributary
