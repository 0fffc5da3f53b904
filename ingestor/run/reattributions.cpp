#include "ingestor/run/reattributions.h"

#include "core/base/clock.h"
#include "core/click_id/click_uuid.h"
#include "ingestor/customer_event/decide_again.h"
#include "ingestor/store/crash_point.h"
#include "platform/log/log.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

constexpr int kMaxPages = 20;                   // of a thousand events each, in one call of work()
constexpr std::int64_t kMaxEvents = 1'000'000;  // of one run: applying it is one transaction

constexpr const char* kTake = R"sql(
  SELECT id, team, coalesce(advertiser, 0), coalesce(campaign, 0), (extract(epoch FROM since) * 1000000)::bigint,
    (extract(epoch FROM until) * 1000000)::bigint, total IS NOT NULL, next_advertiser,
    (extract(epoch FROM greatest(next_time, since)) * 1000000)::bigint, next_event
  FROM events.reattributions
  WHERE state = $1
  ORDER BY refusals, id
  LIMIT 1
  FOR UPDATE SKIP LOCKED)sql";

constexpr const char* kBegin = R"sql(
  UPDATE events.reattributions SET total = $2, state = CASE WHEN $2 > $3 THEN 'failed' ELSE state END,
    last_error = CASE WHEN $2 > $3 THEN format('%s events: ask for a shorter period of at most %s', $2, $3) END
  WHERE id = $1)sql";

constexpr const char* kProgress = R"sql(
  UPDATE events.reattributions SET looked_at = looked_at + $2, kept = kept + $3, next_advertiser = $4, next_time = $5,
    next_event = $6
  WHERE id = $1)sql";

constexpr const char* kReady = R"sql(
  UPDATE events.reattributions SET state = 'ready', ready_at = now(), refusals = 0, last_error = NULL
  WHERE id = $1)sql";

// After a rollback another process may have taken it and come to its own end.
constexpr const char* kFinish = R"sql(
  UPDATE events.reattributions SET state = $3, finished_at = now(), last_error = nullif($4, '')
  WHERE id = $1 AND state = $2)sql";

// What is refused five times will be refused for ever.
constexpr const char* kRefuse = R"sql(
  UPDATE events.reattributions SET
    refusals = refusals + 1,
    last_error = $3,
    state = CASE WHEN refusals >= 4 THEN 'failed' ELSE state END,
    finished_at = CASE WHEN refusals >= 4 THEN now() END
  WHERE id = $1 AND state = $2)sql";

constexpr const char* kFingerprint = R"sql(
  SELECT format('%s %s', count(*), sum(hashtextextended((event_id, old, new)::text, 0)::numeric))
  FROM events.attribution_changes
  WHERE reattribution = $1)sql";

constexpr const char* kForget = "DELETE FROM events.attribution_changes WHERE reattribution = $1";

constexpr const char* kIds = "SELECT id FROM events.attribution_changes WHERE reattribution = $1";

constexpr const char* kMarkApplied =
    "UPDATE events.attribution_changes SET applied_at = now() WHERE reattribution = $1";

// What had been refused is decided now.
constexpr const char* kForgetRefused = R"sql(
  DELETE FROM events.waiting_customer_events AS w
  USING events.attribution_changes AS c
  WHERE c.reattribution = $1 AND w.event_id = c.event_id AND w.state = 'refused')sql";

constexpr const char* kOutdated = "the data or the rules have changed since: ask for it again";

EventKey key_at(const QueryResult& rows, int column) {
  const ClickIdentity event = click_identity(rows.uuid(0, column + 2));
  return {static_cast<std::uint32_t>(rows.integer(0, column)), rows.integer(0, column + 1), event.high, event.low};
}

class Outdated {};

}  // namespace

struct Reattributions::Run {
  std::int64_t id = 0;
  EventPeriod period;
  std::int32_t campaign = 0;
  bool begun = false;
  EventKey last;
};

Reattributions::Reattributions(const IngestorSettings& settings)
    : connection_(settings.connection("re-attribution")),
      clicks_since_us_(static_cast<std::int64_t>(wall_clock_ms()) * 1000 -
                       static_cast<std::int64_t>(settings.retention_days) * 86'400 * 1'000'000) {}

void Reattributions::work() {
  while (drop_one()) continue;
  while (apply_one()) continue;
  for (int page = 0; page < kMaxPages && compute_some(); ++page) continue;
}

std::optional<Reattributions::Run> Reattributions::take(const char* state) {
  const QueryResult rows = connection_.execute(kTake, Params().text(state));
  if (rows.rows() == 0) return std::nullopt;
  connection_.run_script(kOnlyIndexes);
  return Run{.id = rows.integer(0, 0),
             .period = {rows.uuid(0, 1), static_cast<std::int32_t>(rows.integer(0, 2)), rows.integer(0, 4),
                        rows.integer(0, 5)},
             .campaign = static_cast<std::int32_t>(rows.integer(0, 3)),
             .begun = rows.boolean(0, 6),
             .last = key_at(rows, 7)};
}

Reattributions::Page Reattributions::compute(const Run& run, const EventKey& last) {
  const std::vector<CustomerFact> facts = read_events(connection_, run.period, last);
  if (facts.empty()) return {};
  const std::vector<Decided> decided = decide_again(connection_, facts, clicks_since_us_);
  record_changes(connection_, decided, run.id, run.campaign);
  return {key_of(facts.back()), facts.size(), facts.size() - decided.size()};
}

bool Reattributions::finish(std::int64_t id, const char* from, const char* to, const char* error) {
  return connection_.execute(kFinish, Params().int8(id).text(from).text(to).text(error)).affected() == 1;
}

template <typename Work>
bool Reattributions::step(const char* state, Work work) {
  std::optional<Run> run;
  std::string reason;
  try {
    Transaction transaction(connection_);
    run = take(state);
    if (!run) return false;
    const bool done = work(*run);
    if (done) transaction.commit();
    return done;
  } catch (const Outdated&) {
    return finish(run->id, state, "outdated", kOutdated);
  } catch (const PostgresError& error) {
    if (error.retryable() || !run) throw;
    reason = error.what();
  }
  log::warning("PostgreSQL refuses a re-attribution", {{"reattribution", run->id}, {"error", reason}});
  connection_.execute(kRefuse, Params().int8(run->id).text(state).text(reason));
  return false;
}

bool Reattributions::compute_some() {
  return step("queued", [this](const Run& run) {
    if (!run.begun) {
      const std::int64_t total = count_events(connection_, run.period);
      connection_.execute(kBegin, Params().int8(run.id).int8(total).int8(kMaxEvents));
    } else if (const Page page = compute(run, run.last); page.events != 0) {
      Params params;
      params.int8(run.id).int8(static_cast<std::int64_t>(page.events)).int8(static_cast<std::int64_t>(page.kept));
      params.int4(static_cast<std::int32_t>(page.last.advertiser)).timestamptz(page.last.time_us);
      connection_.execute(kProgress, params.uuid(click_uuid({page.last.high, page.last.low})));
    } else {
      connection_.execute(kReady, Params().int8(run.id));
    }
    return true;
  });
}

// Computed once more, which must give the same; then what is stored must still be what it was.
void Reattributions::apply(const Run& run) {
  Params id;
  id.int8(run.id);
  const std::string shown(connection_.execute(kFingerprint, id).text(0, 0));
  connection_.execute(kForget, id);
  EventKey last{.advertiser = 0, .time_us = run.period.since_us};
  for (Page page = compute(run, last); page.events != 0; page = compute(run, last)) last = page.last;
  if (connection_.execute(kFingerprint, id).text(0, 0) != shown) throw Outdated();
  const QueryResult rows = connection_.execute(kIds, id);
  std::vector<std::int64_t> changes;
  for (int row = 0; row < rows.rows(); ++row) changes.push_back(rows.integer(row, 0));
  if (apply_changes(connection_, changes) != changes.size()) throw Outdated();
  connection_.execute(kMarkApplied, id);
  connection_.execute(kForgetRefused, id);
}

bool Reattributions::apply_one() {
  std::int64_t applied = 0;
  const bool done = step("applying", [&](const Run& run) {
    apply(run);
    if (!finish(run.id, "applying", "applied", "")) return false;
    crash_point("reattribution_applied");
    applied = run.id;
    return true;
  });
  if (done && applied != 0) log::info("a period was attributed again", {{"reattribution", applied}});
  return done;
}

bool Reattributions::drop_one() {
  return step("dropping", [this](const Run& run) {
    connection_.execute(kForget, Params().int8(run.id));
    return finish(run.id, "dropping", "dropped", "");
  });
}

bool any_reattribution_is_open(Connection& connection) {
  return connection
      .execute("SELECT EXISTS (SELECT FROM events.reattributions WHERE state IN ('queued', 'applying', 'dropping'))")
      .boolean(0, 0);
}

}  // namespace tributary::ingest
