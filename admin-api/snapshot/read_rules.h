#pragma once

#include <unordered_map>

#include "admin-api/snapshot/read_model.h"

// What decides whether a stream or a destination may take a click.
namespace tributary::admin {

using ConditionsByStream = std::unordered_map<std::uint32_t, std::vector<model::Condition>>;
ConditionsByStream read_conditions(ScopedTransaction& transaction, const OnlyPart& only);

// Adds the landers that streams show; which stream shows which.
using LandersByStream = std::unordered_map<std::uint32_t, std::vector<model::StreamLander>>;
LandersByStream read_landers(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyPart& only);

// Adds schedules and caps to destinations, which are ordered by id. `all`: they are all that there are.
void read_destination_rules(ScopedTransaction& transaction, std::vector<model::Destination>& destinations, bool all);

}  // namespace tributary::admin
