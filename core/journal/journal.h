#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/journal/disk.h"
#include "core/journal/format.h"
#include "core/journal/journal_error.h"

namespace tributary {

struct JournalOptions {
  std::string run_path;      // tmpfs: the ring lives here
  std::string journal_path;  // disk: the segments live here
  std::uint32_t edge = 0;
  std::uint32_t slot = 0;
  std::uint32_t partition = 0;  // Kafka partition of this journal, kept in every segment header
  // Rounded up to a power of two. What is not durable yet stays here, so it must hold what comes in during the longest
  // pause of the disk: when it is full, reserve() refuses.
  std::size_t ring_bytes = kDefaultRingBytes;
  std::size_t segment_bytes = kDefaultSegmentBytes;
  std::uint32_t sync_interval_ms = 200;
  Disk* disk = nullptr;  // null: the real one; outlives the journal
};

// Why the journal is not at its best; shown by status and metrics.
struct JournalStatus {
  Position committed = 0;     // appended by the worker
  Position written = 0;       // copied to a segment; steps back to durable when a segment becomes suspect
  Position durable = 0;       // fdatasync has passed it
  std::uint64_t refused = 0;  // reserve() calls that found the ring full or the payload too large
  std::uint64_t sync_failures = 0;
  std::uint64_t segments = 0;         // opened in this life
  std::uint64_t retired_suspect = 0;  // segments retired after a failed fdatasync
  int last_error = 0;                 // errno of the disk while it fails, 0 when healthy
};

// The journal of one nginx worker: an mmapped ring on tmpfs, a writer thread that copies it to fallocated segments, a
// sync thread that calls fdatasync.
//
// Threads: reserve, commit and request_sync belong to one thread (the event loop); everything else may be called from
// any. Both threads are started by open() with all signals blocked, and joined by close(); open it after fork, never in
// a master. reserve and commit take no lock and never enter the kernel; request_sync makes one futex call when the sync
// thread sleeps.
class Journal {
 public:
  // Starts a new journal (a new id, positions from 0). A disk that is full or away is not an error: the ring absorbs.
  static Result<std::unique_ptr<Journal>, JournalError> open(const JournalOptions& options);
  ~Journal();  // close(0)
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Room for one payload of at most `max_payload` bytes, or empty when the ring is full or the size is above
  // max_payload(). Valid until commit(); a second reserve() forgets the first.
  std::span<char> reserve(std::size_t max_payload) noexcept;

  // Publishes the first `length` bytes of the reserved room. Returns the position after the record: the record is on
  // disk once durable() has reached it.
  Position commit(std::size_t length) noexcept;

  // The largest payload: kMaxRecordPayload, or less when ring or segments are small.
  std::size_t max_payload() const noexcept;

  Position durable() const noexcept;

  // Asks the sync thread to pass `position` soon (group commit). While requests are open, each advance of durable()
  // makes durable_fd() readable; a position that is durable already makes it readable at once.
  void request_sync(Position position) noexcept;
  int durable_fd() const noexcept;  // an eventfd, non-blocking, owned by the journal

  const JournalId& id() const noexcept;
  JournalStatus status() const noexcept;

  // Writes and syncs what is committed, for at most `timeout_ms`, and ends the threads. What does not make it stays in
  // the ring and is flushed by its next owner. A thread that hangs inside a disk call is left behind after another
  // 200 ms. Nothing may be reserved afterwards. Idempotent.
  void close(std::uint32_t timeout_ms) noexcept;

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary
