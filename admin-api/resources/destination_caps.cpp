#include <set>
#include <tuple>

#include "admin-api/resources/destination_rules.h"
#include "admin-api/resources/shared_fields.h"
#include "core/event/event.h"
#include "core/money/money.h"
#include "core/snapshot/format.h"
#include "core/state/cap_value_table.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Problems = std::vector<FieldProblem>;

constexpr std::int64_t kMaxCount = 0xffffffff;  // the edge counts in 32 bits

constexpr const char* kSelectCaps = R"sql(
coalesce((SELECT json_agg(json_build_object(
                            'measure', c.measure, 'period', c.period, 'amount', trim_scale(c.amount)::text,
                            'currency', c.currency, 'time_zone', c.time_zone, 'hard', c.hard, 'per', c.per)
                          ORDER BY c.id)
          FROM config.destination_caps AS c WHERE c.destination_id = t.id), '[]'::json))sql";

constexpr const char* kStoreCaps = R"sql(
WITH gone AS (
  DELETE FROM config.destination_caps WHERE destination_id = $1::integer
  RETURNING measure, period, time_zone, currency, per, slot
),
item AS (
  SELECT place, value ->> 'measure' AS measure, value ->> 'period' AS period, (value ->> 'amount')::numeric AS amount,
         value ->> 'currency' AS currency, coalesce(value ->> 'time_zone', 'UTC') AS time_zone,
         coalesce((value ->> 'hard')::boolean, true) AS hard, (value ->> 'per')::smallint AS per
  FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS list (value, place)
)
INSERT INTO config.destination_caps (destination_id, measure, period, amount, currency, time_zone, hard, per, slot)
SELECT $1::integer, item.measure, item.period, item.amount, item.currency, item.time_zone, item.hard, item.per,
       coalesce(gone.slot, config.take_cap_slot())
FROM item
LEFT JOIN gone ON gone.measure = item.measure AND gone.period = item.period AND gone.time_zone = item.time_zone
              AND gone.currency IS NOT DISTINCT FROM item.currency AND gone.per IS NOT DISTINCT FROM item.per
ORDER BY item.place)sql";

std::string_view word(const json::object& item, std::string_view name) {
  const auto* value = item.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

// The sub id whose values are counted each for itself; 0: none.
std::int64_t sub_id_of(const json::object& cap) {
  const auto* per = cap.if_contains("per");
  return per == nullptr || !per->is_int64() ? 0 : per->get_int64();
}

void check_per(const json::object& cap, std::int64_t micros, const std::string& path, Problems& problems) {
  if (sub_id_of(cap) == 0) return;
  if (word(cap, "measure") != "clicks") {
    problems.push_back({path + ".per", "must be empty: only clicks are capped per sub id"});
  } else if (micros / kMicrosPerUnit > CapValueTable::kMaxCount) {
    const auto most = std::to_string(CapValueTable::kMaxCount);
    problems.push_back({path + ".amount", "must be at most " + most + " for each value of a sub id"});
  }
}

void check_cap(const json::object& cap, const std::string& path, Problems& problems) {
  const auto measure = word(cap, "measure");
  const bool counts = measure == "clicks" || measure == "conversions";
  const auto micros = *parse_money(word(cap, "amount"));
  if (counts && (micros % kMicrosPerUnit != 0 || micros / kMicrosPerUnit > kMaxCount)) {
    problems.push_back({path + ".amount", "must be a whole number from 0 to " + std::to_string(kMaxCount)});
  }
  if (counts != word(cap, "currency").empty()) {
    problems.push_back({path + ".currency", counts ? "must be empty: nothing is paid in " + std::string(measure)
                                                   : "is required for " + std::string(measure)});
  }
  check_per(cap, micros, path, problems);
}

void check_caps(const json::value& value, const std::string& path, Problems& problems) {
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> seen;
  const auto& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& cap = items[i].get_object();
    const auto item_path = path + "[" + std::to_string(i) + "]";
    check_cap(cap, item_path, problems);
    if (!seen.emplace(word(cap, "measure"), word(cap, "period"), sub_id_of(cap)).second) {
      problems.push_back({item_path + ".period", "has a cap of this measure already"});
    }
  }
}

Field nullable_currency() {
  auto field = currency_field();
  field.flags = Field::nullable;
  return field;
}

}  // namespace

Field caps_field() {
  const std::vector<Field> fields{
      {.name = "measure",
       .kind = FieldKind::word,
       .flags = Field::required,
       .words = {"clicks", "conversions", "payout", "revenue"}},
      {.name = "period",
       .kind = FieldKind::word,
       .flags = Field::required,
       .words = {"hour", "day", "week", "month", "total"}},
      {.name = "amount", .kind = FieldKind::money, .flags = Field::required},
      nullable_currency(),
      time_zone_field(),
      {.name = "hard", .kind = FieldKind::boolean},
      {.name = "per", .kind = FieldKind::integer, .flags = Field::nullable, .min = 1, .max = kSubIdCount},
  };
  return {
      .name = "caps", .kind = FieldKind::part, .check = list_of(fields, kMaxCaps, check_caps), .select = kSelectCaps};
}

void store_caps(Write& write) {
  store_list(write, "caps", kStoreCaps);
}

}  // namespace tributary::admin
