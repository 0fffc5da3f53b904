#pragma once

#include <memory>
#include <optional>

#include "admin-api/api/services.h"
#include "admin-api/snapshot/kept_snapshots.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary::admin {

// A configuration and what it lies in.
struct LoadedSnapshot {
  Generation generation;
  KeptSnapshots::Bytes bytes;
  std::unique_ptr<SnapshotView> view;
};

// The generation that is asked for, or the newest one, as the edges have it. Throws ApiError 409 when it is not kept or
// cannot be compiled.
LoadedSnapshot load_snapshot(Services& services, std::optional<Generation> asked);

}  // namespace tributary::admin
