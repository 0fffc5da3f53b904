#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/journal/format.h"
#include "core/journal/journal.h"

// Reading journals: one reader per journal, by lock. Used by the embedded ingestor, the shipper and who adopts an
// orphan.
namespace tributary {

struct JournalInfo {
  JournalId id{};
  std::uint32_t edge = 0;
  std::uint32_t slot = 0;
  std::uint32_t partition = 0;
  std::uint64_t created_ms = 0;
  Position first = 0;  // of the oldest segment that is still there
};

// Every journal that has a segment in `journal_path` or a ring in `run_path`. Never fails on foreign or damaged files:
// what is not a journal is listed in `ignored` with the reason, for one log line.
struct JournalListing {
  std::vector<JournalInfo> journals;
  std::vector<std::string> ignored;
};
JournalListing list_journals(const std::string& journal_path, const std::string& run_path);

// One step of reading. Exactly one of these comes out for every byte of the stream.
struct JournalItem {
  enum class Kind : std::uint8_t {
    record,   // `bytes` is the payload
    damaged,  // `bytes` are the bytes that do not check, from `position` up to `next`
    gap,      // nothing exists between `position` and `next`: a segment is missing
  };
  Kind kind = Kind::record;
  Position position = 0;
  Position next = 0;
  std::span<const char> bytes;  // valid until the next call of read() or release()
};

// What to do when there is nothing to read now.
enum class JournalState : std::uint8_t {
  live,   // its worker lives: poll again
  ended,  // its worker is gone and everything was read: may be released
};

class JournalReader {
 public:
  // Takes the reader lock; `busy` when another reader has it. `from` is the first position wanted: what lies before is
  // skipped. When the writer is dead, its ring is flushed to segments first (same positions).
  static Result<std::unique_ptr<JournalReader>, JournalError> open(const std::string& journal_path,
                                                                   const std::string& run_path, const JournalId& id,
                                                                   Position from);
  ~JournalReader();
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // The next item, or nothing when `written` is reached. A live journal is read up to `written`.
  std::optional<JournalItem> read() noexcept;

  // Meaningful after read() returned nothing. Notices a writer that died and flushes its ring.
  JournalState state() noexcept;

  Position position() const noexcept;  // where the next item starts
  Position backlog() const noexcept;   // bytes between here and the end that is known
  const JournalInfo& info() const noexcept;

  // Everything before `stored` is safe elsewhere: segments wholly before it may be unlinked once they are `keep_s` old
  // or the kept ones exceed `keep_bytes`. Returns how many were unlinked.
  std::size_t release(Position stored, std::uint64_t keep_s, std::uint64_t keep_bytes, std::uint64_t now_ms) noexcept;

 private:
  struct Impl;
  explicit JournalReader(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
