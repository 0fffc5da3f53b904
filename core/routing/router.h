#pragma once

#include <cstdint>
#include <span>

#include "core/condition/regex_cache.h"
#include "core/event/event.h"
#include "core/routing/routing_state.h"
#include "core/snapshot/snapshot_view.h"
#include "core/visitor/visitor.h"

namespace tributary::fbs {
struct Campaign;
struct Destination;
struct Lander;
struct Stream;
enum class RedirectKind : std::uint8_t;
}  // namespace tributary::fbs

// Where a click goes. DOC: docs/routing.md
namespace tributary {

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
  std::uint32_t labels = 0;
  bool uniques = true;  // false: this edge keeps no first clicks (tributary_uniques is not given)
  // A link of a lander was followed: the click goes on in the stream that showed it. Its conditions and click limits
  // were asked when it came; what concerns the destination is asked now.
  const fbs::Stream* from_lander = nullptr;
  std::uint32_t offer = 0;  // which destination of the stream the link names, from 1; 0: the stream chooses
};

// A request with one of these moves no rotation, uses no cap and is no visit of its visitor.
inline constexpr std::uint32_t kUncountedLabels = kLabelBot | kLabelPrefetch | kLabelHead | kLabelScanner;

class RoutingRecorder;

// All that a decision depends on beside the configuration and the request.
struct RoutingContext {
  Visitor& visitor;
  RoutingState& state;
  RandomSource& random;
  RegexCache& regexes;
  RoutingRecorder* recorder = nullptr;  // where a decision is explained; nullptr on the edge
  // Set while a campaign is routed whose streams are those of a rotation: its own counters for them.
  std::span<const std::uint32_t> rotation_slots{};
};

// Pointers live as long as the snapshot mapping: use them within the same handler call.
struct RoutingDecision {
  RoutingReason reason = RoutingReason::unknown;
  const fbs::Campaign* campaign = nullptr;
  const fbs::Stream* stream = nullptr;
  const fbs::Destination* destination = nullptr;  // nullptr: lander or trafficback
  const fbs::Lander* lander = nullptr;            // page to show; its links lead to a destination
  const fbs::UrlTemplate* trafficback = nullptr;  // where to, when there is no destination; may be nullptr
  std::uint32_t trafficback_level = 0;            // 1 stream, 2 campaign, 3 team, 4 global
  fbs::RedirectKind redirect_kind{};              // to the destination: as it says itself, else as the stream does
  std::uint16_t status = 302;                     // of the kind Http
  std::uint32_t unique = 0;                       // in which scopes this is the first click of its visitor: UniqueFlag
};

// The evaluator: a pure function of snapshot, request and context. Never allocates, unless a regular expression is
// compiled for the first time.
RoutingDecision route(const SnapshotView& snapshot, const RoutingRequest& request, RoutingContext& context) noexcept;

// The decision for a click that no stream may take: the trafficback of its campaign (nullptr: there is none), of the
// team, of the installation.
RoutingDecision decide_trafficback(const SnapshotView& snapshot, const fbs::Campaign* campaign,
                                   RoutingReason reason) noexcept;

}  // namespace tributary
