#include "core/base/clock.h"
#include "core/journal/names.h"
#include "ingestor/run/service.h"
#include "platform/log/log.h"
#include "platform/prometheus/prometheus.h"

namespace tributary::ingest {
namespace {

void write_counters(PrometheusWriter& out, const Counters& counters) {
  out.counter("tributary_ingestor_rows_total", "Raw rows committed.");
  out.sample(counters.clicks.load(), {{"table", "clicks"}});
  out.sample(counters.trafficbacks.load(), {{"table", "trafficbacks"}});
  out.sample(counters.lander_clicks.load(), {{"table", "lander_clicks"}});
  out.sample(counters.postbacks.load(), {{"table", "postbacks"}});
  out.sample(counters.customer_events.load(), {{"table", "customer_events"}});
  const struct {
    const char* name;
    const char* help;
    const std::atomic<std::uint64_t>& value;
  } plain[] = {
      {"tributary_ingestor_batches_total", "Batches committed.", counters.batches},
      {"tributary_ingestor_journal_bytes_total", "Journal bytes committed.", counters.bytes},
      {"tributary_ingestor_dead_letters_total", "Records kept in events.ingestion_errors.", counters.dead_letters},
      {"tributary_ingestor_refused_total", "Records that PostgreSQL refused, among the dead letters.",
       counters.refused},
      {"tributary_ingestor_session_failures_total", "Sessions with PostgreSQL that ended in an error.",
       counters.session_failures},
      {"tributary_ingestor_maintenance_failures_total", "Maintenance runs that ended in an error.",
       counters.maintenance_failures},
      {"tributary_ingestor_rollup_deltas_folded_total", "Rollup deltas folded.", counters.folded},
      {"tributary_ingestor_conversions_attributed_total", "Conversions whose click row was found later.",
       counters.attributed},
      {"tributary_ingestor_conversions_unattributed_total", "Conversions whose click row never came.",
       counters.unattributed},
      {"tributary_ingestor_events_decided_again_total",
       "Events of advertisers that a click stored after them is credited with.", counters.events_decided_again},
      {"tributary_ingestor_outbound_sent_total", "Outbound postbacks that their peer accepted.",
       counters.outbound_sent},
      {"tributary_ingestor_outbound_failures_total", "Attempts to send one that failed.", counters.outbound_failures},
      {"tributary_ingestor_outbound_given_up_total", "Outbound postbacks whose last attempt failed.",
       counters.outbound_given_up},
      {"tributary_ingestor_outbound_pauses_total", "Templates paused after too many failures in a row.",
       counters.outbound_pauses},
  };
  for (const auto& counter : plain) {
    out.counter(counter.name, counter.help);
    out.sample(counter.value.load());
  }
  out.counter("tributary_ingestor_incidents_total", "Journal ranges that are missing or damaged.");
  out.sample(counters.gaps.load(), {{"kind", "gap"}});
  out.sample(counters.damaged.load(), {{"kind", "damaged"}});
}

void write_outbound(PrometheusWriter& out, const Counters& counters) {
  out.gauge("tributary_ingestor_outbound_connected", "1 while the sender of outbound postbacks has its session.");
  out.sample(std::uint64_t{counters.outbound_connected ? 1u : 0u});
  out.gauge("tributary_ingestor_outbound_running", "Outbound postbacks on their way.");
  out.sample(counters.outbound_running.load());
  out.gauge("tributary_ingestor_outbound_paused_templates", "Templates that wait after too many failures.");
  out.sample(static_cast<std::uint64_t>(counters.outbound_paused.load()));
  out.gauge("tributary_ingestor_outbound_lag_seconds", "Since the oldest unsent postback was due; 0: none is.");
  out.sample(counters.outbound_lag_s.load());
}

double commit_age_s(const Counters& counters) {
  const std::int64_t last = counters.last_commit_ms;
  return last == 0 ? -1.0 : static_cast<double>(static_cast<std::int64_t>(wall_clock_ms()) - last) / 1000.0;
}

}  // namespace

std::string Service::metrics() const {
  PrometheusWriter out;
  write_counters(out, counters_);
  out.gauge("tributary_ingestor_connected", "1 while a session with PostgreSQL runs.");
  out.sample(std::uint64_t{counters_.connected ? 1u : 0u});
  out.gauge("tributary_ingestor_last_commit_age_seconds", "Since the last committed batch; -1 before the first.");
  out.sample(commit_age_s(counters_));
  write_outbound(out, counters_);
  out.gauge("tributary_ingestor_events_awaiting_click", "Events of advertisers whose click is not stored yet.");
  out.sample(static_cast<std::uint64_t>(counters_.events_waiting.load()));
  out.gauge("tributary_ingestor_journal_backlog_bytes", "Written to the journal and not read yet.");
  const std::lock_guard lock(mutex_);
  if (session_ == nullptr) return out.take();
  for (const JournalSource::Backlog& backlog : session_->source().backlogs()) {
    const std::string id = journal_id_text(backlog.journal.id);
    out.sample(std::uint64_t{backlog.bytes}, {{"journal", id}});
  }
  return out.take();
}

std::string Service::health() const {
  const std::string state = healthy() ? "storing" : "waiting";
  return "{" +
         log::render_json("ingestor", {{"state", state},
                                       {"problem", counters_.problem()},
                                       {"batches", counters_.batches.load()},
                                       {"last_commit_age_seconds", commit_age_s(counters_)},
                                       {"outbound_lag_seconds", counters_.outbound_lag_s.load()},
                                       {"outbound_paused_templates", counters_.outbound_paused.load()}}) +
         "}\n";
}

}  // namespace tributary::ingest
