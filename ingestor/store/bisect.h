#pragma once

#include "ingestor/batch/batch_builder.h"
#include "ingestor/store/batch_writer.h"

namespace tributary::ingest {

// Stores a batch. When PostgreSQL refuses it for its data, the batch is stored in halves, each in its own transaction
// with its own progress, down to the single record that is refused: that one becomes a dead letter in the transaction
// that moves the progress past it. Every other failure comes out as it is. Returns how many records were refused.
std::size_t write_or_bisect(BatchWriter& writer, Batch& batch, KnownOwners& owners, Enricher& enricher,
                            const ClockLimits& clock);

}  // namespace tributary::ingest
