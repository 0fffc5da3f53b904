#include <unordered_set>

#include "admin-api/snapshot/read_rules.h"

namespace tributary::admin {
namespace {

constexpr const char* kLanders = R"sql(
SELECT sl.stream_id, l.id, sl.weight, l.state, l.url
FROM config.stream_landers AS sl
JOIN config.streams AS s ON s.id = sl.stream_id AND s.state <> 'deleted'
JOIN config.landers AS l ON l.id = sl.lander_id AND l.state <> 'deleted'
WHERE $1::integer[] IS NULL OR s.campaign_id = ANY ($1::integer[]) OR s.rotation_id = ANY ($2::integer[])
ORDER BY sl.stream_id, sl.position, l.id)sql";

}  // namespace

LandersByStream read_landers(ScopedTransaction& transaction, model::Snapshot& snapshot, const OnlyPart& only) {
  const auto rows = transaction.execute(kLanders, part_parameters(only));
  LandersByStream by_stream;
  std::unordered_set<std::uint32_t> known;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto id = static_cast<std::uint32_t>(rows.integer(row, 1));
    by_stream[static_cast<std::uint32_t>(rows.integer(row, 0))].push_back(
        {id, static_cast<std::uint32_t>(rows.integer(row, 2))});
    if (known.insert(id).second) {
      snapshot.landers.push_back({id, state_from(rows.text(row, 3)), std::string(rows.text(row, 4))});
    }
  }
  return by_stream;
}

}  // namespace tributary::admin
