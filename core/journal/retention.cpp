#include "core/journal/retention.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "core/base/fd.h"

namespace tributary {
namespace {

struct Stored {
  std::string path;
  Position end = 0;
  std::uint64_t bytes = 0;
  std::uint64_t modified_ms = 0;
  bool in_use = false;
};

// Nothing, when the file is not a segment.
std::optional<Stored> describe(const SegmentCatalog::Entry& entry) {
  Fd fd(::open(entry.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (entry.problem != SegmentProblem::none || !fd.valid() || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  Stored stored;
  stored.path = entry.path;
  stored.end = entry.name.first +
               std::max<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), kSegmentHeaderSize) -
               kSegmentHeaderSize;
  stored.bytes = static_cast<std::uint64_t>(status.st_blocks) * 512;
  stored.modified_ms = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1000 +
                       static_cast<std::uint64_t>(status.st_mtim.tv_nsec) / 1'000'000;
  stored.in_use = ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0;  // its life still writes or syncs it
  return stored;
}

// All its room counts, used or not: after a crash the bytes of an unsynced segment stand in an earlier one too, and
// that is the one to rely on.
bool is_wholly_stored(const Stored& segment, const Retention& retention) noexcept {
  return retention.ended || segment.end <= retention.stored;
}

}  // namespace

Releasable choose_releasable(const std::vector<SegmentCatalog::Entry>& entries, const Retention& retention) {
  std::vector<Stored> candidates;
  std::uint64_t bytes = 0;
  Releasable releasable;
  for (const SegmentCatalog::Entry& entry : entries) {
    auto stored = describe(entry);
    if (!stored) continue;
    if (stored->in_use || !is_wholly_stored(*stored, retention)) {
      ++releasable.kept;
      continue;
    }
    bytes += stored->bytes;
    candidates.push_back(std::move(*stored));
  }
  for (Stored& stored : candidates) {
    bool old = stored.modified_ms + retention.keep_s * 1000 <= retention.now_ms;
    if (!old && bytes <= retention.keep_bytes) {
      ++releasable.kept;
      continue;
    }
    bytes -= stored.bytes;
    releasable.paths.push_back(std::move(stored.path));
  }
  return releasable;
}

}  // namespace tributary
