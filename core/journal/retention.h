#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/journal/segment_catalog.h"

namespace tributary {

struct Retention {
  Position stored = 0;  // everything before is safe elsewhere
  bool ended = false;   // nothing is behind `stored`: the last segment may go too
  std::uint64_t keep_s = 0;
  std::uint64_t keep_bytes = 0;
  std::uint64_t now_ms = 0;
};

struct Releasable {
  std::vector<std::string> paths;  // need not be kept any longer; oldest first
  std::size_t kept = 0;            // segments that stay
};

// Leaves alone what is not a sound segment: that is for a person to look at.
Releasable choose_releasable(const std::vector<SegmentCatalog::Entry>& entries, const Retention& retention);

}  // namespace tributary
