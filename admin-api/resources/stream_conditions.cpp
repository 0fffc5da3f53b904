#include "admin-api/resources/stream_conditions.h"

#include "admin-api/resources/shared_fields.h"
#include "core/condition/compile_condition.h"
#include "core/condition/limits.h"

namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr const char* kSelectConditions = R"sql(
coalesce((SELECT json_agg(json_build_object('kind', c.kind, 'negated', c.negated, 'argument', c.argument,
                                            'accepted', c.accepted)
                          ORDER BY c.position)
          FROM config.stream_conditions AS c WHERE c.stream_id = t.id), '[]'::json))sql";

// Limits with the same argument are told apart by their order.
constexpr const char* kStoreConditions = R"sql(
WITH gone AS (
  DELETE FROM config.stream_conditions WHERE stream_id = $1::integer RETURNING position, argument, cap_slot
),
counter AS (
  SELECT argument, cap_slot, row_number() OVER (PARTITION BY argument ORDER BY position) AS nth
  FROM gone WHERE cap_slot IS NOT NULL
),
item AS (
  SELECT place, value ->> 'kind' AS kind, coalesce((value ->> 'negated')::boolean, false) AS negated,
         coalesce(value ->> 'argument', '') AS argument, coalesce(value -> 'accepted', '[]') AS accepted,
         row_number() OVER (PARTITION BY value ->> 'kind', coalesce(value ->> 'argument', '') ORDER BY place) AS nth
  FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS list (value, place)
)
INSERT INTO config.stream_conditions (stream_id, position, kind, negated, argument, accepted, cap_slot)
SELECT $1::integer, item.place, item.kind, item.negated, item.argument, item.accepted,
       CASE WHEN item.kind = 'click_limit' THEN coalesce(counter.cap_slot, config.take_cap_slot()) END
FROM item
LEFT JOIN counter ON item.kind = 'click_limit' AND counter.argument = item.argument AND counter.nth = item.nth
ORDER BY item.place)sql";

void check_texts(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto* texts = value.if_array();
  if (texts == nullptr) return problems.push_back({path, "must be a list of texts"});
  for (std::size_t i = 0; i < texts->size(); ++i) {
    if (!(*texts)[i].is_string()) problems.push_back({path + "[" + std::to_string(i) + "]", "must be a text"});
  }
}

model::Condition condition_from(const json::object& item) {
  model::Condition condition;
  condition.kind = std::string(item.at("kind").get_string());
  if (const auto* negated = item.if_contains("negated")) condition.negated = negated->get_bool();
  if (const auto* argument = item.if_contains("argument")) condition.argument = std::string(argument->get_string());
  if (const auto* accepted = item.if_contains("accepted")) {
    for (const auto& text : accepted->get_array()) condition.accepted.emplace_back(text.get_string());
  }
  return condition;
}

void require_compilable(const json::value& value, const std::string& path, std::vector<FieldProblem>& problems) {
  const auto& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::vector<ConditionProblem> found;
    compile_condition(condition_from(items[i].get_object()), found);
    for (auto& [field, reason] : found) {
      std::string place = path;
      place.append("[").append(std::to_string(i)).append("].").append(field);
      problems.push_back({std::move(place), std::move(reason)});
    }
  }
}

}  // namespace

Field conditions_field() {
  const std::vector<Field> fields{
      {.name = "kind", .flags = Field::required, .min = 1, .max = 64},
      {.name = "negated", .kind = FieldKind::boolean},
      {.name = "argument"},
      {.name = "accepted", .kind = FieldKind::part, .check = check_texts},
  };
  return {.name = "conditions",
          .kind = FieldKind::part,
          .check = list_of(fields, kMaxStreamConditions, require_compilable),
          .select = kSelectConditions};
}

void store_conditions(Write& write) {
  store_list(write, "conditions", kStoreConditions);
}

}  // namespace tributary::admin
