#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/outbound/outbound_routes.h"
#include "admin-api/text/formats.h"

// Outbound postbacks: what is queued, sent or given up, every attempt; send again, end a pause (A67).
namespace tributary::admin {
namespace {

const EventList kOutbox{.select = R"sql(json_build_object(
  'id', t.id, 'outbound_template_id', t.template, 'conversion_id', t.conversion,
  'status', t.payload ->> 'status', 'values', t.payload, 'state', t.state, 'attempts', t.attempts,
  'next_at', CASE WHEN t.state = 'queued' THEN config.utc_text(t.next_at) END,
  'created_at', config.utc_text(t.created_at), 'finished_at', config.utc_text(t.finished_at)))sql",
                        .from = "events.outbox",
                        .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                        .filters = {{"state"},
                                    {.argument = "outbound_template_id", .column = "template", .number = true},
                                    {.argument = "conversion_id", .column = "conversion", .number = true}}};

// Throws 404 unless the entry that the path names is one of the caller's; returns its template.
std::string require_entry(Context& context, ScopedTransaction& transaction) {
  if (!is_number(context.path.front(), 18)) throw not_found();
  Params params;
  params.untyped(context.path.front());
  add_optional(params, own_team(context.principal));
  const auto found = transaction.execute(
      "SELECT template FROM events.outbox WHERE id = $1::bigint AND ($2::uuid IS NULL OR team = $2::uuid)", params);
  if (found.rows() == 0) throw not_found();
  return std::string(found.text(0, 0));
}

http::Response attempts(Context& context) {
  {
    ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
    require_entry(context, transaction);
  }
  return list_events(context, {.select = R"sql(json_build_object(
  'id', t.id, 'started_at', config.utc_text(t.started_at), 'duration_ms', t.duration_ms, 'url', t.url, 'body', t.body,
  'status', t.status, 'answer', t.answer, 'error', t.error))sql",
                               .from = "events.outbox_attempts",
                               .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                               .parent = "outbox"});
}

// The ladder begins anew. A sender that has the entry in hand has it once more afterwards.
constexpr const char* kResend = R"sql(
UPDATE events.outbox
SET state = 'queued', attempts = 0, next_at = now(), finished_at = NULL, leased_to = NULL, lease_until = NULL
WHERE id = $1::bigint)sql";

http::Response resend(Context& context) {
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto template_id = require_entry(context, transaction);
    const auto& id = context.path.front();
    const auto kept =
        transaction.execute("SELECT FROM config.outbound_templates WHERE id = $1::integer AND state <> 'deleted'",
                            Params().untyped(template_id));
    if (kept.rows() == 0) throw conflict("its template was deleted");
    transaction.execute(kResend, Params().untyped(id));
    write_audit(transaction, context, {"resend", "outbox_entry", id, std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"state":"queued"})"), std::nullopt};
  });
}

constexpr const char* kResume = R"sql(
UPDATE events.known_outbound_templates AS k
SET failures = 0, paused_until = NULL, paused_reason = NULL
FROM config.outbound_templates AS t
WHERE t.id = $1::integer AND t.state <> 'deleted' AND k.template = t.id AND ($2::uuid IS NULL OR t.team_id = $2::uuid))sql";

http::Response resume(Context& context) {
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    Params params;
    params.untyped(id);
    add_optional(params, own_team(context.principal));
    if (transaction.execute(kResume, params).affected() == 0) throw not_found();
    write_audit(transaction, context, {"resume", "outbound_template", id, std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"paused_until":null})"), std::nullopt};
  });
}

}  // namespace

void add_outbox_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/outbox", Access::team, [](Context& c) { return list_events(c, kOutbox); }});
  routes.push_back({"GET", "/api/v1/outbox/{id}/attempts", Access::team, attempts});
  routes.push_back({"POST", "/api/v1/outbox/{id}/resend", Access::team, resend});
  routes.push_back({"POST", "/api/v1/outbound-templates/{id}/resume", Access::team, resume});
}

}  // namespace tributary::admin
