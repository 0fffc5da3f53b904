#pragma once

#include <cstdint>
#include <optional>

#include "ingestor/settings.h"
#include "ingestor/store/stored_events.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {

// Past periods that the API asked to be attributed again (events.reattributions): what would change is written to
// events.attribution_changes, page by page, and goes on after a restart where it was. Applied, it takes the place of
// what is stored, in one transaction, if it still is what comes out. Several may run at the same time.
class Reattributions {
 public:
  explicit Reattributions(const IngestorSettings& settings);

  // Some of the work; the rest is for the next call.
  void work();

 private:
  struct Run;
  struct Page {
    EventKey last;
    std::size_t events = 0;
    std::size_t kept = 0;
  };

  // One transaction of the next run in this state. False: there is none, or PostgreSQL refuses it; then the others come
  // first the next time, and after five times it has failed.
  template <typename Work>
  bool step(const char* state, Work work);
  std::optional<Run> take(const char* state);
  bool finish(std::int64_t id, const char* from, const char* to, const char* error);
  Page compute(const Run& run, const EventKey& last);
  bool compute_some();
  bool apply_one();
  void apply(const Run& run);
  bool drop_one();

  Connection connection_;
  std::int64_t clicks_since_us_;
};

// Whether there is any work.
bool any_reattribution_is_open(Connection& connection);

}  // namespace tributary::ingest
