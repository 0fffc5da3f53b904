#pragma once

#include "core/snapshot/snapshot_store.h"
#include "ngx_module/cap_restore.h"
#include "ngx_module/publisher.h"

namespace tributary {

// Puts a pushed overlay in force, whose hash was compared, and opens caps with the totals in it. Of the overlay that is
// in force already the totals count all the same. Runs on the publisher's thread: reading may block.
SnapshotStore::PublishResult publish_overlay(const PushJob& job, SharedState& state, CapRestore& caps);

}  // namespace tributary
