#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "ingestor/owners/owner.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Teams that have templates of outbound postbacks. One look per batch: what a team makes counts from the next batch on.
std::set<TeamId> teams_with_templates(Connection& connection);

// Queues the postbacks that follow from the status these conversions have now, within the open transaction: for every
// template that matches, one entry per status for ever, whatever is stored again. The share that is kept back gets an
// entry too, which says so. A conversion that waits for its click is left out; the sweeper queues it.
void enqueue_postbacks(Connection& connection, const std::vector<std::int64_t>& conversions);

}  // namespace tributary::ingest
