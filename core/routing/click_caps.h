#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/routing/routing_state.h"
#include "schema/snapshot_generated.h"

// Caps on clicks, and click limits of streams. The other measures are counted after ingestion and close a destination
// through the overlay.
namespace tributary {

using Caps = flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>;

// What one click takes of a cap.
struct CapUse {
  std::uint32_t slot;
  std::uint32_t window;
  std::uint32_t limit;
};
CapUse use_of(const fbs::Cap& cap, std::uint64_t now_ms) noexcept;

// A hard one on clicks.
bool keeps_away(const fbs::Cap& cap) noexcept;

// Has every hard one room?
bool caps_have_room(const Caps* caps, RoutingState& state, std::uint64_t now_ms) noexcept;

// What one click uses of the caps of a stream and its destination: all of them or none.
class ClickCaps {
 public:
  ClickCaps(const Caps* of_stream, const Caps* of_destination, std::uint64_t now_ms) noexcept;

  // Takes the hard ones in the order of their slots. When one has no room, gives back what was taken.
  bool take(RoutingState& state) noexcept;
  void give_back(RoutingState& state) noexcept;
  // Once the click is sure: the soft ones.
  void count_soft(RoutingState& state) const noexcept;

 private:
  static constexpr std::size_t kMost = 128;

  void add(const Caps* caps, std::uint64_t now_ms) noexcept;

  const Caps* lists_[2];
  std::uint64_t now_ms_;
  std::size_t count_ = 0;
  std::size_t taken_ = 0;
  bool too_many_ = false;  // only a file that was tampered with: then nothing is taken
  std::array<CapUse, kMost> uses_;
};

}  // namespace tributary
