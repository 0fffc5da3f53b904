#pragma once

#include "core/geo/place.h"
#include "core/visitor/agent.h"

namespace tributary {

// What a row says of its visitor beside what the request did.
struct VisitorFacts {
  Place place;
  Agent agent;
  bool agent_known = false;  // there are rules to judge by: then what is not called a bot is none
};

}  // namespace tributary
