#include "admin-api/resources/stream_landers.h"

#include <set>

#include "admin-api/resources/shared_fields.h"
#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxWeight = 1'000'000;

constexpr const char* kSelect = R"sql(
coalesce((SELECT json_agg(json_build_object('lander_id', l.lander_id, 'weight', l.weight)
                          ORDER BY l.position, l.lander_id)
          FROM config.stream_landers AS l WHERE l.stream_id = t.id), '[]'::json))sql";

constexpr const char* kStore = R"sql(
INSERT INTO config.stream_landers (stream_id, lander_id, position, weight)
SELECT s.id, l.id, item.place, coalesce((item.value ->> 'weight')::integer, 100)
FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS item (value, place)
JOIN config.streams AS s ON s.id = $1::integer
LEFT JOIN config.campaigns AS c ON c.id = s.campaign_id
LEFT JOIN config.rotations AS r ON r.id = s.rotation_id
JOIN config.landers AS l
  ON l.id = (item.value ->> 'lander_id')::integer AND l.state <> 'deleted'
     AND l.team_id = coalesce(c.team_id, r.team_id))sql";

// Each once, and one that is shown at all.
void check_whole(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  std::set<std::int64_t> seen;
  bool shown = value.get_array().empty();
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    const auto& item = value.get_array()[i].get_object();
    if (!seen.insert(item.at("lander_id").get_int64()).second) {
      problems.push_back({path + "[" + std::to_string(i) + "].lander_id", "appears twice"});
    }
    const auto* weight = item.if_contains("weight");
    shown = shown || weight == nullptr || weight->get_int64() > 0;
  }
  if (!shown) problems.push_back({path, "all have weight 0"});
}

}  // namespace

Field landers_field() {
  const std::vector<Field> fields{
      {.name = "lander_id", .kind = FieldKind::integer, .flags = Field::required, .min = 1, .max = kMaxId},
      {.name = "weight", .kind = FieldKind::integer, .max = kMaxWeight},
  };
  return {.name = "landers",
          .kind = FieldKind::part,
          .check = list_of(fields, kMaxStreamLanders, check_whole),
          .select = kSelect};
}

void store_landers(Write& write) {
  if (!write.body.contains("landers")) return;
  write.transaction.execute("DELETE FROM config.stream_landers WHERE stream_id = $1::integer",
                            Params().untyped(write.id));
  const auto stored = store_list(write, "landers", kStore);
  if (stored != static_cast<std::int64_t>(write.body.at("landers").get_array().size())) {
    throw invalid_field("landers", "holds a lander that does not exist in the team of the stream");
  }
}

}  // namespace tributary::admin
