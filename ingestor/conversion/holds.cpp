#include "ingestor/conversion/holds.h"

namespace tributary::ingest {
namespace {

// So many at a time that the first rule of a network with many old leads does not end at a time limit.
// Of the rules of a network the first that fits a lead is its rule; a rule with an amount fits none that has no amount.
constexpr const char* kEndHolds = R"sql(
  WITH rules AS (
    SELECT n.network, r.place, (r.rule->>'days')::integer AS days, (r.rule->>'destination_id')::integer AS destination,
      (r.rule->>'min_amount')::numeric AS least, (r.rule->>'max_amount')::numeric AS most,
      CASE r.rule->>'status' WHEN 'rejected' THEN 3 ELSE 2 END AS status,
      min((r.rule->>'days')::integer) OVER (PARTITION BY n.network) AS soonest
    FROM events.known_networks n
    CROSS JOIN LATERAL jsonb_array_elements(n.hold_rules) WITH ORDINALITY AS r (rule, place)
  ), held AS (
    SELECT DISTINCT ON (c.key_owner, c.key_kind, c.key_event, c.key_subject)
      c.key_owner, c.key_kind, c.key_event, c.key_subject, c.team, c.first_received_at, r.days, r.status
    FROM rules r
    JOIN events.conversions c ON c.network = r.network AND c.status = 1
      AND (r.destination IS NULL OR c.destination = r.destination)
      AND (r.least IS NULL OR coalesce(c.revenue, c.payout) >= r.least)
      AND (r.most IS NULL OR coalesce(c.revenue, c.payout) <= r.most)
    WHERE c.first_received_at <= now() - r.soonest * interval '1 day'
      AND NOT EXISTS (
        SELECT FROM events.conversion_decisions d
        WHERE d.by_rule AND (d.key_owner, d.key_kind, d.key_event, d.key_subject)
          = (c.key_owner, c.key_kind, c.key_event, c.key_subject))
    ORDER BY c.key_owner, c.key_kind, c.key_event, c.key_subject, r.place
  )
  INSERT INTO events.conversion_decisions (team, key_owner, key_kind, key_event, key_subject, status, by_rule, note)
  SELECT team, key_owner, key_kind, key_event, key_subject, status, true, format('hold rule: %s days', days)
  FROM held
  WHERE first_received_at <= now() - days * interval '1 day'
  LIMIT 10000
  ON CONFLICT DO NOTHING)sql";

}  // namespace

std::uint64_t end_holds(Connection& connection) {
  return static_cast<std::uint64_t>(connection.execute(kEndHolds).affected());
}

}  // namespace tributary::ingest
