#pragma once

#include "ingestor/run/counters.h"
#include "ingestor/run/stop.h"
#include "ingestor/settings.h"

namespace tributary::ingest {

// Sends the postbacks of the outbox, on a connection of its own, until `stop`. What is on its way then gets the time of
// one attempt to be answered. While PostgreSQL is away nothing new is sent, and answers are kept until they can be
// recorded.
void run_outbound(const IngestorSettings& settings, Counters& counters, Stop& stop);

}  // namespace tributary::ingest
