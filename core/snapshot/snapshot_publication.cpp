#include "core/snapshot/snapshot_publication.h"

#include <unistd.h>

#include <algorithm>

#include "core/snapshot/durable_file.h"
#include "core/snapshot/snapshot_verifier.h"
#include "core/snapshot/table_room.h"
#include "core/state/shared_state.h"

namespace tributary {

SnapshotStore::Publication::Publication(const SnapshotStore& store, Generation expected, SharedState& state)
    : store_(store), expected_(expected), state_(state), incomplete_(store.snapshot_path_ + "/" + kIncompleteName) {}

SnapshotStore::Publication::~Publication() {
  ::unlink(incomplete_.c_str());
}

SnapshotStore::PublishResult SnapshotStore::Publication::run(int spooled_file) {
  step(Step::locked);
  if (expected_ < unpack_generation(state_.published())) {
    return result(Outcome::older);
  }
  if (std::string problem = copy_file(spooled_file, incomplete_); !problem.empty()) {
    return result(Outcome::io_error, std::move(problem));
  }
  step(Step::spooled);
  const auto incoming = SnapshotFile::open_path(incomplete_);
  if (!incoming) {
    const bool io = incoming.error().code == SnapshotError::Code::io;
    return result(io ? Outcome::io_error : Outcome::refused,
                  io ? incoming.error().message : "the file is not a snapshot");
  }
  if (std::string problem = verify(*incoming); !problem.empty()) {
    return result(Outcome::refused, std::move(problem));
  }
  step(Step::verified);
  switch (compare_with_published(*incoming)) {
    case Standing::repeat: return result(Outcome::already_current);
    case Standing::conflict: return result(Outcome::refused, "this generation is published with other content");
    case Standing::newer: break;
  }
  if (std::string problem = make_durable(); !problem.empty()) {
    return result(Outcome::io_error, std::move(problem));
  }
  if (std::string problem = store_.copy_to_run(expected_); !problem.empty()) {
    return result(Outcome::io_error, std::move(problem));
  }
  step(Step::offered);
  state_.publish(pack_generation(expected_));
  step(Step::done);
  return result(Outcome::published);
}

SnapshotStore::PublishResult SnapshotStore::Publication::result(Outcome outcome, std::string message) const {
  return {outcome, unpack_generation(state_.published()), std::move(message)};
}

std::string SnapshotStore::Publication::verify(const SnapshotFile& incoming) const {
  if (const auto error = verify_snapshot(incoming.bytes())) {
    return error->message;
  }
  if (incoming.header().generation != expected_) {
    return "the file holds generation " + generation_text(incoming.header().generation) + ", the envelope says " +
           generation_text(expected_);
  }
  if (const std::string problem = missing_room(*fbs::GetSnapshot(incoming.bytes().data()), state_); !problem.empty()) {
    return "the snapshot " + problem;
  }
  return incoming.header().is_delta() ? verify_delta(incoming) : std::string();
}

// The base was verified when it was published here.
std::string SnapshotStore::Publication::verify_delta(const SnapshotFile& incoming) const {
  const auto base = SnapshotFile::open(store_.run_snapshots_, incoming.header().base);
  if (!base) {
    return "wrong_base: the base " + generation_text(incoming.header().base) + " is not here, push a full snapshot";
  }
  const auto error = verify_layers(SnapshotLayer(fbs::GetSnapshot(base->bytes().data())),
                                   SnapshotLayer(fbs::GetSnapshot(incoming.bytes().data())));
  return error ? "wrong_base: " + error->message : std::string();
}

// The full file of a generation that is published as a delta says the same in another form: it takes its place, so that
// later deltas may build on it. A published file that cannot be read any more is repaired.
SnapshotStore::Publication::Standing SnapshotStore::Publication::compare_with_published(
    const SnapshotFile& incoming) const {
  if (expected_ != unpack_generation(state_.published())) {
    return Standing::newer;
  }
  const auto published = SnapshotFile::open(store_.run_snapshots_, expected_);
  if (!published) {
    return Standing::newer;
  }
  const auto theirs = published->bytes();
  const auto ours = incoming.bytes();
  if (std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end())) {
    return Standing::repeat;
  }
  return published->header().is_delta() && !incoming.header().is_delta() ? Standing::newer : Standing::conflict;
}

std::string SnapshotStore::Publication::make_durable() const {
  std::string problem = sync_file(incomplete_);
  step(Step::synced);
  if (problem.empty()) {
    problem = rename_file(incomplete_, snapshot_file_path(store_.snapshot_path_, expected_));
    step(Step::renamed);
  }
  if (problem.empty()) {
    problem = sync_directory(store_.snapshot_path_);
    step(Step::directory_synced);
  }
  return problem;
}

}  // namespace tributary
