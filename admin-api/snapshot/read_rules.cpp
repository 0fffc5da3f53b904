#include "admin-api/snapshot/read_rules.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "core/state/cap_word.h"

namespace tributary::admin {
namespace {

// $1: ids of campaigns, $2: of rotations, or null for everything.
constexpr const char* kConditions = R"sql(
SELECT c.stream_id, c.kind, c.negated, c.argument, c.accepted::text, coalesce(c.cap_slot, 0)
FROM config.stream_conditions AS c
JOIN config.streams AS s ON s.id = c.stream_id AND s.state <> 'deleted'
WHERE $1::integer[] IS NULL OR s.campaign_id = ANY ($1::integer[]) OR s.rotation_id = ANY ($2::integer[])
ORDER BY c.stream_id, c.position)sql";

// $1 of both: ids of destinations, or null for everything.
constexpr const char* kSchedules = R"sql(
SELECT destination_id, (SELECT coalesce(bit_or(1 << (day - 1)), 0) FROM unnest(weekdays) AS days (day)),
       extract(epoch FROM opens)::integer, extract(epoch FROM closes)::integer,
       first_day - date '1970-01-01', last_day - date '1970-01-01', time_zone
FROM config.destination_schedules
WHERE $1::integer[] IS NULL OR destination_id = ANY ($1::integer[])
ORDER BY destination_id, id)sql";

constexpr const char* kCaps = R"sql(
SELECT destination_id, slot, measure, period,
       CASE WHEN measure IN ('payout', 'revenue') THEN amount * 1000000 ELSE amount END::bigint,
       coalesce(currency, ''), time_zone, hard, coalesce(per, 0)
FROM config.destination_caps
WHERE $1::integer[] IS NULL OR destination_id = ANY ($1::integer[])
ORDER BY destination_id, id)sql";

std::uint32_t number(const QueryResult& rows, int row, int column) {
  return static_cast<std::uint32_t>(rows.integer(row, column));
}

CapPlace place_of(const QueryResult& rows, int row, int column) {
  return cap_place(static_cast<std::uint64_t>(rows.integer(row, column)));
}

model::CapMeasure measure_from(std::string_view word) {
  if (word == "clicks") return model::CapMeasure::clicks;
  if (word == "conversions") return model::CapMeasure::conversions;
  return word == "payout" ? model::CapMeasure::payout : model::CapMeasure::revenue;
}

model::Period period_from(std::string_view word) {
  if (word == "hour") return model::Period::hour;
  if (word == "day") return model::Period::day;
  if (word == "week") return model::Period::week;
  return word == "month" ? model::Period::month : model::Period::total;
}

model::Condition read_condition(const QueryResult& rows, int row) {
  model::Condition condition;
  condition.kind = std::string(rows.text(row, 1));
  condition.negated = rows.boolean(row, 2);
  condition.argument = std::string(rows.text(row, 3));
  const auto accepted = boost::json::parse(rows.text(row, 4));
  for (const auto& text : accepted.as_array()) condition.accepted.emplace_back(text.as_string());
  const CapPlace place = place_of(rows, row, 5);
  condition.cap_slot = place.slot;
  condition.cap_turn = static_cast<std::uint16_t>(place.turn);
  return condition;
}

model::Schedule read_schedule(const QueryResult& rows, int row) {
  model::Schedule schedule;
  schedule.weekdays = static_cast<std::uint8_t>(rows.integer(row, 1));
  schedule.opens_s = number(rows, row, 2);
  schedule.closes_s = number(rows, row, 3);
  if (!rows.is_null(row, 4)) schedule.first_day = static_cast<std::int32_t>(rows.integer(row, 4));
  if (!rows.is_null(row, 5)) schedule.last_day = static_cast<std::int32_t>(rows.integer(row, 5));
  schedule.time_zone = std::string(rows.text(row, 6));
  return schedule;
}

model::Cap read_cap(const QueryResult& rows, int row) {
  const CapPlace place = place_of(rows, row, 1);
  return {.slot = place.slot,
          .turn = static_cast<std::uint16_t>(place.turn),
          .measure = measure_from(rows.text(row, 2)),
          .period = period_from(rows.text(row, 3)),
          .amount = rows.integer(row, 4),
          .currency = std::string(rows.text(row, 5)),
          .time_zone = std::string(rows.text(row, 6)),
          .hard = rows.boolean(row, 7),
          .per = static_cast<std::uint8_t>(rows.integer(row, 8))};
}

// Null when it was not read: it is deleted.
model::Destination* find(std::vector<model::Destination>& destinations, std::uint32_t id) {
  const auto found = std::lower_bound(destinations.begin(), destinations.end(), id,
                                      [](const model::Destination& item, std::uint32_t key) { return item.id < key; });
  return found != destinations.end() && found->id == id ? &*found : nullptr;
}

OnlyIds ids_of(const std::vector<model::Destination>& destinations) {
  std::string ids = "{";
  for (const auto& destination : destinations) ids += (ids.size() > 1 ? "," : "") + std::to_string(destination.id);
  return ids + "}";
}

}  // namespace

ConditionsByStream read_conditions(ScopedTransaction& transaction, const OnlyPart& only) {
  const auto rows = transaction.execute(kConditions, part_parameters(only));
  ConditionsByStream conditions;
  for (int row = 0; row < rows.rows(); ++row) {
    conditions[number(rows, row, 0)].push_back(read_condition(rows, row));
  }
  return conditions;
}

void read_destination_rules(ScopedTransaction& transaction, std::vector<model::Destination>& destinations, bool all) {
  Params params;
  add_optional(params, all ? OnlyIds() : ids_of(destinations));
  const auto schedules = transaction.execute(kSchedules, params);
  for (int row = 0; row < schedules.rows(); ++row) {
    auto* destination = find(destinations, number(schedules, row, 0));
    if (destination != nullptr) destination->schedules.push_back(read_schedule(schedules, row));
  }
  const auto caps = transaction.execute(kCaps, params);
  for (int row = 0; row < caps.rows(); ++row) {
    auto* destination = find(destinations, number(caps, row, 0));
    if (destination != nullptr) destination->caps.push_back(read_cap(caps, row));
  }
}

}  // namespace tributary::admin
