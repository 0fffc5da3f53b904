#pragma once

#include <string>
#include <vector>

#include "core/journal/disk.h"
#include "core/journal/segment_view.h"

namespace tributary {

// Gives the space behind `end` of segments back to the disk; size, bytes and time of the last write stay. A worker does
// that with its last segment when it ends; for one that was killed, who has read its journal to `end` does.
//
// Only under the reader lock, when the writer is dead, and for `views` that were found to hold nothing behind `end`.
void give_back_unused_room(const std::vector<SegmentView*>& views, Position end, const std::string& journal_path,
                           Disk& disk);

}  // namespace tributary
