#include "admin-api/resources/repository.h"

#include <algorithm>

namespace tributary::admin {
namespace {

std::string time_as_text(const std::string& column) {
  return "config.utc_text(t." + column + ")";
}

std::string column_as_json(const Field& field) {
  if (!field.select.empty()) return field.select;
  if (field.kind == FieldKind::money) return "trim_scale(t." + field.name + ")::text";
  if (field.kind == FieldKind::timestamp) return time_as_text(field.name);
  return "t." + field.name;
}

}  // namespace

std::string Repository::select_list() const {
  std::string list =
      "t." + resource_.id + "::text, t.version, json_build_object('" + resource_.id + "', t." + resource_.id;
  for (const auto& field : resource_.fields) {
    if (!field.is(Field::write_only)) list += ", '" + field.name + "', " + column_as_json(field);
  }
  list += ", 'version', t.version, 'created_at', " + time_as_text("created_at");
  return list + ", 'updated_at', " + time_as_text("updated_at") + ")::text";
}

std::string Repository::visible() const {
  std::string condition =
      resource_.team.empty() ? "$1::uuid IS NULL" : "($1::uuid IS NULL OR " + resource_.team + " = $1::uuid)";
  if (resource_.marks_deleted) condition += " AND t.state <> 'deleted'";
  return condition;
}

// NULL stands for every team: administrators only.
Params Repository::team_parameter() const {
  Params params;
  if (principal_.is_admin()) {
    params.null();
  } else {
    params.untyped(principal_.team);
  }
  return params;
}

std::optional<Row> Repository::find(const std::string& id, bool lock) {
  const auto rows =
      transaction_.execute("SELECT " + select_list() + " FROM " + resource_.table + " AS t WHERE " + visible() +
                               " AND t." + resource_.id + " = $2::" + id_type() + (lock ? " FOR UPDATE OF t" : ""),
                           team_parameter().untyped(id));
  if (rows.rows() == 0) return std::nullopt;
  return Row{std::string(rows.text(0, 0)), rows.integer(0, 1), std::string(rows.text(0, 2))};
}

Page Repository::list(const PageRequest& request) {
  auto params = team_parameter();
  std::string sql = "SELECT " + select_list() + " FROM " + resource_.table + " AS t WHERE " + visible();
  if (!request.after.empty()) {
    params.untyped(request.after);
    sql += " AND t." + resource_.id + " > $" + std::to_string(params.size()) + "::" + id_type();
  }
  for (const auto& filter : request.filters) {
    params.text(*filter.value);
    sql += " AND t." + filter.column + "::text = $" + std::to_string(params.size());
  }
  params.int4(request.limit + 1);
  sql += " ORDER BY t." + resource_.id + " LIMIT $" + std::to_string(params.size());

  const auto rows = transaction_.execute(sql, params);
  Page page;
  page.more = rows.rows() > request.limit;
  for (int row = 0; row < std::min(rows.rows(), request.limit); ++row) {
    page.rows.push_back({std::string(rows.text(row, 0)), rows.integer(row, 1), std::string(rows.text(row, 2))});
  }
  return page;
}

std::string Repository::insert(const std::vector<ColumnValue>& columns) {
  std::string names, places;
  Params params;
  for (const auto& [column, value] : columns) {
    add_optional(params, value);
    names += (names.empty() ? "" : ", ") + column;
    places += (places.empty() ? "$" : ", $") + std::to_string(params.size());
  }
  const auto rows = transaction_.execute("INSERT INTO " + resource_.table + " (" + names + ") VALUES (" + places +
                                             ") RETURNING " + resource_.id + "::text",
                                         params);
  return std::string(rows.text(0, 0));
}

// Also without columns: what hangs on the row has changed, and its version has to move.
void Repository::update(const std::string& id, const std::vector<ColumnValue>& columns) {
  auto params = team_parameter();
  params.untyped(id);
  std::string assignments = "updated_at = now()";
  for (const auto& [column, value] : columns) {
    add_optional(params, value);
    assignments += ", " + column + " = $" + std::to_string(params.size());
  }
  transaction_.execute("UPDATE " + resource_.table + " AS t SET " + assignments + " WHERE " + visible() + " AND t." +
                           resource_.id + " = $2::" + id_type(),
                       params);
}

void Repository::remove(const std::string& id) {
  if (resource_.marks_deleted) return update(id, {{"state", resource_.ended_state}});
  transaction_.execute(
      "DELETE FROM " + resource_.table + " AS t WHERE " + visible() + " AND t." + resource_.id + " = $2::" + id_type(),
      team_parameter().untyped(id));
}

}  // namespace tributary::admin
