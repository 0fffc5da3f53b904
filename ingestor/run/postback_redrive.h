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

// Quarantined postbacks that the API judged again and queued (events.postback_redrives): folds each into its conversion
// as what it was, at the time when it came. Several may run at the same time: each is folded in once.
class PostbackRedrive {
 public:
  explicit PostbackRedrive(const IngestorSettings& settings);

  struct Done {
    std::size_t stored = 0;
    std::size_t refused = 0;
  };
  Done store_queued();

 private:
  struct Queued {
    std::int64_t id = 0;
    RowIdentity identity;
    std::string event;
  };
  using Chunk = std::vector<Queued>;

  Chunk next_chunk(std::int64_t after);
  void store(const Chunk& chunk, Done& done);
  void fail(std::int64_t id, const std::string& problem, Done& done);

  ClockLimits clock_;
  Connection connection_;
  KnownOwners owners_;
  Enricher enricher_;
  BatchWriter writer_;
};

}  // namespace tributary::ingest
