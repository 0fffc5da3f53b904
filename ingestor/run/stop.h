#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tributary::ingest {

// Asks threads to end and wakes those that wait. Any thread.
class Stop {
 public:
  void request() {
    {
      const std::lock_guard lock(mutex_);
      requested_ = true;
    }
    changed_.notify_all();
  }
  bool requested() const {
    const std::lock_guard lock(mutex_);
    return requested_;
  }
  // Returns true when the end was asked for, false after the time has passed.
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return requested_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
};

}  // namespace tributary::ingest
