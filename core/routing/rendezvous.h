#pragma once

#include <xxhash.h>

#include <cmath>
#include <cstdint>

namespace tributary {

// Weighted rendezvous hashing: each choice draws a time from the visitor's key, with its weight as the rate, and the
// earliest has him. When one goes, only its visitors move; in proportion to their weights, to the others.
inline double rendezvous_time(std::uint64_t key, std::uint64_t id, std::uint64_t weight) noexcept {
  const std::uint64_t words[] = {key, id};
  const double even = (static_cast<double>(::XXH3_64bits(words, sizeof(words)) >> 11) + 0.5) * 0x1p-53;  // in (0, 1)
  return weight == 0 ? HUGE_VAL : -std::log(even) / static_cast<double>(weight);
}

}  // namespace tributary
