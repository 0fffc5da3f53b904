#pragma once

#include <string>

#include "ingestor/owners/known_owners.h"
#include "ingestor/run/counters.h"
#include "ingestor/run/stop.h"
#include "ingestor/settings.h"
#include "ingestor/source/discovery.h"
#include "ingestor/source/journal_source.h"
#include "ingestor/store/batch_writer.h"

namespace tributary::ingest {

// From one connection to PostgreSQL to its loss. A session begins by asking PostgreSQL how far every journal was stored
// and reads on from there. So whatever ended the one before, a COMMIT whose answer never came included, nothing is lost
// and nothing is stored twice.
class Session {
 public:
  Session(const IngestorSettings& settings, Counters& counters);  // throws PostgresError

  // Stores batch after batch until `stop`; the batch in hand is finished. Throws what ended the session.
  void run(const Stop& stop);

  // Any thread, while the session lives.
  const JournalSource& source() const noexcept { return source_; }

 private:
  void store(Batch& batch);

  const IngestorSettings& settings_;
  Counters& counters_;
  Connection connection_;
  KnownOwners owners_;
  Enricher enricher_;  // of the batches that PostgreSQL refuses: the reading thread has its own
  JournalSource source_;
  Discovery discovery_;
  BatchWriter writer_;
};

}  // namespace tributary::ingest
