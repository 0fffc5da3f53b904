#include "admin-api/snapshot/overlay_source.h"

#include <stdexcept>

#include "admin-api/db/scoped_transaction.h"
#include "admin-api/text/hash.h"

namespace tributary::admin {
namespace {

constexpr const char* kReadVersion = R"sql(
SELECT g.epoch, o.counter, o.sha256, (extract(epoch FROM o.changed_at) * 1000)::bigint
FROM config.overlay AS o CROSS JOIN config.generation AS g)sql";

// What nobody checks any more is not down. A cap closes only in the window that was counted: the next one opens by
// itself, also on an edge that hears nothing of us by then, unless the cap has no other window or allows nothing. The
// numbers are DestinationFlag.
constexpr const char* kReadDestinations = R"sql(
SELECT id, bit_or(flag), coalesce(max(roi_micros), 0), coalesce(max(sample), 0),
  coalesce(max(ends_s) FILTER (WHERE flag = 2), 0), coalesce(max(ends_s) FILTER (WHERE flag = 4), 0),
  coalesce(max(ends_s) FILTER (WHERE flag = 8), 0)
FROM (
  SELECT h.destination_id AS id, 1 AS flag, NULL::bigint AS ends_s, NULL::bigint AS roi_micros, NULL::bigint AS sample
  FROM config.destination_health AS h JOIN config.destinations AS d ON d.id = h.destination_id
  WHERE NOT h.healthy AND d.health_check AND d.state = 'active'
  UNION ALL
  SELECT c.destination_id, CASE c.measure WHEN 'conversions' THEN 2 WHEN 'payout' THEN 4 ELSE 8 END,
    CASE
      WHEN c.period = 'total' OR c.amount = 0 THEN 9223372036854775807
      WHEN c.period = 'hour' THEN extract(epoch FROM w.starts_at + interval '1 hour')::bigint
      ELSE extract(epoch FROM
        ((w.starts_at AT TIME ZONE c.time_zone) + ('1 ' || c.period)::interval) AT TIME ZONE c.time_zone)::bigint
    END, NULL, NULL
  FROM config.destination_caps AS c
  JOIN config.destinations AS d ON d.id = c.destination_id AND d.state = 'active'
  CROSS JOIN LATERAL (SELECT config.cap_window(c.period, c.time_zone, now()) AS starts_at) AS w
  LEFT JOIN events.cap_usage AS u ON u.slot = c.slot AND u.starts_at = w.starts_at
  WHERE c.hard AND c.measure <> 'clicks' AND coalesce(u.amount, 0) >= c.amount
  UNION ALL
  SELECT destination_id, 0, NULL, roi_micros, sample FROM config.destination_ranks WHERE sample > 0
) AS facts
GROUP BY id
ORDER BY id)sql";

// By the clock, so that a database that was made anew does not count through versions that edges have seen.
constexpr const char* kAdvance = R"sql(
UPDATE config.overlay SET
  counter = greatest(counter + 1, (extract(epoch FROM now()) * 1000)::bigint), sha256 = $1, changed_at = now())sql";

struct Facts {
  Overlay overlay;
  std::string stored_sha256;  // of the facts that have this version
  std::string sha256;         // of these facts
};

std::vector<DestinationFacts> read_destinations(ScopedTransaction& transaction) {
  const auto rows = transaction.execute(kReadDestinations);
  const auto end = [&](int row, int column) {
    return closure_end(static_cast<std::uint64_t>(rows.integer(row, column)));
  };
  std::vector<DestinationFacts> facts;
  for (int row = 0; row < rows.rows(); ++row) {
    facts.push_back({.id = static_cast<std::uint32_t>(rows.integer(row, 0)),
                     .flags = static_cast<std::uint32_t>(rows.integer(row, 1)),
                     .roi_micros = rows.integer(row, 2),
                     .sample = static_cast<std::uint64_t>(rows.integer(row, 3)),
                     .ends = {end(row, 4), end(row, 5), end(row, 6)}});
  }
  return facts;
}

Facts read_facts(ScopedTransaction& transaction) {
  const auto row = transaction.execute(kReadVersion);
  Facts facts;
  auto& overlay = facts.overlay;
  overlay.version = {static_cast<std::uint16_t>(row.integer(0, 0)), static_cast<std::uint64_t>(row.integer(0, 1))};
  facts.stored_sha256 = row.bytes(0, 2);
  overlay.created_ms = static_cast<std::uint64_t>(row.integer(0, 3));
  overlay.destinations = read_destinations(transaction);
  std::string text;
  for (const auto& [id, flags, roi, sample, ends] : overlay.destinations) {
    for (const auto number : {std::int64_t{id}, std::int64_t{flags}, roi, static_cast<std::int64_t>(sample),
                              static_cast<std::int64_t>(pack_ends(ends))}) {
      text += std::to_string(number) + ' ';
    }
  }
  facts.sha256 = sha256(text);
  return facts;
}

// The row is locked before the facts are read, so a version never has two meanings.
Facts read_new_version(ConnectionPool& pool) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute("SELECT FROM config.overlay FOR UPDATE");
  auto facts = read_facts(transaction);
  if (facts.sha256 == facts.stored_sha256) return facts;
  transaction.execute(kAdvance, Params().bytes(facts.sha256));
  const auto row = transaction.execute(kReadVersion);
  facts.overlay.version.counter = static_cast<std::uint64_t>(row.integer(0, 1));
  facts.overlay.created_ms = static_cast<std::uint64_t>(row.integer(0, 3));
  transaction.commit();
  return facts;
}

BuiltOverlay built_from(Overlay overlay) {
  auto bytes = build_overlay(overlay);
  if (!bytes) throw std::runtime_error("the overlay cannot be built: " + bytes.error());
  BuiltOverlay built;
  built.version = overlay.version;
  built.sha256 = sha256({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  built.bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(*bytes));
  built.facts = std::move(overlay);
  return built;
}

}  // namespace

BuiltOverlay read_overlay_facts(ConnectionPool& pool) {
  Facts facts;
  {
    ScopedTransaction transaction(pool, kSystemScope, TransactionKind::snapshot);
    facts = read_facts(transaction);
  }
  if (facts.sha256 != facts.stored_sha256) facts = read_new_version(pool);
  return built_from(std::move(facts.overlay));
}

BuiltOverlay with_cap_totals(const BuiltOverlay& built, CapTotals totals) {
  Overlay overlay = built.facts;
  overlay.cap_totals = std::move(totals);
  return built_from(std::move(overlay));
}

std::vector<DestinationFacts> current_destination_facts(ScopedTransaction& transaction) {
  return read_destinations(transaction);
}

void raise_overlay_version(ConnectionPool& pool, std::uint64_t counter) {
  ScopedTransaction transaction(pool, kSystemScope);
  transaction.execute("UPDATE config.overlay SET counter = $1 + 1 WHERE counter < $1",
                      Params().int8(static_cast<std::int64_t>(counter)));
  transaction.commit();
}

}  // namespace tributary::admin
