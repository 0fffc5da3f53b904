#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
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
  resource.before_update = [](Write& write, std::vector<ColumnValue>&) { require_no_campaigns(write, "rotation_id"); };
  return resource;
}

}  // namespace tributary::admin
