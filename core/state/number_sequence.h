#pragma once

#include <cstdint>
#include <string>

#include "core/base/mapped_file.h"
#include "core/base/result.h"

namespace tributary {

// Numbers of at most 53 bits (JavaScript keeps them exact), unique over all edges: one word in the run directory that
// all workers of the edge share.
//
//   number = tick << 10 | edge
//
// A tick is 1/8192 of a second since 2026-01-01; 43 bits of them last until the year 2060. The word starts at the tick
// of the moment in which it is made and then counts by one, whatever the clock does. So an edge gives 8,192 numbers a
// second in the long run. 53 bits do not hold more: 10 bits of edge and 34 years leave 2^13 a second, however they are
// divided among slots, so workers share one word instead of a share each. A burst above this, or a clock that was put
// back after a start with a wrong one, leaves the word ahead of the clock; to refuse numbers until the clock has caught
// up would refuse every conversion for as long.
//
// A run directory that is made anew (a reboot empties it) starts behind everything that was given before, unless the
// word had run ahead of the clock by more than the reboot took, or the clock went back across it. Who stores numbers
// must not lose a row over a repeated one.
//
// Thread-safety: next() may be called from any thread of any process.
class NumberSequence {
 public:
  struct Error {
    int system_error = 0;
    std::string message;
  };
  // `path` is made when it is not there. `now_ms` is the wall clock.
  static Result<NumberSequence, Error> open(const std::string& path, std::uint64_t now_ms);
  NumberSequence() noexcept = default;

  // 0 when the clock is before 2026 or past 2060.
  std::uint64_t next(std::uint32_t edge, std::uint64_t now_ms) noexcept;

 private:
  explicit NumberSequence(MappedFile mapping) noexcept : mapping_(std::move(mapping)) {}
  MappedFile mapping_;
};

inline constexpr std::uint64_t kNumberEpochMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
inline constexpr std::uint64_t kTicksPerSecond = 8192;
inline constexpr std::uint64_t kMaxTick = (1ull << 43) - 1;

}  // namespace tributary
