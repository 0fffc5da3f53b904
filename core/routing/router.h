#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/event/event.h"
#include "core/snapshot/snapshot_view.h"

namespace tributary::fbs {
struct Campaign;
struct Destination;
struct Stream;
}  // namespace tributary::fbs

namespace tributary {

// What the evaluator may ask about state that changes: shared counters on the edge, recorded values in explain, fixed
// ones in a test.
class RoutingState {
 public:
  // The next place in the rotation of a stream.
  virtual std::uint64_t next_rotation(std::uint32_t rotation_slot) noexcept = 0;

 protected:
  ~RoutingState() = default;
};

// Uniform 64-bit numbers.
class RandomSource {
 public:
  virtual std::uint64_t next() noexcept = 0;

 protected:
  ~RandomSource() = default;
};

struct RoutingRequest {
  const fbs::Campaign* campaign = nullptr;  // nullptr: there is none of the name that was asked for
  std::uint64_t now_ms = 0;
  std::uint32_t labels = 0;  // a labelled request moves no counter
};

// Pointers live as long as the snapshot mapping: use them within the same handler call.
struct RoutingDecision {
  RoutingReason reason = RoutingReason::unknown;
  const fbs::Campaign* campaign = nullptr;
  const fbs::Stream* stream = nullptr;
  const fbs::Destination* destination = nullptr;  // nullptr: trafficback
  const fbs::UrlTemplate* trafficback = nullptr;  // where to, when there is no destination; may be nullptr
  std::uint32_t trafficback_level = 0;            // 1 stream, 2 campaign, 3 team, 4 global
  std::uint16_t status = 302;
};

// The evaluator: a pure function of snapshot, state, request, clock and randomness. Never allocates.
RoutingDecision route(const SnapshotView& snapshot, const RoutingRequest& request, RoutingState& state,
                      RandomSource& random) noexcept;

}  // namespace tributary
