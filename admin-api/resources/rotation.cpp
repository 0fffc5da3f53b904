#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

// Its campaigns would be without streams.
void require_unused(Write& write, std::vector<ColumnValue>&) {
  if (!write.body.contains("state")) return;
  const auto used = write.transaction.execute(
      "SELECT count(*) FROM config.campaigns WHERE rotation_id = $1::integer AND state <> 'deleted'",
      Params().untyped(write.id));
  if (used.integer(0, 0) != 0) throw conflict(std::to_string(used.integer(0, 0)) + " campaigns have this rotation");
}

}  // namespace

Resource rotation_resource() {
  Resource resource{.name = "rotation", .path = "rotations", .table = "config.rotations"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "campaigns",
       .kind = FieldKind::part,
       .flags = Field::read_only,
       .select = "(SELECT count(*) FROM config.campaigns AS c WHERE c.rotation_id = t.id AND c.state <> 'deleted')"},
  };
  resource.filters = {"team_id", "name"};
  resource.before_update = require_unused;
  return resource;
}

}  // namespace tributary::admin
