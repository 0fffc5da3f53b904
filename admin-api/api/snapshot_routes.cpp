#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/mutation.h"
#include "admin-api/api/route.h"
#include "admin-api/snapshot/pusher.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

// Lag: generations between what an edge acknowledged and the newest; null while it never acknowledged.
constexpr const char* kStatus = R"sql(
SELECT json_build_object(
  'epoch', g.epoch, 'counter', g.counter,
  'changed_at', config.utc_text(g.changed_at),
  'edges', coalesce((
    SELECT json_agg(json_build_object(
      'number', e.number, 'name', e.name, 'state', e.state,
      'epoch', s.pushed_epoch, 'counter', s.pushed_counter,
      'acknowledged_epoch', s.acknowledged_epoch, 'acknowledged_counter', s.acknowledged_counter,
      'acknowledged', coalesce((s.acknowledged_epoch, s.acknowledged_counter) = (g.epoch, g.counter), false),
      'lag', CASE WHEN s.acknowledged_epoch = g.epoch THEN g.counter - s.acknowledged_counter END,
      'workers', coalesce(s.workers, '[]'::jsonb),
      'last_seen_at', config.utc_text(s.last_seen_at),
      'failures', coalesce(s.failures, 0), 'last_error', s.last_error) ORDER BY e.number)
    FROM config.edges AS e LEFT JOIN config.edge_state AS s USING (number)
    WHERE e.state <> 'deleted'), '[]'::json))::text
FROM config.generation AS g)sql";

json::array problems_as_json(const std::vector<BuildProblem>& problems) {
  json::array list;
  for (const auto& [entity, field, reason] : problems) {
    list.push_back(json::object{{"entity", entity}, {"field", field}, {"reason", reason}});
  }
  return list;
}

http::Response status(Context& context) {
  json::object document;
  {
    ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
    document = json::parse(transaction.execute(kStatus).text(0, 0)).as_object();
  }
  const auto compiled = context.services.pusher.last_compiled();
  document["compiled"] = json::object{{"epoch", compiled.generation.epoch},
                                      {"counter", compiled.generation.counter},
                                      {"problems", problems_as_json(compiled.problems)}};
  return http::json_response(200, json::serialize(document));
}

// A new generation without a change: every edge takes the configuration again (A30).
http::Response reload(Context& context) {
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto row = transaction.execute("SELECT config.advance_generation()");
    write_audit(transaction, context, {"reload", "snapshot", "", std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"counter":)" + std::string(row.text(0, 0)) + "}"), std::nullopt};
  });
}

}  // namespace

void add_snapshot_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/snapshot/status", Access::admin, status});
  routes.push_back({"POST", "/api/v1/snapshot/reload", Access::admin, reload});
}

}  // namespace tributary::admin
