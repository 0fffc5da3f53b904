#include <boost/json/serialize.hpp>

#include "admin-api/api/mutation.h"
#include "admin-api/resources/crud.h"
#include "admin-api/resources/shared_fields.h"

// Settings of the whole installation: one record, which is always there.
namespace tributary::admin {
namespace {

const std::vector<Field> kFields{{.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable}};

constexpr const char* kSelect = R"sql(
SELECT json_build_object('trafficback', s.content #>> '{}', 'version', coalesce(s.version, 0))::text,
       coalesce(s.version, 0)
FROM (VALUES ('trafficback')) AS known (key) LEFT JOIN config.settings AS s USING (key))sql";

constexpr const char* kStore = R"sql(
INSERT INTO config.settings (key, content) VALUES ('trafficback', coalesce(to_jsonb($1::text), 'null'))
ON CONFLICT (key) DO UPDATE SET content = excluded.content, updated_at = now())sql";

http::Response get_settings(Context& context) {
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto row = transaction.execute(kSelect);
  return record_response(std::string(row.text(0, 0)), row.integer(0, 1));
}

http::Response change_settings(Context& context) {
  const auto columns = require_members(kFields, context.json_body(), false);
  return mutate(context, [&](ScopedTransaction& transaction) {
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtext('tributary.settings'))");  // the row may not be there yet
    const auto before = transaction.execute(kSelect);
    require_match(context, before.integer(0, 1));
    for (const auto& column : columns) {
      Params params;
      transaction.execute(kStore, add_optional(params, column.value));
    }
    const auto after = transaction.execute(kSelect);
    write_audit(transaction, context,
                {"update", "settings", "", std::string(before.text(0, 0)), std::string(after.text(0, 0))});
    return Change{record_response(std::string(after.text(0, 0)), after.integer(0, 1)), std::nullopt};
  });
}

}  // namespace

void add_settings_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/settings", Access::admin, get_settings});
  routes.push_back({"PATCH", "/api/v1/settings", Access::admin, change_settings});
}

}  // namespace tributary::admin
