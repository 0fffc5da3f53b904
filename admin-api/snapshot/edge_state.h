#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/generation.h"

namespace tributary::admin {

// What one edge has, what it should have, and when to talk to it next. Pure: time comes in, requests go out elsewhere.
//
//   behind → push; answered → ask whether all workers have it; acknowledged → ask again now and then, so that an edge
//   that lost its state is noticed. Every failure doubles the pause, up to the longest.
class EdgeState {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Step : std::uint8_t { nothing, push, ask };

  EdgeState(std::chrono::milliseconds check_interval, std::chrono::milliseconds longest_pause)
      : check_interval_(check_interval), longest_pause_(longest_pause) {}

  // What to do now. After push or ask nothing more is due until one of the three functions below was called.
  Step next(Generation newest, Clock::time_point now);

  // The edge said what it has published, and whether every live worker works with it.
  void answered(Generation has, bool all_workers, Clock::time_point now);
  void pushed(Generation generation, Clock::time_point now);  // the edge took it
  void failed(std::string why, Clock::time_point now);

  // Whatever it has, it gets the newest once more.
  void start_over() noexcept;

  bool acknowledges(Generation newest) const noexcept { return known_ && all_workers_ && has_ >= newest; }
  Generation has() const noexcept { return has_; }
  bool known() const noexcept { return known_; }
  Clock::time_point due() const noexcept { return due_; }
  const std::string& last_error() const noexcept { return last_error_; }
  unsigned failures() const noexcept { return failures_; }

 private:
  std::chrono::milliseconds pause_after_failures() const noexcept;

  std::chrono::milliseconds check_interval_;
  std::chrono::milliseconds longest_pause_;
  bool known_ = false;  // it answered since we started, or since it failed
  bool busy_ = false;
  Generation has_;
  Generation pushed_;
  bool all_workers_ = false;
  unsigned failures_ = 0;
  unsigned unconfirmed_ = 0;  // answers in a row that did not acknowledge
  Clock::time_point due_;
  std::string last_error_;
};

}  // namespace tributary::admin
