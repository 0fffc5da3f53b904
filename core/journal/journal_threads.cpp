#include "core/journal/journal_threads.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "core/base/clock.h"
#include "core/base/helper_thread.h"

namespace tributary {
namespace {

// The writer looks for new bytes so often while they come, and more and more seldom when they do not. Waking costs more
// than copying what came in a few milliseconds: 25 instead of 5 ms halves the CPU per click of this thread (measured).
// Who waits for a record waits for the sync thread, which copies too.
constexpr std::uint32_t kWriterPauseMs = 25;
constexpr std::uint32_t kWriterIdlePauseMs = 80;
// Group commit: requests within so short a time share one fdatasync.
constexpr std::chrono::milliseconds kGroupCommit{1};
// While the disk refuses, look again so often.
constexpr std::uint32_t kRetryPauseMs = 20;
// How long a thread that is not inside a disk call may take to notice that it shall end.
constexpr std::uint32_t kEndMs = 200;

void end_thread(std::thread& thread, bool ended) noexcept {
  if (!thread.joinable()) return;
  if (ended) {
    thread.join();
  } else {
    thread.detach();
  }
}

}  // namespace

JournalThreads::JournalThreads(Ring ring, SegmentLogOptions options, Disk& disk, std::uint32_t sync_interval_ms,
                               Fd durable_event)
    : shared_(std::make_shared<Shared>(std::move(ring), std::move(options), disk, sync_interval_ms,
                                       std::move(durable_event))) {
  SignalsBlocked blocked;
  start(writer_, run_writer, shared_);
  try {
    start(sync_, run_sync, shared_);
  } catch (...) {
    stop(0);
    throw;
  }
}

JournalThreads::~JournalThreads() {
  stop(0);
}

void JournalThreads::start(std::thread& thread, void (*body)(Shared&), const std::shared_ptr<Shared>& shared) {
  {
    std::lock_guard lock(shared->ended_mutex);
    ++shared->running;
  }
  auto run = [body, shared] {
    reset_affinity();
    body(*shared);
    std::lock_guard lock(shared->ended_mutex);
    --shared->running;
    shared->ended_changed.notify_all();
  };
  try {
    thread = std::thread(run);
  } catch (...) {
    std::lock_guard lock(shared->ended_mutex);
    --shared->running;
    throw;
  }
}

void JournalThreads::run_writer(Shared& shared) {
  ::pthread_setname_np(::pthread_self(), "journal-writer");
  std::uint32_t pause_ms = kWriterPauseMs;
  while (!shared.stopping.load(std::memory_order_acquire)) {
    bool moved = shared.log.copy(steady_clock_ms());
    pause_ms = moved ? kWriterPauseMs : std::min(pause_ms * 2, kWriterIdlePauseMs);
    shared.writer_wakeup.wait(pause_ms);
  }
}

void JournalThreads::run_sync(Shared& shared) {
  ::pthread_setname_np(::pthread_self(), "journal-sync");
  const RingHeader& header = shared.ring.header();
  while (!shared.stopping.load(std::memory_order_acquire)) {
    std::uint64_t started_ms = steady_clock_ms();
    Position before = header.durable.load(std::memory_order_relaxed);
    bool advanced = shared.log.sync(started_ms);
    bool was_awaited = shared.awaited.load(std::memory_order_seq_cst) > before;
    if (advanced && was_awaited) notify(shared);
    if (shared.draining.load(std::memory_order_acquire)) {
      if (header.durable.load() == header.committed.load()) shared.stopping.store(true, std::memory_order_release);
    } else {
      shared.log.prepare(started_ms);
    }
    if (advanced && was_awaited) std::this_thread::sleep_for(kGroupCommit);
    shared.sync_wakeup.wait(sync_pause_ms(shared, started_ms, advanced));
  }
  shared.writer_wakeup.wake();
}

// 0: at once.
std::uint32_t JournalThreads::sync_pause_ms(Shared& shared, std::uint64_t started_ms, bool advanced) {
  if (shared.stopping.load(std::memory_order_acquire)) return 0;
  Position durable = shared.ring.header().durable.load(std::memory_order_relaxed);
  bool urgent =
      shared.draining.load(std::memory_order_acquire) || shared.awaited.load(std::memory_order_acquire) > durable;
  if (urgent) return advanced ? 0 : kRetryPauseMs;
  std::uint64_t took_ms = steady_clock_ms() - started_ms;
  std::uint32_t interval_ms = shared.sync_interval_ms;
  return took_ms >= interval_ms ? 0 : static_cast<std::uint32_t>(interval_ms - took_ms);
}

void JournalThreads::request_sync(Position position) noexcept {
  if (position > shared_->awaited.load(std::memory_order_relaxed)) {
    shared_->awaited.store(position, std::memory_order_seq_cst);
  }
  if (shared_->ring.header().durable.load(std::memory_order_seq_cst) < position) {
    shared_->sync_wakeup.wake();
  } else {
    notify(*shared_);  // the sync thread got there before it knew that somebody would wait
  }
}

void JournalThreads::notify(Shared& shared) noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t wrote = ::write(shared.durable_event.get(), &one, sizeof(one));  // full is readable too
}

bool JournalThreads::stop(std::uint32_t timeout_ms) noexcept {
  if (!writer_.joinable() && !sync_.joinable()) return drained();
  bool ended = false;
  if (timeout_ms > 0) {
    shared_->draining.store(true, std::memory_order_release);
    shared_->sync_wakeup.wake();
    ended = wait_for_end(timeout_ms);
  }
  if (!ended) {
    shared_->stopping.store(true, std::memory_order_release);
    shared_->writer_wakeup.wake();
    shared_->sync_wakeup.wake();
    ended = wait_for_end(kEndMs);
  }
  end_thread(writer_, ended);
  end_thread(sync_, ended);
  if (ended) shared_->log.finish();
  return ended && drained();
}

bool JournalThreads::drained() const noexcept {
  const RingHeader& header = shared_->ring.header();
  return header.durable.load(std::memory_order_acquire) == header.committed.load(std::memory_order_acquire);
}

bool JournalThreads::wait_for_end(std::uint32_t timeout_ms) noexcept {
  std::unique_lock lock(shared_->ended_mutex);
  return shared_->ended_changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                         [&] { return shared_->running == 0; });
}

}  // namespace tributary
