#pragma once

#include "ingestor/batch/batch.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// A signed call that became part of a conversion once, or stands in the batch twice, becomes part of none again, at
// whatever edge it was repeated: its row stays in the log.
void drop_repeated_calls(Connection& connection, Batch& batch);

}  // namespace tributary::ingest
