#pragma once

#include "core/snapshot/snapshot_store.h"
#include "ngx_module/publisher.h"

namespace tributary {

// Puts a pushed overlay in force, whose hash was compared. Runs on the publisher's thread: reading may block.
SnapshotStore::PublishResult publish_overlay(const PushJob& job, SharedState& state);

}  // namespace tributary
