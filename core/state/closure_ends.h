#pragma once

#include <cstdint>

namespace tributary {

// When the caps that closed a destination begin anew, for each of their measures: quarters of an hour since 2026,
// rounded up, in 21 bits (until 2085). Windows begin at whole quarters in every zone of today. 0: nobody knows.
struct ClosureEnds {
  std::uint32_t conversions = 0;
  std::uint32_t payout = 0;
  std::uint32_t revenue = 0;
  friend bool operator==(const ClosureEnds&, const ClosureEnds&) = default;
};

inline constexpr std::uint64_t kClosureEpoch_s = 1'767'225'600;  // 2026-01-01T00:00:00Z
inline constexpr std::uint64_t kClosureUnit_s = 900;
inline constexpr unsigned kClosureBits = 21;
inline constexpr std::uint32_t kMaxClosureEnd = (1u << kClosureBits) - 1;

// 0 for a time that cannot be said.
constexpr std::uint32_t closure_end(std::uint64_t unix_s) noexcept {
  if (unix_s <= kClosureEpoch_s) {
    return 0;
  }
  const std::uint64_t quarters = (unix_s - kClosureEpoch_s + kClosureUnit_s - 1) / kClosureUnit_s;
  return quarters <= kMaxClosureEnd ? static_cast<std::uint32_t>(quarters) : 0;
}

constexpr std::uint64_t closure_end_s(std::uint32_t end) noexcept {
  return kClosureEpoch_s + end * kClosureUnit_s;
}

constexpr std::uint64_t pack_ends(const ClosureEnds& ends) noexcept {
  return static_cast<std::uint64_t>(ends.revenue) << 2 * kClosureBits |
         static_cast<std::uint64_t>(ends.payout) << kClosureBits | ends.conversions;
}
constexpr ClosureEnds unpack_ends(std::uint64_t word) noexcept {
  const auto end = [&](unsigned i) { return static_cast<std::uint32_t>(word >> i * kClosureBits & kMaxClosureEnd); };
  return {end(0), end(1), end(2)};
}

}  // namespace tributary
