#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {

Resource partner_resource() {
  Resource resource{.name = "partner", .path = "partners", .table = "config.partners"};
  resource.fields = {
      team_field(),
      {.name = "name", .flags = Field::required, .min = 1, .max = 100},
      {.name = "kind", .kind = FieldKind::word, .words = {"affiliate", "influencer"}},
      state_field(),
      {.name = "email", .flags = Field::nullable},
      {.name = "handle", .flags = Field::nullable},
      currency_field(),
  };
  resource.filters = {"state", "kind", "team_id"};
  return resource;
}

}  // namespace tributary::admin
