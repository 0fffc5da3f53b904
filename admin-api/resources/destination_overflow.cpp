#include "admin-api/resources/destination_rules.h"
#include "core/snapshot/format.h"

namespace tributary::admin {
namespace {

// How many destinations overflow into $1 one after the other, and how many it overflows into, both counted only a
// little beyond the bound $2; whether the latter come back to $1; whether the next one is deleted.
constexpr const char* kChain = R"sql(
WITH RECURSIVE behind (id, steps, path) AS (
  SELECT $1::integer, 0, ARRAY[$1::integer]
  UNION ALL
  SELECT d.overflow_id, behind.steps + 1, behind.path || d.overflow_id
  FROM behind
  JOIN config.destinations AS d ON d.id = behind.id
  WHERE d.overflow_id IS NOT NULL AND behind.steps <= $2::integer AND (behind.steps = 0 OR behind.id <> $1::integer)
),
ahead (id, steps) AS (
  SELECT $1::integer, 0
  UNION ALL
  SELECT d.id, ahead.steps + 1
  FROM ahead
  JOIN config.destinations AS d ON d.overflow_id = ahead.id AND d.state <> 'deleted'
  WHERE ahead.steps <= $2::integer
)
SELECT (SELECT array_to_string(path, ' -> ') FROM behind WHERE id = $1::integer AND steps > 0),
       (SELECT max(steps) FROM ahead) + (SELECT max(steps) FROM behind),
       EXISTS (SELECT FROM behind JOIN config.destinations AS d USING (id) WHERE steps = 1 AND d.state = 'deleted')
)sql";

}  // namespace

void require_another_overflow(const Write& write) {
  const auto* target = write.body.if_contains("overflow_id");
  if (target != nullptr && target->is_int64() && std::to_string(target->get_int64()) == write.id) {
    throw invalid_field("overflow_id", "is the destination itself");
  }
}

void require_overflow_ends(Write& write) {
  if (!write.body.contains("overflow_id")) return;
  constexpr auto kMax = static_cast<std::int32_t>(kMaxOverflowChain);
  const auto chain = write.transaction.execute(kChain, Params().untyped(write.id).int4(kMax));
  if (!chain.is_null(0, 0)) {
    throw invalid_field("overflow_id", "leads back to this destination: " + std::string(chain.text(0, 0)));
  }
  if (chain.boolean(0, 2)) throw invalid_field("overflow_id", "is a destination that was deleted");
  if (chain.integer(0, 1) > kMax) {
    throw invalid_field("overflow_id", "makes a chain of more than " + std::to_string(kMax) + " overflows");
  }
}

void require_no_overflow_into(Write& write) {
  const auto users = write.transaction.execute(
      "SELECT string_agg(id::text, ', ' ORDER BY id) FROM config.destinations"
      " WHERE overflow_id = $1::integer AND state <> 'deleted'",
      Params().untyped(write.id));
  if (users.is_null(0, 0)) return;
  throw conflict("takes the overflow of destination " + std::string(users.text(0, 0)) + ": change that first");
}

}  // namespace tributary::admin
