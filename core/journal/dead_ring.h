#pragma once

#include <string>

#include "core/journal/disk.h"
#include "core/journal/ring.h"

namespace tributary {

// Writes what the ring of a dead worker holds beyond its durable position to one new segment, at the same positions,
// and removes the ring. The caller holds its lock. Returns 0 or an errno; after a failure the ring is as it was and the
// call may be repeated. EBADMSG: its positions make no sense, nothing can be saved from it.
int flush_dead_ring(Ring& ring, const std::string& journal_path, Disk& disk);

}  // namespace tributary
