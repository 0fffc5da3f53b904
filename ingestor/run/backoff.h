#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace tributary::ingest {

// How long to wait before the next attempt: doubling from 100 ms to 2 s, with jitter, so that several ingestors do not
// knock at a server that starts all at once, and work goes on soon after it is back.
class Backoff {
 public:
  explicit Backoff(unsigned seed) : random_(seed) {}

  std::chrono::milliseconds next() {
    const auto wait = std::uniform_int_distribution<int>(limit_ms_ / 2, limit_ms_)(random_);
    limit_ms_ = std::min(limit_ms_ * 2, kMaxMs);
    return std::chrono::milliseconds(wait);
  }
  void reset() noexcept { limit_ms_ = kFirstMs; }

 private:
  static constexpr int kFirstMs = 100;
  static constexpr int kMaxMs = 2000;
  std::minstd_rand random_;
  int limit_ms_ = kFirstMs;
};

}  // namespace tributary::ingest
