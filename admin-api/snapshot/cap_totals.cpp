#include "admin-api/snapshot/cap_totals.h"

#include <algorithm>
#include <map>

#include "admin-api/db/scoped_transaction.h"
#include "core/state/cap_value.h"
#include "core/state/cap_word.h"

namespace tributary::admin {
namespace {

// Files of a finished journal may still be there for a while: the youngest ones have to be named as well.
constexpr const char* kReadProgress = R"sql(
SELECT journal, next_position, finished_at IS NOT NULL
FROM events.journals WHERE edge = $1
ORDER BY finished_at DESC NULLS FIRST, number DESC
LIMIT 100000)sql";

std::uint32_t saturated(std::int64_t number) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, UINT32_MAX));
}

// Values that count as one (value_hash()) are one.
std::vector<CapValueTotal> read_value_totals(ScopedTransaction& transaction, int edge) {
  const auto rows = transaction.execute("SELECT slot, window_number, value, clicks FROM config.cap_value_totals($1)",
                                        Params().int4(static_cast<std::int32_t>(edge)));
  std::map<std::pair<std::uint32_t, std::uint64_t>, CapValueTotal> totals;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto place = cap_place(static_cast<std::uint64_t>(rows.integer(row, 0)));
    const std::uint64_t hash = value_hash(rows.text(row, 2));
    auto& total = totals[{place.slot, hash}];
    total = {hash, place.slot, window_in_turn(place.turn, saturated(rows.integer(row, 1))),
             saturating_add(total.count, saturated(rows.integer(row, 3)))};
  }
  std::vector<CapValueTotal> list;
  for (const auto& [key, total] : totals) list.push_back(total);
  return list;
}

}  // namespace

std::optional<CapTotals> read_cap_totals(ConnectionPool& pool, int edge, const CapRequest& request) {
  // One moment for all of it: the clicks that are counted are those before the progress.
  ScopedTransaction transaction(pool, kSystemScope, TransactionKind::snapshot);
  transaction.execute("SET LOCAL statement_timeout = '120s'");
  const auto newest = transaction.execute("SELECT epoch, counter FROM config.generation");
  if (Generation{static_cast<std::uint16_t>(newest.integer(0, 0)), static_cast<std::uint64_t>(newest.integer(0, 1))} !=
      request.serves) {
    return std::nullopt;
  }
  CapTotals totals;
  totals.life = request.life;
  const auto counted = transaction.execute("SELECT slot, window_number, clicks FROM config.cap_totals($1)",
                                           Params().int4(static_cast<std::int32_t>(edge)));
  for (int row = 0; row < counted.rows(); ++row) {
    const auto place = cap_place(static_cast<std::uint64_t>(counted.integer(row, 0)));
    totals.totals.push_back({place.slot, window_in_turn(place.turn, saturated(counted.integer(row, 1))),
                             saturated(counted.integer(row, 2))});
  }
  totals.values = read_value_totals(transaction, edge);
  const auto progress = transaction.execute(kReadProgress, Params().int4(static_cast<std::int32_t>(edge)));
  for (int row = 0; row < progress.rows(); ++row) {
    const Position stored =
        progress.boolean(row, 2) ? kStoredToItsEnd : static_cast<Position>(progress.integer(row, 1));
    totals.progress.push_back({progress.uuid(row, 0), stored});
  }
  return totals;
}

}  // namespace tributary::admin
