#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/condition/fixed_visitor.h"
#include "core/routing/fixed_routing_state.h"
#include "core/routing/router.h"
#include "core/snapshot/sample_snapshot.h"
#include "core/snapshot/test_build.h"
#include "schema/snapshot_generated.h"

// For tests of the evaluator: a campaign of given streams, and clicks on it.
namespace tributary::testing {

inline constexpr std::uint64_t kNow_ms = 1'795'219'200'000;  // 2026-11-21 00:00 UTC, a Saturday
inline constexpr auto kForced = model::StreamKind::forced;
inline constexpr auto kRegular = model::StreamKind::regular;
inline constexpr auto kDefault = model::StreamKind::default_stream;

class Seeded final : public RandomSource {
 public:
  explicit Seeded(std::uint64_t seed) noexcept : numbers_(seed) {}
  std::uint64_t next() noexcept override { return numbers_.next(); }

 private:
  SplitMix64 numbers_;
};

inline model::Stream stream(std::uint32_t id, model::StreamKind kind, std::int32_t priority,
                            std::vector<model::StreamDestination> destinations) {
  model::Stream stream;
  stream.id = id;
  stream.kind = kind;
  stream.priority = priority;
  stream.rotation_slot = id;
  stream.destinations = std::move(destinations);
  return stream;
}

// The only stream of a campaign.
inline model::Stream only_stream(model::Selector selector, std::vector<model::StreamDestination> destinations) {
  model::Stream only = stream(1, kRegular, 0, std::move(destinations));
  only.selector = selector;
  return only;
}

// Campaign 1 with slug "c1" and the given streams; destinations 1 to 10 are active, 11 to 19 paused.
inline model::Snapshot with_streams(std::vector<model::Stream> streams) {
  model::Snapshot snapshot = sample_snapshot({.campaigns = 1});
  snapshot.created_ms = kNow_ms;
  snapshot.destinations.clear();
  for (std::uint32_t id = 1; id < 20; ++id) {
    snapshot.destinations.push_back(
        {id, id > 10 ? model::State::paused : model::State::active, "https://d" + std::to_string(id) + ".example/", 0});
  }
  snapshot.campaigns[0].streams = std::move(streams);
  return snapshot;
}

inline model::Destination& destination_of(model::Snapshot& snapshot, std::uint32_t id) {
  return snapshot.destinations[id - 1];
}

struct Routed {
  std::vector<std::uint8_t> bytes;
  std::unique_ptr<SnapshotView> view;
  FixedRoutingState state;
  FixedVisitor visitor;
  Seeded random{7};
  RegexCache regexes;
  std::uint64_t now_ms = kNow_ms;
  bool uniques = true;

  explicit Routed(const model::Snapshot& snapshot) : bytes(build(snapshot)), view(view_of(bytes)) {}

  RoutingDecision click(std::string_view slug = "c1", std::uint32_t labels = 0) {
    RoutingContext context{visitor, state, random, regexes};
    const RoutingRequest request{
        .campaign = view->find_campaign("h.example", slug), .now_ms = now_ms, .labels = labels, .uniques = uniques};
    return route(*view, request, context);
  }
  // 0: trafficback.
  std::uint32_t destination(std::uint32_t labels = 0) {
    const RoutingDecision decision = click("c1", labels);
    return decision.destination == nullptr ? 0 : decision.destination->id();
  }
  std::map<std::uint32_t, int> destinations_of(int clicks, std::uint32_t labels = 0) {
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < clicks; ++i) {
      ++counts[destination(labels)];
    }
    return counts;
  }
};

}  // namespace tributary::testing
