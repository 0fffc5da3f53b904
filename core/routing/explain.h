#pragma once

#include <string>
#include <vector>

#include "core/routing/click_macros.h"
#include "core/routing/router.h"
#include "core/routing/routing_recorder.h"

// Why a click goes where it goes: the same evaluator, told in full. Writes nothing. Allocates: not for the edge.
namespace tributary {

struct ExplainedCondition {
  const fbs::Condition* condition = nullptr;
  ConditionTrace answer;
};

struct ExplainedCap {
  const fbs::Cap* cap = nullptr;
  std::uint32_t window = 0;
  CapTake answer = CapTake::taken;  // what it would say to this click; soft ones and other measures always `taken`
  std::string value{};              // of the sub id, where the cap counts each for itself
};

struct ExplainedDestination {
  const fbs::Destination* destination = nullptr;
  Standing standing = Standing::open;
  DestinationFacts facts;  // health, closed caps and ROI as they were seen
  std::vector<ExplainedCap> caps;
};

struct ExplainedStream {
  const fbs::Stream* stream = nullptr;
  StreamVerdict verdict = StreamVerdict::taken;
  std::vector<ExplainedCondition> conditions;
  std::vector<ExplainedCap> limits;
  std::vector<ExplainedDestination> destinations;  // as they were looked at; of the stream that is taken, then the rest
};

struct Explanation {
  RoutingDecision decision;
  std::vector<ExplainedStream> streams;  // in the order in which they were tried
};

// Pointers live as long as the snapshot. `turn` is the place in the rotation that the click would have got. The state
// is only asked.
Explanation explain(const SnapshotView& snapshot, const RoutingRequest& request, RoutingContext& context,
                    std::uint64_t turn);

// The URL of a destination or trafficback with these values; empty when it does not fit.
std::string rendered_url(const fbs::UrlTemplate& url, ClickMacros& macros);

}  // namespace tributary
