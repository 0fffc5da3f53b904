#include "ingestor/run/reading_thread.h"

#include <chrono>

#include "core/base/clock.h"
#include "ingestor/batch/batch_builder.h"
#include "ingestor/batch/batch_limits.h"

namespace tributary::ingest {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(5);  // no notification reports a store to a mapping
constexpr std::uint64_t kTendEveryMs = 100;
constexpr std::size_t kItemsPerClockRead = 64;

}  // namespace

ReadingThread::ReadingThread(const IngestorSettings& settings, JournalSource& source, KnownOwners& owners,
                             BatchQueue& queue)
    : settings_(settings),
      source_(source),
      owners_(owners),
      queue_(queue),
      enricher_(settings.enricher()),
      thread_([this] { run(); }) {}

ReadingThread::~ReadingThread() {
  stop_ = true;
  queue_.close();
  thread_.join();
}

void ReadingThread::rethrow_failure() const {
  if (failed_) std::rethrow_exception(failure_);
}

void ReadingThread::run() noexcept {
  try {
    while (!stop_) {
      auto batch = read_batch();
      if (!batch->empty() && !queue_.push(std::move(batch))) return;
    }
  } catch (...) {
    failure_ = std::current_exception();
    failed_ = true;
    queue_.close();
  }
}

std::unique_ptr<Batch> ReadingThread::read_batch() {
  BatchBuilder builder(owners_, enricher_, clock_limits(wall_clock_ms(), settings_.retention_days));
  BatchLimits limits(settings_.batch_rows, settings_.batch_bytes, settings_.batch_interval_ms);
  std::uint64_t now_ms = wall_clock_ms();
  std::uint64_t tended_ms = now_ms;
  source_.tend(now_ms);
  enricher_.refresh(now_ms);
  // A batch that is old enough goes on growing while PostgreSQL is busy: the slower it is, the fewer the commits.
  const auto complete = [&] {
    return limits.full(builder.batch().items.size(), builder.batch().raw.size()) ||
           (limits.due(now_ms) && queue_.has_room());
  };
  while (!stop_ && !complete()) {
    if (const auto read = source_.next()) {
      builder.add(read->journal, read->item);
      limits.added(now_ms);
      if (builder.batch().items.size() % kItemsPerClockRead == 0) now_ms = wall_clock_ms();
      continue;
    }
    std::this_thread::sleep_for(kPoll);
    now_ms = wall_clock_ms();
    if (now_ms - tended_ms < kTendEveryMs) continue;
    source_.tend(now_ms);
    enricher_.refresh(now_ms);
    tended_ms = now_ms;
  }
  return builder.take();
}

}  // namespace tributary::ingest
