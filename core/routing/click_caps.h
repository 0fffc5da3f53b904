#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/routing/router.h"
#include "core/routing/routing_state.h"
#include "schema/snapshot_generated.h"

// Caps on clicks, and click limits of streams. The other measures are counted after ingestion and close a destination
// through the overlay.
namespace tributary {

using Caps = flatbuffers::Vector<flatbuffers::Offset<fbs::Cap>>;

// What a click with this tracking takes of a cap.
CapUse use_of(const fbs::Cap& cap, std::uint64_t now_ms, const Tracking& tracking) noexcept;
// The value of the sub id that the cap counts for itself; empty when the click has none.
std::string_view counted_value(const fbs::Cap& cap, const Tracking& tracking) noexcept;
CapTake would_take(const CapUse& use, RoutingState& state, std::uint64_t now_ms) noexcept;

// A hard one on clicks.
bool keeps_away(const fbs::Cap& cap) noexcept;

// Has every hard one room?
bool caps_have_room(const Caps* caps, RoutingContext& context, std::uint64_t now_ms) noexcept;

// What one click uses of the caps of a stream and its destination: all of them or none.
class ClickCaps {
 public:
  ClickCaps(const Caps* of_stream, const Caps* of_destination, RoutingContext& context, std::uint64_t now_ms) noexcept;

  // Takes the hard ones in the order of their slots. When one has no room, gives back what was taken.
  bool take() noexcept;
  void give_back() noexcept;
  // Once the click is sure: the soft ones.
  void count_soft() const noexcept;

 private:
  static constexpr std::size_t kMost = 128;

  void add(const Caps* caps) noexcept;

  RoutingContext& context_;
  const Caps* lists_[2];
  std::uint64_t now_ms_;
  std::size_t count_ = 0;
  std::size_t taken_ = 0;
  bool too_many_ = false;  // only a file that was tampered with: then nothing is taken
  std::array<CapUse, kMost> uses_;
};

}  // namespace tributary
