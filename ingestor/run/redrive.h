#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingestor/events/checks.h"
#include "ingestor/owners/known_owners.h"
#include "ingestor/settings.h"
#include "ingestor/store/batch_writer.h"
#include "platform/enrich/enricher.h"

namespace tributary::ingest {

struct RedriveSelection {
  bool all = false;
  std::int64_t id = 0;  // 0: not by id
  std::string reason;
};

// Stores dead letters again, on connections of its own. Several may run at the same time: each record is stored once.
class Redrive {
 public:
  explicit Redrive(const IngestorSettings& settings);

  std::vector<std::int64_t> select(const RedriveSelection& selection);

  // Returns why the record still cannot be stored, which its row says then too; or an empty string.
  std::string store(std::int64_t id);

 private:
  std::string try_to_store(std::int64_t id);
  std::string write(Batch& batch, std::int64_t id);
  std::string let_wait_again(const QueryResult& row, std::int64_t id);

  ClockLimits clock_;
  Connection connection_;
  KnownOwners owners_;
  Enricher enricher_;
  BatchWriter writer_;
};

}  // namespace tributary::ingest
