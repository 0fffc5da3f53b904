#include "admin-api/resources/health_fields.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {

Resource destination_resource() {
  Resource resource{.name = "destination", .path = "destinations", .table = "config.destinations"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "url", .kind = FieldKind::url, .flags = Field::required},
      state_field(),
      {.name = "network_id", .kind = FieldKind::integer, .flags = Field::nullable, .min = 1, .max = kMaxId},
      {.name = "payout", .kind = FieldKind::money, .flags = Field::nullable},
      currency_field(),
  };
  const auto health = health_fields();
  resource.fields.insert(resource.fields.end(), health.begin(), health.end());
  resource.filters = {"state", "network_id", "team_id", "name"};
  resource.published_campaigns =
      "SELECT s.campaign_id FROM config.stream_destinations AS d JOIN config.streams AS s ON s.id = d.stream_id"
      " WHERE d.destination_id = $1::integer";
  return resource;
}

}  // namespace tributary::admin
