#include <set>

#include "admin-api/resources/destination_rules.h"
#include "admin-api/resources/shared_fields.h"
#include "core/snapshot/format.h"
#include "core/time_zone/local_time.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;
using Problems = std::vector<FieldProblem>;

constexpr const char* kSelectSchedules = R"sql(
coalesce((SELECT json_agg(json_build_object(
                            'weekdays', s.weekdays, 'opens', to_char(s.opens, 'HH24:MI'),
                            'closes', to_char(s.closes, 'HH24:MI'), 'first_day', s.first_day, 'last_day', s.last_day,
                            'time_zone', s.time_zone) ORDER BY s.id)
          FROM config.destination_schedules AS s WHERE s.destination_id = t.id), '[]'::json))sql";

constexpr const char* kStoreSchedules = R"sql(
WITH gone AS (
  DELETE FROM config.destination_schedules WHERE destination_id = $1::integer
)
INSERT INTO config.destination_schedules (destination_id, weekdays, opens, closes, first_day, last_day, time_zone)
SELECT $1::integer,
       coalesce((SELECT array_agg(day::smallint ORDER BY day::smallint)
                 FROM jsonb_array_elements_text(value -> 'weekdays') AS days (day)), '{1,2,3,4,5,6,7}'),
       coalesce((value ->> 'opens')::time, '00:00'), coalesce((value ->> 'closes')::time, '24:00'),
       (value ->> 'first_day')::date, (value ->> 'last_day')::date, coalesce(value ->> 'time_zone', 'UTC')
FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS list (value, place)
ORDER BY place)sql";

std::string_view view(const json::value& text) {
  return {text.get_string().data(), text.get_string().size()};
}

void check_weekdays(const json::value& value, const std::string& path, Problems& problems) {
  std::set<std::int64_t> days;
  const auto* items = value.if_array();
  bool right = items != nullptr && !items->empty();
  for (std::size_t i = 0; right && i < items->size(); ++i) {
    const auto* day = (*items)[i].if_int64();
    right = day != nullptr && *day >= 1 && *day <= 7 && days.insert(*day).second;
  }
  if (!right)
    problems.push_back({path, "must be a list of different days from 1 (Monday) to 7 (Sunday), at least one"});
}

void check_clock(const json::value& value, const std::string& path, Problems& problems) {
  if (view(value).size() != 5 || !parse_clock(view(value))) problems.push_back({path, "must be a time such as 08:30"});
}

void check_opening(const json::value& value, const std::string& path, Problems& problems) {
  check_clock(value, path, problems);
  if (view(value) == "24:00") problems.push_back({path, "must be before 24:00"});
}

void check_day(const json::value& value, const std::string& path, Problems& problems) {
  if (!parse_day(view(value))) problems.push_back({path, "must be a day such as 2026-12-24"});
}

void require_order(const json::value& value, const std::string& path, Problems& problems) {
  const auto& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i].get_object();
    const auto* first = item.if_contains("first_day");
    const auto* last = item.if_contains("last_day");
    const bool both = first != nullptr && last != nullptr && first->is_string() && last->is_string();
    if (both && view(*last) < view(*first)) {
      problems.push_back({path + "[" + std::to_string(i) + "].last_day", "must not be before the first day"});
    }
  }
}

}  // namespace

Field schedules_field() {
  const std::vector<Field> fields{
      {.name = "weekdays", .kind = FieldKind::part, .check = check_weekdays},
      {.name = "opens", .check = check_opening},
      {.name = "closes", .check = check_clock},
      {.name = "first_day", .flags = Field::nullable, .check = check_day},
      {.name = "last_day", .flags = Field::nullable, .check = check_day},
      time_zone_field(),
  };
  return {.name = "schedules",
          .kind = FieldKind::part,
          .check = list_of(fields, kMaxDestinationSchedules, require_order),
          .select = kSelectSchedules};
}

void store_schedules(Write& write) {
  store_list(write, "schedules", kStoreSchedules);
}

}  // namespace tributary::admin
