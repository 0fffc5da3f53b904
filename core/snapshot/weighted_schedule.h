#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tributary {

inline constexpr std::size_t kMaxSchedulePlaces = 4096;

// An exact weighted rotation (Tijdeman's rule): place i names the item of the i-th pick. In every prefix of the
// endlessly repeated schedule each item's count is within one of its exact share. Weights whose reduced sum exceeds
// kMaxSchedulePlaces are scaled to it by largest remainder; an item with a weight above 0 keeps at least one place.
// Items with weight 0 have none. Empty when all weights are 0. At most kMaxSchedulePlaces items may have a weight.
std::vector<std::uint16_t> weighted_schedule(std::span<const std::uint32_t> weights);

// How many places each item has in that schedule.
std::vector<std::uint32_t> schedule_places(std::span<const std::uint32_t> weights);

}  // namespace tributary
