#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {

Resource source_resource() {
  Resource resource{.name = "source", .path = "sources", .table = "config.sources"};
  resource.fields = {
      team_field(),
      name_field(),
      state_field(),
      {.name = "cost_model",
       .kind = FieldKind::word,
       .words = {"cpc", "cpm", "cpa", "cps", "revshare", "auto", "none"}},
      currency_field(),
  };
  resource.filters = {"state", "team_id"};
  return resource;
}

}  // namespace tributary::admin
