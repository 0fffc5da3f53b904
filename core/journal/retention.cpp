#include "core/journal/retention.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "core/base/fd.h"

namespace tributary {
namespace {

struct Stored {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t modified_ms = 0;
};

// Not while its life still writes or syncs it. A file that is no segment is left for a person to look at.
bool is_releasable(const SegmentCatalog::Entry& entry, Stored& stored) {
  Fd fd(::open(entry.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return false;
  stored.path = entry.path;
  stored.bytes = static_cast<std::uint64_t>(status.st_blocks) * 512;
  stored.modified_ms = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1000 +
                       static_cast<std::uint64_t>(status.st_mtim.tv_nsec) / 1'000'000;
  return true;
}

// A segment ends where the next one begins; of those that begin at one position the later copies come behind.
bool is_wholly_stored(const std::vector<SegmentCatalog::Entry>& entries, std::size_t index,
                      const Retention& retention) {
  if (retention.ended) return true;
  return index + 1 < entries.size() && entries[index + 1].name.first <= retention.stored;
}

}  // namespace

std::vector<std::string> choose_releasable(const std::vector<SegmentCatalog::Entry>& entries,
                                           const Retention& retention) {
  std::vector<Stored> candidates;
  std::uint64_t kept_bytes = 0;
  for (std::size_t i = 0; i < entries.size() && is_wholly_stored(entries, i, retention); ++i) {
    Stored stored;
    if (!is_releasable(entries[i], stored)) continue;
    kept_bytes += stored.bytes;
    candidates.push_back(std::move(stored));
  }
  std::vector<std::string> chosen;
  for (Stored& stored : candidates) {
    bool old = stored.modified_ms + retention.keep_s * 1000 <= retention.now_ms;
    if (!old && kept_bytes <= retention.keep_bytes) continue;
    kept_bytes -= stored.bytes;
    chosen.push_back(std::move(stored.path));
  }
  return chosen;
}

}  // namespace tributary
