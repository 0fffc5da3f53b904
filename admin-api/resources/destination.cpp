#include "admin-api/resources/destination_rules.h"
#include "admin-api/resources/health_fields.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

namespace tributary::admin {
namespace {

// Streams that may send to it, also as the overflow of another destination: the campaigns or rotations that they are
// of.
std::string owners_of_streams(const std::string& owner) {
  return R"sql(
WITH RECURSIVE ahead (id) AS (
  SELECT $1::integer
  UNION
  SELECT d.id FROM ahead JOIN config.destinations AS d ON d.overflow_id = ahead.id
)
SELECT DISTINCT s.)sql" +
         owner + R"sql(
FROM ahead
JOIN config.stream_destinations AS sd ON sd.destination_id = ahead.id
JOIN config.streams AS s ON s.id = sd.stream_id AND s.)sql" +
         owner + " IS NOT NULL";
}

bool deletes(const Write& write) {
  const auto* state = write.body.if_contains("state");
  return state != nullptr && *state == "deleted";
}

}  // namespace

Resource destination_resource() {
  Resource resource{.name = "destination", .path = "destinations", .table = "config.destinations"};
  resource.fields = {
      team_field(),
      name_field(),
      {.name = "url", .kind = FieldKind::url, .flags = Field::required},
      state_field(),
      id_field("network_id"),
      {.name = "payout", .kind = FieldKind::money, .flags = Field::nullable},
      currency_field(),
      schedules_field(),
      caps_field(),
      redirect_kind_field(Field::nullable),
      redirect_status_field(),
      id_field("overflow_id"),
  };
  const auto health = health_fields();
  resource.fields.insert(resource.fields.end(), health.begin(), health.end());
  resource.filters = {"state", "network_id", "team_id", "name"};
  resource.published_campaigns = owners_of_streams("campaign_id");
  resource.published_rotations = owners_of_streams("rotation_id");
  resource.before_update = [](Write& write, std::vector<ColumnValue>&) {
    if (deletes(write)) require_no_overflow_into(write);
    require_another_overflow(write);
  };
  resource.after_write = [](Write& write) {
    store_schedules(write);
    store_caps(write);
    require_overflow_ends(write);
  };
  return resource;
}

}  // namespace tributary::admin
