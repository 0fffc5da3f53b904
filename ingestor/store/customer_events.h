#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/commission/settlement.h"
#include "ingestor/customer_event/customer_fact.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Stores the events that are new, with whom they are attributed to, in the transaction of the batch. One that was
// reported before, at whatever edge, is left out. What partners may earn by goes to `settlement`.
void store_customer_events(Connection& connection, std::int64_t batch, const std::vector<CustomerFact>& facts,
                           Settlement& settlement);

}  // namespace tributary::ingest
