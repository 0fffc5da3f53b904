#pragma once

#include <cstdint>
#include <vector>

#include "ingestor/batch/batch.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Within the open transaction.
void store_dead_letters(Connection& connection, std::int64_t batch, const std::vector<DeadLetter>& letters);
void store_incidents(Connection& connection, const std::vector<Incident>& incidents);

}  // namespace tributary::ingest
