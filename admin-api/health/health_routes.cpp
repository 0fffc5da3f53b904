#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/health/health_checker.h"
#include "admin-api/text/formats.h"

// What the checks of a destination say (A27, A43), and one more check now (A29).
namespace tributary::admin {
namespace {

constexpr const char* kCurrent = R"sql(
SELECT json_build_object(
  'destination_id', d.id, 'monitored', d.health_check AND d.state = 'active',
  'healthy', coalesce(h.healthy, true), 'since', config.utc_text(h.since),
  'checked_at', config.utc_text(h.checked_at), 'next_at', config.utc_text(h.next_at),
  'requested', coalesce(h.requested, false),
  'failures', coalesce(h.failures, 0), 'successes', coalesce(h.successes, 0),
  'last_status', h.last_status, 'last_duration_ms', h.last_duration_ms, 'last_error', h.last_error)::text
FROM config.destinations AS d LEFT JOIN config.destination_health AS h ON h.destination_id = d.id
WHERE d.id = $2::integer AND d.state <> 'deleted' AND ($1::uuid IS NULL OR d.team_id = $1::uuid))sql";

// The current health as JSON. Throws 404 unless the destination is one of the caller's.
std::string current_health(Context& context, ScopedTransaction& transaction) {
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  Params params;
  add_optional(params, own_team(context.principal));
  const auto rows = transaction.execute(kCurrent, params.untyped(id));
  if (rows.rows() == 0) throw not_found();
  return std::string(rows.text(0, 0));
}

http::Response show(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  return http::json_response(200, current_health(context, transaction));
}

http::Response history(Context& context) {
  {
    ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
    current_health(context, transaction);
  }
  return list_events(context, {.select = R"sql(json_build_object(
  'id', t.id, 'time', config.utc_text(t.time), 'passed', t.healthy, 'changed', t.changed, 'manual', t.manual,
  'status', t.status, 'duration_ms', t.duration_ms, 'error', t.error))sql",
                               .from = "events.health_checks",
                               .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                               .filters = {{"changed"}},
                               .parent = "destination"});
}

http::Response check(Context& context) {
  auto response = mutate(context, [&](ScopedTransaction& transaction) {
    current_health(context, transaction);
    const auto& id = context.path.front();
    transaction.execute(
        "INSERT INTO config.destination_health AS h (destination_id, requested) VALUES ($1::integer, true)"
        " ON CONFLICT (destination_id) DO UPDATE SET requested = true",
        Params().untyped(id));
    write_audit(transaction, context, {"check", "destination", id, std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"destination_id":)" + id + R"(,"requested":true})"), std::nullopt};
  });
  context.services.health.notify();
  return response;
}

}  // namespace

void add_health_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/destinations/{id}/health", Access::team, show});
  routes.push_back({"GET", "/api/v1/destinations/{id}/health/history", Access::team, history});
  routes.push_back({"POST", "/api/v1/destinations/{id}/health/check", Access::team, check});
}

}  // namespace tributary::admin
