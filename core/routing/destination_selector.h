#pragma once

#include "core/routing/router.h"
#include "schema/snapshot_generated.h"

// The choices inside a campaign. Parts of the evaluator: pure, noexcept, no allocation.
namespace tributary {

// The destination of one click of `stream`, or nullptr when none is eligible. A labelled request moves no counter and
// gets its destination by draw.
const fbs::Destination* select_destination(const fbs::Stream& stream, bool labelled, RoutingState& state,
                                           RandomSource& random) noexcept;

// One of the active regular streams that have an eligible destination, drawn by weight. nullptr when there is none.
const fbs::Stream* draw_stream(const fbs::Campaign& campaign, RandomSource& random) noexcept;

}  // namespace tributary
