#pragma once

#include <functional>
#include <string>

#include "ingestor/batch/batch.h"
#include "ingestor/store/partitions.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// One batch, one transaction. DOC: docs/ingestion.md
class BatchWriter {
 public:
  // Runs inside the transaction, just before COMMIT, with the number of the batch.
  using Extra = std::function<void(Connection&, std::int64_t batch)>;

  // `connection` must outlive the writer and belong to one thread. `name` stands in events.batches.
  BatchWriter(Connection& connection, std::string name);

  // Stores all of the batch or nothing. After a connection failure it is unknown which: read the progress again.
  void write(Batch& batch, const Extra& extra = {});

  // Postbacks that waited for their click and have it now; the others wait on. False: none was due.
  // What PostgreSQL refuses holds up no other.
  bool store_waiting();

 private:
  void store_waiting(const std::vector<RowIdentity>& due);
  void store_waiting_or_refuse(const std::vector<RowIdentity>& due);
  std::int64_t insert_batch(const Batch& batch);
  void copy_rows(Batch& batch, std::int64_t id);
  void copy_rollup(const Batch& batch, std::int64_t id);

  Connection& connection_;
  std::string name_;
  Partitions partitions_;
};

}  // namespace tributary::ingest
