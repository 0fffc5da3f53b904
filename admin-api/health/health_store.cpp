#include "admin-api/health/health_store.h"

#include "admin-api/db/scoped_transaction.h"

namespace tributary::admin {
namespace {

// An interval that was made shorter counts from the last check.
constexpr const char* kReadDue = R"sql(
SELECT d.id, coalesce(d.health_url, d.url), d.health_method, lower(d.health_expected), upper(d.health_expected) - 1,
       d.health_timeout_ms, d.health_interval_s, d.failures_before_down, d.successes_before_up,
       d.health_check AND d.state = 'active'
FROM config.destinations AS d LEFT JOIN config.destination_health AS h ON h.destination_id = d.id
WHERE d.state <> 'deleted'
  AND (h.requested
       OR d.health_check AND d.state = 'active'
          AND coalesce(least(h.next_at, h.checked_at + d.health_interval_s * interval '1.1 second') <= now(), true))
ORDER BY coalesce(h.requested, false) DESC, h.next_at NULLS FIRST, d.id
LIMIT $1)sql";

constexpr const char* kLockState = R"sql(
SELECT healthy, failures, successes, requested, checked_at IS NULL
FROM config.destination_health WHERE destination_id = $1 FOR UPDATE)sql";

constexpr const char* kWriteState = R"sql(
UPDATE config.destination_health SET
  since = CASE WHEN healthy <> $2 THEN now() ELSE since END,
  healthy = $2, failures = $3, successes = $4, checked_at = now(), requested = false,
  next_at = now() + $5::bigint * interval '1 millisecond',
  last_status = $6::smallint, last_duration_ms = $7::integer, last_error = left($8, 500)
WHERE destination_id = $1)sql";

// Of checks that tell nothing new, one in ten minutes.
constexpr const char* kWriteHistory = R"sql(
INSERT INTO events.health_checks (team, destination, healthy, changed, manual, status, duration_ms, error)
SELECT d.team_id, d.id, $2, $3, $4, $6::smallint, $7::integer, left($8, 500)
FROM config.destinations AS d
WHERE d.id = $1
  AND ($5 OR NOT EXISTS (SELECT FROM events.health_checks AS c
                         WHERE c.destination = d.id AND c.time > now() - interval '10 minutes')))sql";

void add_result(Params& params, const CheckResult& result) {
  add_optional(params, result.status == 0 ? std::nullopt : std::optional(std::to_string(result.status)));
  params.untyped(std::to_string(result.took.count()));
  if (result.error.empty()) {
    params.null();
  } else {
    params.text(result.error);
  }
}

}  // namespace

std::vector<HealthTarget> read_due_targets(ConnectionPool& pool, int limit) {
  ScopedTransaction transaction(pool, kSystemScope, TransactionKind::read_only);
  const auto rows = transaction.execute(kReadDue, Params().int4(limit));
  std::vector<HealthTarget> targets;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto number = [&](int column) { return static_cast<int>(rows.integer(row, column)); };
    targets.push_back({.destination = number(0),
                       .url = std::string(rows.text(row, 1)),
                       .method = std::string(rows.text(row, 2)),
                       .expected_from = number(3),
                       .expected_to = number(4),
                       .timeout = std::chrono::milliseconds(number(5)),
                       .interval = std::chrono::seconds(number(6)),
                       .rules = {number(7), number(8)},
                       .monitored = rows.boolean(row, 9)});
  }
  return targets;
}

bool store_check(ConnectionPool& pool, const HealthTarget& target, const CheckResult& result,
                 std::chrono::milliseconds next_in) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute(
      "INSERT INTO config.destination_health (destination_id) SELECT id FROM config.destinations WHERE id = $1"
      " ON CONFLICT DO NOTHING",
      Params().int4(target.destination));
  const auto rows = transaction.execute(kLockState, Params().int4(target.destination));
  if (rows.rows() == 0) return false;  // removed since
  const HealthState before{rows.boolean(0, 0), static_cast<int>(rows.integer(0, 1)),
                           static_cast<int>(rows.integer(0, 2))};
  const bool manual = rows.boolean(0, 3);
  const bool first = rows.boolean(0, 4);
  const auto now = target.monitored ? before.after(result.passed, target.rules) : before;
  const bool changed = now.healthy != before.healthy;
  const bool turned = result.passed ? before.failures > 0 : before.failures == 0;

  Params state;
  state.int4(target.destination).boolean(now.healthy).int4(now.failures).int4(now.successes).int8(next_in.count());
  add_result(state, result);
  transaction.execute(kWriteState, state);
  Params history;
  history.int4(target.destination).boolean(result.passed).boolean(changed).boolean(manual);
  history.boolean(changed || manual || first || turned);
  add_result(history, result);
  transaction.execute(kWriteHistory, history);
  transaction.commit();
  return changed;
}

void drop_old_checks(ConnectionPool& pool, int keep_days) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute("DELETE FROM events.health_checks WHERE time < now() - $1 * interval '1 day'",
                      Params().int4(keep_days));
  transaction.commit();
}

}  // namespace tributary::admin
