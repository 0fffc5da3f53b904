#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "core/base/fd.h"
#include "core/journal/ring.h"
#include "core/journal/segment_log.h"
#include "core/journal/wakeup.h"

namespace tributary {

// The two helper threads of a journal, and what they work on. The writer thread only calls SegmentLog::copy, the sync
// thread only sync and prepare. They call nothing of nginx, have all signals blocked and run on any processor.
class JournalThreads {
 public:
  // Throws std::system_error when a thread cannot be started.
  JournalThreads(Ring ring, SegmentLogOptions options, Disk& disk, std::uint32_t sync_interval_ms, Fd durable_event);
  ~JournalThreads();

  void request_sync(Position position) noexcept;
  // See Journal::close. True when everything committed is durable and both threads have ended.
  bool stop(std::uint32_t timeout_ms) noexcept;

  Ring& ring() noexcept { return shared_->ring; }
  SegmentLogStatus status() const { return shared_->log.status(); }
  int durable_event() const noexcept { return shared_->durable_event.get(); }

 private:
  // Owned by both threads and this object together: a thread that hangs in the kernel on a dead disk is left behind
  // when the worker exits, and must not lose the ground under its feet.
  struct Shared {
    Shared(Ring r, SegmentLogOptions options, Disk& disk, std::uint32_t interval_ms, Fd event)
        : ring(std::move(r)),
          log(ring, std::move(options), disk),
          durable_event(std::move(event)),
          sync_interval_ms(interval_ms) {}

    Ring ring;
    SegmentLog log;
    Fd durable_event;
    const std::uint32_t sync_interval_ms;
    std::atomic<Position> awaited{0};  // the highest position somebody waits for
    std::atomic<bool> draining{false};
    std::atomic<bool> stopping{false};
    Wakeup writer_wakeup;
    Wakeup sync_wakeup;
    std::mutex ended_mutex;
    std::condition_variable ended_changed;
    int running = 0;
  };

  static void start(std::thread& thread, void (*body)(Shared&), const std::shared_ptr<Shared>& shared);
  static void run_writer(Shared& shared);
  static void run_sync(Shared& shared);
  static void notify(Shared& shared) noexcept;
  static std::uint32_t sync_pause_ms(Shared& shared, std::uint64_t started_ms, bool advanced);
  bool drained() const noexcept;
  bool wait_for_end(std::uint32_t timeout_ms) noexcept;

  std::shared_ptr<Shared> shared_;
  std::thread writer_;
  std::thread sync_;
};

}  // namespace tributary
