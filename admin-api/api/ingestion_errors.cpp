#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/text/formats.h"

// Dead letters of ingestion: read them, ask for another try (A28). The ingestor picks up what is queued.
namespace tributary::admin {
namespace {

const EventList kErrors{.select = R"sql(json_build_object(
  'id', t.id, 'happened_at', config.utc_text(t.happened_at),
  'journal', t.journal, 'position', t.position, 'kind', t.kind, 'reason', t.reason, 'detail', t.detail,
  'state', t.state, 'attempts', t.attempts, 'last_error', t.last_error, 'size', octet_length(t.bytes)))sql",
                        .from = "events.ingestion_errors",
                        .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                        .filters = {{"state"}}};

http::Response redrive(Context& context) {
  const auto& id = context.path.front();
  if (!is_number(id, 18)) throw not_found();
  return mutate(context, [&](ScopedTransaction& transaction) {
    Params params;
    params.untyped(id);
    add_optional(params, own_team(context.principal));
    const auto found = transaction.execute(
        "SELECT state, kind FROM events.ingestion_errors"
        " WHERE id = $1::bigint AND ($2::uuid IS NULL OR team = $2::uuid)",
        params);
    if (found.rows() == 0) throw not_found();
    if (found.text(0, 1) == "damaged") throw conflict("bytes that are damaged cannot be stored: see the incident");
    const auto queued = transaction.execute(
        "UPDATE events.ingestion_errors SET state = 'queued' WHERE id = $1::bigint AND state IN ('open', 'dismissed')",
        Params().untyped(id));
    if (queued.affected() == 0 && found.text(0, 0) == "redriven") throw conflict("the record was stored already");
    write_audit(transaction, context, {"redrive", "ingestion_error", id, std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"state":"queued"})"), std::nullopt};
  });
}

}  // namespace

void add_ingestion_error_routes(Routes& routes) {
  routes.push_back(
      {"GET", "/api/v1/ingestion-errors", Access::team, [](Context& c) { return list_events(c, kErrors); }});
  routes.push_back({"POST", "/api/v1/ingestion-errors/{id}/redrive", Access::team, redrive});
}

}  // namespace tributary::admin
