#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/journal/disk.h"
#include "core/journal/disk_patience.h"
#include "core/journal/format.h"
#include "core/journal/journal_error.h"
#include "core/journal/journal_item.h"

// Reading journals: one reader per journal, by lock. Used by the embedded ingestor, the shipper and who adopts an
// orphan.
namespace tributary {

struct JournalInfo : JournalIdentity {
  Position first = 0;  // of the oldest segment that is still there
};

// Every journal that has a segment in `journal_path` or a ring in `run_path`. Never fails on foreign or damaged files:
// what is not a journal, or cannot be read as one, is listed in `ignored` with the reason, for one log line.
struct JournalListing {
  std::vector<JournalInfo> journals;
  std::vector<std::string> ignored;
  bool whole = true;  // false: a directory could not be listed, so what is missing here may be there
};
JournalListing list_journals(const std::string& journal_path, const std::string& run_path);

// What to do when there is nothing to read now.
enum class JournalState : std::uint8_t {
  live,   // its worker lives, or its ring could not be flushed yet (disk full): poll again
  ended,  // its worker is gone and everything was read: may be released
};

// Not thread-safe: one thread at a time.
class JournalReader {
 public:
  // Takes the reader lock; `busy` when another reader has it. `from` is the first position wanted: what lies before is
  // skipped. When the writer is dead, its ring is flushed to segments first (same positions). `disk` outlives the
  // reader. With a clock, the reader waits for a disk that fails: read() returns nothing meanwhile and state() is live.
  static Result<std::unique_ptr<JournalReader>, JournalError> open(const std::string& journal_path,
                                                                   const std::string& run_path, const JournalId& id,
                                                                   Position from, Disk& disk = posix_disk(),
                                                                   DiskPatience::ClockMs clock = nullptr);
  ~JournalReader();
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // The next item, or nothing when `written` is reached. A live journal is read up to `written`.
  std::optional<JournalItem> read() noexcept;

  // Meaningful after read() returned nothing. Notices a writer that died and flushes its ring: one attempt per call. At
  // the end of its journal, gives back the space that it had allocated and never used.
  JournalState state() noexcept;

  Position position() const noexcept;  // where the next item starts
  Position backlog() const noexcept;   // bytes between here and the end that is known
  const JournalInfo& info() const noexcept;
  int last_error() const noexcept;  // errno of the last failed attempt to flush a ring, 0 when there is none

  // Everything before `stored` is safe elsewhere: segments wholly before it may be unlinked once they are `keep_s` old
  // (by their last write) or the kept ones exceed `keep_bytes`. Returns how many were unlinked.
  std::size_t release(Position stored, std::uint64_t keep_s, std::uint64_t keep_bytes, std::uint64_t now_ms) noexcept;

 private:
  struct Impl;
  explicit JournalReader(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
