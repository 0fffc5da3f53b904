#pragma once

#include <cstddef>
#include <cstdint>

namespace tributary::ingest {

// When one batch is full: by rows, by bytes or by age, whichever comes first. Time comes in, so that tests run on a
// clock of their own.
class BatchLimits {
 public:
  BatchLimits(std::size_t rows, std::size_t bytes, std::uint64_t interval_ms) noexcept
      : rows_(rows), bytes_(bytes), interval_ms_(interval_ms) {}

  // Call for each item added.
  void added(std::uint64_t now_ms) noexcept {
    if (first_ms_ == kNone) first_ms_ = now_ms;
  }
  bool full(std::size_t items, std::size_t bytes) const noexcept { return items >= rows_ || bytes >= bytes_; }
  // A clock that was set back makes it due: waiting until the clock is there again could take hours.
  bool due(std::uint64_t now_ms) const noexcept {
    return first_ms_ != kNone && (now_ms >= first_ms_ + interval_ms_ || now_ms < first_ms_);
  }

 private:
  static constexpr std::uint64_t kNone = UINT64_MAX;
  std::size_t rows_;
  std::size_t bytes_;
  std::uint64_t interval_ms_;
  std::uint64_t first_ms_ = kNone;
};

}  // namespace tributary::ingest
