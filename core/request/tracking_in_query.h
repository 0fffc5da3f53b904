#pragma once

#include <span>
#include <string_view>

#include "core/event/event.h"
#include "core/request/query.h"

namespace tributary {

// Most queries tell the tracking of a click as it is: nothing in them is encoded, nothing is too long. The event of
// such a click carries its query and not the same a second time: it is marked `tracking_in_query`, and its tracking
// holds nothing but what the campaign says of the cost. Whoever reads the event completes it.

// Whether a click with these parameters may be recorded so; the traffic source must have no names of its own.
bool tells_tracking(std::string_view query, std::span<const QueryParameter> parameters) noexcept;

// A sub id of such a click, 1 to 30.
std::string_view find_sub_id(std::span<const QueryParameter> parameters, std::size_t number) noexcept;

// Fills in what was left out. Views point into the event's own query.
void complete_tracking(Click& click) noexcept;
// The same for whatever event it is.
void complete_tracking(Event& event) noexcept;

}  // namespace tributary
