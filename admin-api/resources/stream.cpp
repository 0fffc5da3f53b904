#include <set>

#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"
#include "admin-api/resources/stream_conditions.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDestinations = 256;
constexpr std::int64_t kMaxWeight = 1'000'000;
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
JOIN config.campaigns AS c ON c.id = s.campaign_id
JOIN config.destinations AS d
  ON d.id = (item.value ->> 'destination_id')::integer AND d.team_id = c.team_id AND d.state <> 'deleted')sql";

void require_different(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  std::set<std::int64_t> seen;
  const auto& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!seen.insert(items[i].at("destination_id").get_int64()).second) {
      problems.push_back({path + "[" + std::to_string(i) + "].destination_id", "appears twice"});
    }
  }
}

Field destinations_field() {
  const std::vector<Field> fields{
      {.name = "destination_id", .kind = FieldKind::integer, .flags = Field::required, .min = 1, .max = kMaxId},
      {.name = "weight", .kind = FieldKind::integer, .max = kMaxWeight},
  };
  return {.name = "destinations",
          .kind = FieldKind::part,
          .check = list_of(fields, kMaxDestinations, require_different),
          .select = kSelectDestinations};
}

void store_destinations(Write& write) {
  if (!write.body.contains("destinations")) return;
  write.transaction.execute("DELETE FROM config.stream_destinations WHERE stream_id = $1::integer",
                            Params().untyped(write.id));
  const auto stored = store_list(write, "destinations", kStoreDestinations);
  if (stored != static_cast<std::int64_t>(write.body.at("destinations").get_array().size())) {
    throw invalid_field("destinations", "holds a destination that does not exist in the campaign's team");
  }
}

// Row security shows a buyer no campaign of another team; administrators may still name a deleted one.
void require_campaign(Write& write, std::vector<ColumnValue>&) {
  const auto id = std::to_string(write.body.at("campaign_id").get_int64());
  const auto& principal = write.context.principal;
  Params params;
  params.untyped(id);
  add_optional(params, principal.is_admin() ? std::nullopt : std::optional(principal.team));
  const auto campaign = write.transaction.execute(
      "SELECT FROM config.campaigns WHERE id = $1::integer AND state <> 'deleted'"
      " AND ($2::uuid IS NULL OR team_id = $2::uuid)",
      params);
  if (campaign.rows() == 0) throw not_found();
}

}  // namespace

Resource stream_resource() {
  Resource resource{.name = "stream", .path = "streams", .table = "config.streams"};
  resource.team = "(SELECT c.team_id FROM config.campaigns AS c WHERE c.id = t.campaign_id)";
  resource.has_team_column = false;
  resource.fields = {
      {.name = "campaign_id",
       .kind = FieldKind::integer,
       .flags = Field::required | Field::fixed,
       .min = 1,
       .max = kMaxId},
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
      {.name = "redirect_kind",
       .kind = FieldKind::word,
       .words = {"http", "meta", "javascript", "hide_referrer", "json"}},
      {.name = "redirect_status",
       .kind = FieldKind::integer,
       .min = 301,
       .max = 307,
       .check =
           [](const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
             const auto status = value.get_int64();
             if (status > 303 && status < 307) problems.push_back({path, "must be 301, 302, 303 or 307"});
           }},
      {.name = "trafficback", .kind = FieldKind::url, .flags = Field::nullable},
      destinations_field(),
      conditions_field(),
  };
  resource.filters = {"state", "campaign_id", "kind"};
  resource.published_campaigns = "SELECT campaign_id FROM config.streams WHERE id = $1::integer";
  resource.before_insert = require_campaign;
  resource.after_write = [](Write& write) {
    store_destinations(write);
    store_conditions(write);
  };
  return resource;
}

}  // namespace tributary::admin
