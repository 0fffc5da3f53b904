#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/journal/backoff.h"
#include "core/journal/disk.h"
#include "core/journal/ring.h"
#include "core/journal/segment_file.h"

namespace tributary {

struct SegmentLogOptions {
  std::string journal_path;
  std::uint64_t segment_bytes = kDefaultSegmentBytes;  // header and records
  bool keep_spare = true;                              // allocate the next segment ahead
};

struct SegmentLogStatus {
  std::uint64_t segments = 0;
  std::uint64_t sync_failures = 0;
  std::uint64_t retired_suspect = 0;
  int last_error = 0;  // errno while the disk fails, 0 when healthy
};

// Moves the bytes of one ring to segment files and makes them durable. Nothing here runs by itself: threads, or a test,
// or the one who flushes the ring of a dead worker, call copy() and sync().
//
// Threads: copy() and status() from any; sync(), prepare() and finish() from one at a time. The lock inside is never
// held during fdatasync or allocation ahead, so a slow disk does not stop the copying; the worker never takes it.
//
// The destructor only closes files: dropping a log at any moment leaves the disk as a kill at that moment would.
class SegmentLog {
 public:
  // Starts at the ring's durable position: what is behind it, the ring still has.
  SegmentLog(Ring& ring, SegmentLogOptions options, Disk& disk);
  ~SegmentLog();

  // Copies what is committed and publishes `written`. True when something moved.
  bool copy(std::uint64_t now_ms);

  // Copies, then makes durable what is written and publishes `durable`. True when it advanced. After a failure the
  // segments that were open are suspect: `written` steps back to `durable` and the bytes go to a new segment.
  bool sync(std::uint64_t now_ms);

  // Allocates the next segment when the present one is half full.
  void prepare(std::uint64_t now_ms);

  // The end: removes the spare, gives the unused space of the last segment back, closes the files. Nothing is copied
  // afterwards.
  void finish();

  SegmentLogStatus status() const;

 private:
  bool copy_locked(std::uint64_t now_ms);
  bool open_next(std::uint64_t now_ms);
  std::uint64_t fitting(std::uint64_t room, std::uint64_t wanted) const noexcept;
  int sync_files(const std::vector<SegmentFile*>& files);
  void retire_suspects(int error, std::uint64_t now_ms);
  void close_durable();
  void remove_suspects_before(Position end);
  void abandon(SegmentFile& file);
  void note_failure(int error, std::uint64_t now_ms);
  SegmentFile* current() const noexcept;

  Ring& ring_;
  const SegmentLogOptions options_;
  Disk& disk_;

  mutable std::mutex mutex_;
  Position written_;                                // of the ring's `written`
  std::vector<std::unique_ptr<SegmentFile>> open_;  // not wholly durable; the last is written to unless it is full
  std::unique_ptr<SpareFile> spare_;
  std::vector<SuspectFile> suspects_;  // hold nothing durable: removed once their bytes are durable elsewhere
  Backoff backoff_;
  Backoff spare_backoff_;
  std::uint32_t serial_ = 0;  // of temporary names
  SegmentLogStatus status_;
};

}  // namespace tributary
