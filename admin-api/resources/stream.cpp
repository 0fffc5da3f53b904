#include "admin-api/api/asked_team.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/resources/stream_conditions.h"
#include "admin-api/resources/stream_landers.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDestinations = 256;
constexpr std::int64_t kMaxSample = 1'000'000'000;

constexpr const char* kSelectDestinations = R"sql(
coalesce((SELECT json_agg(json_build_object('destination_id', d.destination_id, 'weight', d.weight)
                          ORDER BY d.position, d.destination_id)
          FROM config.stream_destinations AS d WHERE d.stream_id = t.id), '[]'::json))sql";

constexpr const char* kStoreDestinations = R"sql(
INSERT INTO config.stream_destinations (stream_id, destination_id, position, weight)
SELECT s.id, d.id, item.place, coalesce((item.value ->> 'weight')::integer, 100)
FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS item (value, place)
JOIN config.streams AS s ON s.id = $1::integer
LEFT JOIN config.campaigns AS c ON c.id = s.campaign_id
LEFT JOIN config.rotations AS r ON r.id = s.rotation_id
JOIN config.destinations AS d
  ON d.id = (item.value ->> 'destination_id')::integer AND d.state <> 'deleted'
     AND d.team_id = coalesce(c.team_id, r.team_id))sql";

const StreamMembers& destinations() {
  static const StreamMembers members{
      .entity = "destination",
      .most = kMaxDestinations,
      .select = kSelectDestinations,
      .remove = "DELETE FROM config.stream_destinations WHERE stream_id = $1::integer",
      .store = kStoreDestinations,
  };
  return members;
}

// Row security shows a buyer nothing of another team; administrators may still name what is deleted.
constexpr const char* kFindCampaign = R"sql(
SELECT FROM config.campaigns
WHERE id = $1::integer AND state <> 'deleted' AND ($2::uuid IS NULL OR team_id = $2::uuid))sql";

// Locked, so that two streams do not get the same place, but not against campaigns that name it.
constexpr const char* kFindRotation = R"sql(
SELECT FROM config.rotations
WHERE id = $1::integer AND state <> 'deleted' AND ($2::uuid IS NULL OR team_id = $2::uuid)
FOR NO KEY UPDATE)sql";

constexpr const char* kFreePlace = R"sql(
SELECT min(place) FROM generate_series(0, 63) AS all_of_them (place)
WHERE NOT EXISTS (SELECT FROM config.streams AS s
                  WHERE s.rotation_id = $1::integer AND s.rotation_place = place AND s.state <> 'deleted'))sql";

std::optional<std::string> id_in(const json::object& body, std::string_view field) {
  const auto* id = body.if_contains(field);
  return id == nullptr || id->is_null() ? std::nullopt : std::optional(std::to_string(id->get_int64()));
}

void require_found(Write& write, const char* sql, const std::string& id) {
  Params params;
  params.untyped(id);
  add_optional(params, own_team(write.context.principal));
  if (write.transaction.execute(sql, params).rows() == 0) throw not_found();
}

// A stream is part of a campaign or of a rotation, whose campaigns have the counters.
void require_owner(Write& write, std::vector<ColumnValue>& columns) {
  const auto campaign = id_in(write.body, "campaign_id");
  const auto rotation = id_in(write.body, "rotation_id");
  if (campaign && rotation) throw invalid_field("rotation_id", "cannot be there beside campaign_id");
  if (campaign) return require_found(write, kFindCampaign, *campaign);
  if (!rotation) throw invalid_field("campaign_id", "is required, or rotation_id");
  require_found(write, kFindRotation, *rotation);
  const auto place = write.transaction.execute(kFreePlace, Params().untyped(*rotation));
  if (place.is_null(0, 0)) throw invalid_field("rotation_id", "has 64 streams already");
  columns.push_back({"rotation_slot", std::nullopt});
  columns.push_back({"rotation_place", std::to_string(place.integer(0, 0))});
}

}  // namespace

Resource stream_resource() {
  Resource resource{.name = "stream", .path = "streams", .table = "config.streams"};
  resource.team =
      "coalesce((SELECT c.team_id FROM config.campaigns AS c WHERE c.id = t.campaign_id),"
      " (SELECT r.team_id FROM config.rotations AS r WHERE r.id = t.rotation_id))";
  resource.has_team_column = false;
  resource.fields = {
      id_field("campaign_id", Field::nullable | Field::fixed),
      id_field("rotation_id", Field::nullable | Field::fixed),
      {.name = "name"},
      {.name = "kind", .kind = FieldKind::word, .words = {"forced", "regular", "default"}},
      {.name = "position", .kind = FieldKind::integer, .min = -1'000'000, .max = 1'000'000},
      {.name = "weight", .kind = FieldKind::integer, .max = kMaxWeight},
      state_field(),
      {.name = "selector",
       .kind = FieldKind::word,
       .words = {"weighted", "waterfall", "round_robin", "sticky", "best_roi"}},
      window_field("anti_repeat_window_s"),
      {.name = "exploration_percent", .kind = FieldKind::integer, .max = 100},
      {.name = "minimum_sample", .kind = FieldKind::integer, .max = kMaxSample},
      redirect_kind_field(),
      redirect_status_field(),
      {.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable},
      members_field(destinations()),
      members_field(stream_landers()),
      conditions_field(),
  };
  resource.filters = {"state", "campaign_id", "rotation_id", "kind"};
  resource.published_campaigns =
      "SELECT campaign_id FROM config.streams WHERE id = $1::integer AND campaign_id IS NOT NULL";
  resource.published_rotations =
      "SELECT rotation_id FROM config.streams WHERE id = $1::integer AND rotation_id IS NOT NULL";
  resource.before_insert = require_owner;
  resource.after_write = [](Write& write) {
    store_members(write, destinations());
    store_members(write, stream_landers());
    store_conditions(write);
  };
  return resource;
}

}  // namespace tributary::admin
