#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {

Resource team_resource() {
  Resource resource{.name = "team", .path = "teams", .table = "config.teams", .uuid_id = true};
  resource.team = "t.id";
  resource.has_team_column = false;
  resource.write = Access::admin;
  resource.fields = {
      name_field(),
      state_field(),
      time_zone_field(),
      currency_field(),
      {.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable},
  };
  resource.filters = {"state", "name"};
  return resource;
}

}  // namespace tributary::admin
