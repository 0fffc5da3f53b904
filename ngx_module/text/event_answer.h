#pragma once

#include <span>
#include <string>

#include "core/customer_event/event_body.h"
#include "core/customer_event/event_identity.h"

namespace tributary {

// What became of one event of a call.
struct EventOutcome {
  EventIdentity id;
  bool repeated = false;  // this edge remembers it
};

// The answer to a call whose events are recorded: of one event, or of a list of them.
std::string events_answer(std::span<const ParsedEvent> events, std::span<const EventOutcome> outcomes, bool list);

std::string event_error_answer(std::string_view code, std::string_view message);

}  // namespace tributary
