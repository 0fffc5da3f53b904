#include "admin-api/resources/stream_landers.h"

#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

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

void require_one_shown(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  bool shown = value.get_array().empty();
  for (const auto& item : value.get_array()) {
    const auto* weight = item.get_object().if_contains("weight");
    shown = shown || weight == nullptr || weight->get_int64() > 0;
  }
  if (!shown) problems.push_back({path, "all have weight 0"});
}

}  // namespace

const StreamMembers& stream_landers() {
  static const StreamMembers members{
      .entity = "lander",
      .most = kMaxStreamLanders,
      .select = kSelect,
      .remove = "DELETE FROM config.stream_landers WHERE stream_id = $1::integer",
      .store = kStore,
      .whole = require_one_shown,
  };
  return members;
}

}  // namespace tributary::admin
