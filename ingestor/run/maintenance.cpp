#include "ingestor/run/maintenance.h"

#include <chrono>
#include <memory>

#include "core/base/clock.h"
#include "ingestor/commission/settlement.h"
#include "ingestor/conversion/holds.h"
#include "ingestor/conversion/sweeper.h"
#include "ingestor/customer_event/event_sweeper.h"
#include "ingestor/run/decisions.h"
#include "ingestor/run/postback_redrive.h"
#include "ingestor/run/reattributions.h"
#include "ingestor/run/redrive.h"
#include "ingestor/store/batch_writer.h"
#include "ingestor/store/waiting_postbacks.h"
#include "platform/log/log.h"

namespace tributary::ingest {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(2000);
constexpr std::uint64_t kPartitionsEveryMs = 3600ull * 1000;
constexpr std::uint64_t kDropAgainMs = 10'000;
constexpr std::uint64_t kVisitsEveryMs = 60'000;
constexpr const char* kLockNotAvailable = "55P03";
constexpr int kDaysAhead = 7;
constexpr int kMaxFoldsInARow = 100;

// Nothing here is in a hurry, but nothing may hold its locks for ever either.
constexpr std::uint32_t kStatementTimeoutMs = 60'000;

ConnectOptions options(const IngestorSettings& settings) {
  ConnectOptions made = settings.connection("maintenance");
  made.statement_timeout_ms = kStatementTimeoutMs;
  return made;
}

// One day more than events may be old, so that no event is accepted into a day that was just dropped.
constexpr const char* kDropOldest = "SELECT events.drop_oldest_partition((now() AT TIME ZONE 'UTC')::date - $1 - 1)";
constexpr const char* kForgetKeys =
    "SELECT events.forget_customer_event_keys((now() AT TIME ZONE 'UTC')::date - $1 - 1)";
// No window reaches farther back than a year.
constexpr const char* kForgetTouches = "SELECT events.forget_customer_touches(now() - interval '366 days')";
constexpr const char* kForgetOutbox = "SELECT events.forget_outbox(now() - make_interval(days => $1))";

// Today's and yesterday's, for explain.
constexpr const char* kSummarizeVisits = R"sql(
  SELECT events.summarize_visits(ARRAY[today - 1, today]) FROM (SELECT (now() AT TIME ZONE 'UTC')::date) AS t (today))sql";

constexpr int kMaxWaitingRounds = 20;  // of a thousand postbacks each; the next time goes on
constexpr const char* kForgetUnknown = R"sql(
  DELETE FROM events.waiting_postbacks WHERE state = 'unknown' AND received_at < now() - interval '30 days')sql";

constexpr const char* kEventsWaiting =
    "SELECT count(*) FROM events.waiting_customer_events WHERE state = 'awaiting_click'";
constexpr const char* kForgetUnknownEvents = R"sql(
  DELETE FROM events.waiting_customer_events
  WHERE state IN ('click_unknown', 'refused') AND time < now() - interval '30 days')sql";
constexpr const char* kForgetChanges = R"sql(
  DELETE FROM events.attribution_changes
  WHERE id = ANY (ARRAY(
    SELECT id FROM events.attribution_changes
    WHERE time < ((now() AT TIME ZONE 'UTC')::date - $1 - 1)::timestamp AT TIME ZONE 'UTC'
    LIMIT 10000)))sql";

constexpr const char* kQueuedErrors = R"sql(
  SELECT id FROM events.ingestion_errors WHERE state = 'queued' ORDER BY id LIMIT 1000)sql";

constexpr const char* kQueuedPostbacks =
    "SELECT EXISTS (SELECT FROM events.postback_redrives WHERE state = 'queued' AND event IS NOT NULL)";

constexpr std::uint64_t kHoldsEveryMs = 10'000;
constexpr const char* kQueuedDecisions =
    "SELECT EXISTS (SELECT FROM events.conversion_decisions WHERE state = 'queued')";

class Maintenance {
 public:
  Maintenance(const IngestorSettings& settings, Counters& counters)
      : settings_(settings), counters_(counters), connection_(options(settings)) {}

  void once() {
    attempt("partitions", [&] { keep_partitions(); });
    attempt("conversions", [&] { attribute_conversions(); });
    attempt("events of advertisers", [&] { decide_waiting_events(); });
    attempt("waiting postbacks", [&] { store_waiting(); });
    attempt("rollups", [&] { counters_.folded += fold_rollups(connection_); });
    attempt("visits", [&] { summarize_visits(); });
    attempt("dead letters", [&] { store_queued(); });
    attempt("quarantined postbacks", [&] { fold_in_redriven(); });
    attempt("re-attributions", [&] { attribute_again(); });
    attempt("decided statuses", [&] { decide(); });
    attempt("hold rules", [&] { end_due_holds(); });
    attempt("commissions", [&] { settle_moved_events(connection_); });
  }

 private:
  // What PostgreSQL refuses of one task, or does not end in time, holds up no other.
  template <typename Task>
  void attempt(const char* what, Task task) {
    try {
      task();
    } catch (const PostgresError& error) {
      if (error.failure() == PostgresFailure::connection) throw;
      report(what, error);
    } catch (const std::exception& error) {
      report(what, error);
    }
  }

  void report(const char* what, const std::exception& error) {
    ++counters_.maintenance_failures;
    log::warning("a part of the maintenance failed", {{"part", what}, {"error", error.what()}});
  }

  void attribute_conversions() {
    const SweepResult swept = sweep_conversions(connection_);
    counters_.attributed += swept.attributed;
    counters_.unattributed += swept.unattributed;
  }

  void keep_partitions() {
    const std::uint64_t now_ms = wall_clock_ms();
    if (now_ms < next_partitions_ms_) return;
    make_partitions();
    const bool all_dropped = drop_partitions();
    next_partitions_ms_ = now_ms + (all_dropped ? kPartitionsEveryMs : kDropAgainMs);
  }

  // One transaction per day: a batch that needs a day now waits for one day at most.
  void make_partitions() {
    for (int day = -1; day <= kDaysAhead; ++day) {
      connection_.execute("SELECT events.ensure_partition((now() AT TIME ZONE 'UTC')::date + $1)", Params().int4(day));
    }
  }

  // One transaction per table, which gives up when a report reads it: waiting would hold up every batch. False: later.
  bool drop_partitions() {
    Params days;
    days.int4(static_cast<std::int32_t>(settings_.retention_days));
    try {
      while (!connection_.execute(kDropOldest, days).is_null(0, 0)) continue;
    } catch (const PostgresError& error) {
      if (error.sqlstate() != kLockNotAvailable) throw;
      log::info("an old partition is in use, dropping it later");
      return false;
    }
    while (connection_.execute(kForgetKeys, days).integer(0, 0) != 0) continue;
    while (connection_.execute(kForgetTouches).integer(0, 0) != 0) continue;
    while (connection_.execute(kForgetChanges, days).affected() != 0) continue;
    connection_.execute(kForgetUnknownEvents);
    while (connection_.execute(kForgetOutbox, days).integer(0, 0) != 0) continue;
    return true;
  }

  void summarize_visits() {
    const std::uint64_t now_ms = wall_clock_ms();
    if (now_ms < next_visits_ms_) return;
    connection_.execute(kSummarizeVisits);
    next_visits_ms_ = now_ms + kVisitsEveryMs;
  }

  void decide_waiting_events() {
    counters_.events_decided_again += sweep_customer_events(connection_).changed;
    counters_.events_waiting = connection_.execute(kEventsWaiting).integer(0, 0);
  }

  // Postbacks whose click was not stored yet when they came.
  void store_waiting() {
    if (!any_waiting_postback_is_due(connection_)) return;
    Connection connection(settings_.connection("waiting postbacks"));
    BatchWriter writer(connection, "waiting postbacks");
    for (int i = 0; i < kMaxWaitingRounds && writer.store_waiting(); ++i) continue;
    connection_.execute(kForgetUnknown);
  }

  // Dead letters that somebody wants to be tried again.
  void store_queued() {
    const QueryResult queued = connection_.execute(kQueuedErrors);
    if (queued.rows() == 0) return;
    Redrive redrive(settings_);
    int refused = 0;
    for (int row = 0; row < queued.rows(); ++row) refused += redrive.store(queued.integer(row, 0)).empty() ? 0 : 1;
    log::info("dead letters were tried again", {{"tried", queued.rows()}, {"refused", refused}});
  }

  // Quarantined postbacks that count now.
  void fold_in_redriven() {
    if (!connection_.execute(kQueuedPostbacks).boolean(0, 0)) return;
    const auto [stored, refused] = PostbackRedrive(settings_).store_queued();
    log::info("quarantined postbacks were redriven", {{"stored", stored}, {"refused", refused}});
  }

  // Past periods, by the present rules.
  void attribute_again() {
    if (any_reattribution_is_open(connection_)) Reattributions(settings_).work();
  }

  // Queues the statuses that hold rules are due to set.
  void end_due_holds() {
    const std::uint64_t now_ms = wall_clock_ms();
    if (now_ms < next_holds_ms_) return;
    next_holds_ms_ = now_ms + kHoldsEveryMs;
    end_holds(connection_);
  }

  // Statuses that a hold rule or somebody by hand has set.
  void decide() {
    if (!connection_.execute(kQueuedDecisions).boolean(0, 0)) return;
    log::info("statuses were decided", {{"stored", Decisions(settings_).store_queued()}});
  }

  const IngestorSettings& settings_;
  Counters& counters_;
  Connection connection_;
  std::uint64_t next_holds_ms_ = 0;
  std::uint64_t next_partitions_ms_ = 0;
  std::uint64_t next_visits_ms_ = 0;
};

}  // namespace

std::uint64_t fold_rollups(Connection& connection) {
  std::uint64_t folded = 0;
  for (int i = 0; i < kMaxFoldsInARow; ++i) {
    const std::int64_t rows = connection.execute("SELECT events.fold_rollups()").integer(0, 0);
    if (rows <= 0) break;  // nothing left, or somebody else folds
    folded += static_cast<std::uint64_t>(rows);
  }
  return folded;
}

void run_maintenance(const IngestorSettings& settings, Counters& counters, Stop& stop) {
  std::unique_ptr<Maintenance> maintenance;
  do {
    try {
      if (!maintenance) maintenance = std::make_unique<Maintenance>(settings, counters);
      maintenance->once();
    } catch (const std::exception& error) {
      maintenance.reset();
      ++counters.maintenance_failures;
      log::warning("maintenance failed, trying again", {{"error", error.what()}});
    }
  } while (!stop.wait_for(kEvery));
}

}  // namespace tributary::ingest
