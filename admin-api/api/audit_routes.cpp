#include "admin-api/api/event_list.h"
#include "admin-api/api/route.h"

namespace tributary::admin {
namespace {

const EventList kAudit{.select = R"sql(json_build_object(
  'id', t.id, 'happened_at', config.utc_text(t.happened_at),
  'team_id', t.team_id, 'user_id', t.user_id, 'api_key_id', t.api_key_id, 'action', t.action, 'entity', t.entity,
  'entity_key', t.entity_key, 'old_content', t.old_content, 'new_content', t.new_content,
  'address', host(t.address), 'request_id', t.request_id))sql",
                       .from = "config.audit_log",
                       .condition = "($1::uuid IS NULL OR t.team_id = $1::uuid)",
                       .filters = {{"entity"}}};

}  // namespace

void add_audit_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/audit-log", Access::team, [](Context& c) { return list_events(c, kAudit); }});
}

}  // namespace tributary::admin
