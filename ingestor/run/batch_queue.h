#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "ingestor/batch/batch.h"

namespace tributary::ingest {

// Between the thread that decodes batch N+1 and the one that stores batch N: room for one, so memory stays bounded and
// the reader waits when PostgreSQL is slower.
class BatchQueue {
 public:
  // Waits for room. False when the queue was closed: the batch is dropped and will be read again.
  bool push(std::unique_ptr<Batch> batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || waiting_ == nullptr; });
    if (closed_) return false;
    waiting_ = std::move(batch);
    changed_.notify_all();
    return true;
  }

  // Whether push() would return at once.
  bool has_room() const {
    const std::lock_guard lock(mutex_);
    return closed_ || waiting_ == nullptr;
  }

  // The next batch, or nothing when none came in time.
  std::unique_ptr<Batch> pop(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return closed_ || waiting_ != nullptr; });
    auto batch = std::move(waiting_);
    changed_.notify_all();
    return batch;
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Batch> waiting_;
  bool closed_ = false;
};

}  // namespace tributary::ingest
