#pragma once

#include <compare>
#include <cstdint>

namespace tributary {

// Which configuration: a counter that every configuration transaction increments, inside an epoch that begins when a
// database is restored. Generations are totally ordered.
struct Generation {
  std::uint16_t epoch = 0;
  std::uint64_t counter = 0;  // below 2^48
  friend auto operator<=>(const Generation&, const Generation&) = default;
};

inline constexpr std::uint64_t kMaxGenerationCounter = (1ull << 48) - 1;

constexpr std::uint64_t pack_generation(Generation g) noexcept {
  return static_cast<std::uint64_t>(g.epoch) << 48 | (g.counter & kMaxGenerationCounter);
}
constexpr Generation unpack_generation(std::uint64_t word) noexcept {
  return {static_cast<std::uint16_t>(word >> 48), word & kMaxGenerationCounter};
}

}  // namespace tributary
