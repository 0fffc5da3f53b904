#pragma once

#include "ingestor/run/counters.h"
#include "ingestor/run/stop.h"
#include "ingestor/settings.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// What happens beside the batches, on a connection of its own: rollup deltas are folded, conversions look for their
// click, partitions are made ahead and dropped after the retention, dead letters are tried again when somebody asked.
// Returns at `stop`; a failure is logged, counted and tried again.
void run_maintenance(const IngestorSettings& settings, Counters& counters, Stop& stop);

// Folds everything that is there; returns how many deltas that were.
std::uint64_t fold_rollups(Connection& connection);

}  // namespace tributary::ingest
