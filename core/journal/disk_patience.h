#pragma once

#include <cstdint>
#include <optional>

#include "core/journal/backoff.h"
#include "core/journal/format.h"

namespace tributary {

// How long a reader waits for a disk that does not give back what is on it, before that counts as lost: a minute for
// each segment, asking more and more seldom. Without a clock not at all.
class DiskPatience {
 public:
  using ClockMs = std::uint64_t (*)() noexcept;

  explicit DiskPatience(ClockMs clock) noexcept : clock_(clock) {}

  // True: do not ask the disk now.
  bool pauses() const noexcept { return since_ms_ && !backoff_.ready(clock_()); }

  // The disk was asked in vain for something of the segment that begins at `segment`. False: no more waiting.
  bool waits(Position segment) noexcept {
    if (clock_ == nullptr || given_up_ == segment) return false;
    const std::uint64_t now_ms = clock_();
    if (!since_ms_) since_ms_ = now_ms;
    if (now_ms - *since_ms_ >= kWaitMs) {
      succeeded();
      given_up_ = segment;
      return false;
    }
    backoff_.failed(now_ms);
    return true;
  }

  void succeeded() noexcept {
    since_ms_.reset();
    backoff_.succeeded();
  }

 private:
  static constexpr std::uint64_t kWaitMs = 60'000;

  ClockMs clock_;
  Backoff backoff_;
  std::optional<std::uint64_t> since_ms_;
  std::optional<Position> given_up_;  // the segment whose minute is over
};

}  // namespace tributary
