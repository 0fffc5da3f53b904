#include "ingestor/conversion/sweeper.h"

#include <set>
#include <vector>

#include "ingestor/commission/settlement.h"
#include "ingestor/outbound/enqueue.h"
#include "platform/postgres/transaction.h"

namespace tributary::ingest {
namespace {

constexpr int kMaxRounds = 20;  // of a thousand conversions each; the next sweep goes on

// Over a lander, the click itself names no destination: it is that of the last link that was followed before. Its row
// may come later than the postback, so it is waited for; not for ever, because pages can report conversions without
// one.
constexpr const char* kSweep = R"sql(
  WITH due AS (
    SELECT key_owner, key_kind, key_event, key_subject, click, click_time, first_received_at, attempts
    FROM events.conversions
    WHERE attribution = 'awaiting_click' AND next_attempt_at <= now()
    ORDER BY next_attempt_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
  ), judged AS (
    SELECT due.*, found.*,
      CASE
        WHEN found.click_id IS NOT NULL AND found.complete THEN 'attributed'
        WHEN due.first_received_at < now() - interval '24 hours' THEN 'unattributed'
        ELSE 'awaiting_click'
      END AS verdict
    FROM due
    LEFT JOIN LATERAL (
      SELECT c.id AS click_id, c.stream, coalesce(sent.destination, c.destination) AS destination, c.source, c.link,
        c.number, c.affiliate,
        c.lander = 0 OR sent.destination IS NOT NULL OR due.first_received_at < now() - interval '5 minutes' AS complete
      FROM events.clicks c
      LEFT JOIN LATERAL (
        SELECT l.destination
        FROM events.lander_clicks l
        WHERE c.lander <> 0 AND l.click = c.id AND l.destination <> 0
          AND l.time >= c.time AND l.time <= due.first_received_at
        ORDER BY l.id DESC
        LIMIT 1
      ) sent ON true
      WHERE c.id = due.click AND c.time = due.click_time
      LIMIT 1
    ) found ON true
  ), changed AS (
    UPDATE events.conversions c SET
      stream = coalesce(j.stream, c.stream),
      destination = coalesce(j.destination, c.destination),
      source = coalesce(j.source, c.source),
      link = coalesce(j.link, c.link),
      number = coalesce(j.number, c.number),
      affiliate = coalesce(nullif(j.affiliate, 0), c.affiliate),
      attribution = j.verdict,
      attempts = c.attempts + 1,
      next_attempt_at = CASE WHEN j.verdict = 'awaiting_click' THEN events.look_again(c.attempts) END
    FROM judged j
    WHERE c.key_owner = j.key_owner AND c.key_kind = j.key_kind AND c.key_event = j.key_event
      AND c.key_subject = j.key_subject
    RETURNING c.id, c.attribution, c.batch, c.status, c.team
  ), remembered AS (
    INSERT INTO events.conversion_history (conversion, time, batch, change, old_status, new_status, team)
    SELECT id, now(), batch, attribution, status, status, team FROM changed WHERE attribution <> 'awaiting_click'
  )
  SELECT id, attribution, team FROM changed)sql";

// One round; returns how many were looked at.
int sweep_some(Connection& connection, SweepResult& total) {
  Transaction transaction(connection);
  const std::set<TeamId> teams = teams_with_templates(connection);
  const QueryResult rows = connection.execute(kSweep);
  std::vector<std::int64_t> settled;
  Settlement settlement(connection);
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string_view attribution = rows.text(row, 1);
    total.attributed += attribution == "attributed" ? 1 : 0;
    total.unattributed += attribution == "unattributed" ? 1 : 0;
    if (attribution == "awaiting_click") continue;
    if (teams.contains(rows.uuid(row, 2))) settled.push_back(rows.integer(row, 0));
    settlement.add_commission(rows.integer(row, 0), rows.uuid(row, 2), 0);
  }
  enqueue_postbacks(connection, settled);
  settlement.settle();
  transaction.commit();
  return rows.rows();
}

}  // namespace

SweepResult sweep_conversions(Connection& connection) {
  SweepResult total;
  for (int round = 0; round < kMaxRounds; ++round) {
    if (sweep_some(connection, total) == 0) break;
  }
  return total;
}

}  // namespace tributary::ingest
