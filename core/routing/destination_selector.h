#pragma once

#include "core/routing/candidates.h"

namespace tributary {

// How a turn is found where the selector counts turns.
enum class Turns : std::uint8_t {
  counted,  // from the shared rotation
  drawn,    // at random: for requests that move no counter, and for every choice of a click after its first
};

// The destination of one click of `stream`, or nullptr when none takes it. Pure, noexcept, no allocation.
const fbs::Destination* select_destination(const fbs::Stream& stream, Candidates& candidates, Turns turns,
                                           RoutingContext& context) noexcept;

// The same for a plain stream and a counted turn, without asking for what it cannot have. nullptr: ask the long way.
const fbs::Destination* plain_turn(const fbs::Stream& stream, RoutingContext& context) noexcept;

// Evenly from 0 to bound - 1; the bias is below bound / 2^64.
inline std::uint64_t draw_below(std::uint64_t bound, RandomSource& random) noexcept {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(random.next()) * bound >> 64);
}

}  // namespace tributary
