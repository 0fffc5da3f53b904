#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/text/formats.h"

// How much of its caps a destination has used, and which caps were reached.
namespace tributary::admin {
namespace {

constexpr const char* kCaps = R"sql(
SELECT json_build_object('data', coalesce(
  (SELECT json_agg(json_build_object(
     'measure', c.measure, 'period', c.period, 'amount', trim_scale(c.amount)::text, 'currency', c.currency,
     'time_zone', c.time_zone, 'hard', c.hard, 'per', c.per, 'value', u.value, 'used', trim_scale(coalesce(u.amount, 0))::text,
     'window_start', config.utc_text(nullif(w.starts_at, '-infinity')),
     'reached', coalesce(u.amount, 0) >= c.amount, 'counted_at', config.utc_text(u.counted_at)) ORDER BY c.id)
   FROM config.destination_caps AS c
   CROSS JOIN LATERAL config.cap_window(c.period, c.time_zone, now()) AS w (starts_at)
   LEFT JOIN events.cap_usage AS u ON u.slot = c.slot AND u.starts_at = w.starts_at
   WHERE c.destination_id = d.id), '[]'))::text
FROM config.destinations AS d
WHERE d.id = $2::integer AND d.state <> 'deleted' AND ($1::uuid IS NULL OR d.team_id = $1::uuid))sql";

http::Response caps(Context& context) {
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  Params params;
  add_optional(params, own_team(context.principal));
  const auto rows = transaction.execute(kCaps, params.untyped(id));
  if (rows.rows() == 0) throw not_found();
  return http::json_response(200, std::string(rows.text(0, 0)));
}

http::Response alerts(Context& context) {
  return list_events(context, {.select = R"sql(json_build_object(
  'id', t.id, 'destination_id', t.destination, 'measure', t.measure, 'period', t.period, 'time_zone', t.time_zone,
  'currency', t.currency, 'hard', t.hard, 'per', t.per, 'value', t.value, 'amount', trim_scale(t.cap)::text,
  'used', trim_scale(t.amount)::text,
  'window_start', config.utc_text(nullif(t.starts_at, '-infinity')), 'reached_at', config.utc_text(t.reached_at)))sql",
                               .from = "(SELECT u.*, u.destination AS destination_id FROM events.cap_usage AS u)",
                               .condition = "($1::uuid IS NULL OR t.team = $1::uuid) AND t.reached_at IS NOT NULL",
                               .filters = {{"destination_id"}}});
}

}  // namespace

void add_cap_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/destinations/{id}/caps", Access::team, caps});
  routes.push_back({"GET", "/api/v1/cap-alerts", Access::team, alerts});
}

}  // namespace tributary::admin
