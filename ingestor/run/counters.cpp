#include "ingestor/run/counters.h"

#include <utility>

namespace tributary::ingest {

void Counters::committed(const Batch& batch, std::uint64_t refused_records, std::int64_t now_ms) noexcept {
  clicks += batch.clicks.rows();
  trafficbacks += batch.trafficbacks.rows();
  lander_clicks += batch.lander_clicks.rows();
  postbacks += batch.postbacks.rows();
  customer_events += batch.customer_events.size();
  dead_letters += batch.dead_letters.size() + refused_records;
  refused += refused_records;
  for (const Incident& incident : batch.incidents) ++(incident.kind == "gap" ? gaps : damaged);
  ++batches;
  bytes += batch.journal_bytes;
  last_commit_ms = now_ms;
}

void Counters::set_problem(std::string text) {
  const std::lock_guard lock(mutex_);
  problem_ = std::move(text);
}

std::string Counters::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace tributary::ingest
