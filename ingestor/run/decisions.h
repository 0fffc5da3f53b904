#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingestor/settings.h"
#include "ingestor/store/batch_writer.h"

namespace tributary::ingest {

// Statuses that a person set or that a hold rule is due to set (events.conversion_decisions): folds each into its
// conversion. Several may run at the same time: each is folded in once.
class Decisions {
 public:
  explicit Decisions(const IngestorSettings& settings);

  std::size_t store_queued();

 private:
  struct Decided {
    std::int64_t id;
    PostbackFact fact;
  };
  using Queued = std::vector<Decided>;
  Queued next(std::int64_t after);
  std::size_t store(const Queued& queued);
  std::size_t store_each(const Queued& queued, const std::string& problem);

  Connection connection_;
  BatchWriter writer_;
};

}  // namespace tributary::ingest
