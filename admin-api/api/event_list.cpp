#include "admin-api/api/event_list.h"

#include <algorithm>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/page.h"
#include "admin-api/api/problem.h"
#include "admin-api/json/strict_json.h"
#include "admin-api/text/formats.h"

namespace tributary::admin {
namespace {

std::string comparison(const EventFilter& filter, const std::string& parameter) {
  const auto column = "t." + (filter.column.empty() ? filter.argument : filter.column);
  return " AND " +
         (filter.number ? column + " = " + parameter + "::bigint" : column + "::text = " + parameter + "::text");
}

}  // namespace

http::Response list_events(Context& context, const EventList& list) {
  const auto argument = [&](std::size_t i) -> std::string_view {
    if (i < list.filters.size()) return list.filters[i].argument;
    return "limit";
  };
  context.allow_arguments({"limit", "cursor", argument(0), argument(1), argument(2)});
  const auto limit = page_limit(context);
  const auto after = page_cursor(context, false);
  Params params;
  add_optional(params, own_team(context.principal));
  std::string sql =
      "SELECT t.id::text, (" + list.select + ")::text FROM " + list.from + " AS t WHERE " + list.condition;
  if (!after.empty()) {
    params.untyped(after);
    sql += " AND t.id < $" + std::to_string(params.size()) + "::bigint";
  }
  for (const EventFilter& filter : list.filters) {
    const auto value = context.argument(filter.argument);
    if (value.empty()) continue;
    if (filter.number && !is_number(value, 18)) {
      throw ApiError(400, "invalid_argument", "\"" + filter.argument + "\" must be a number");
    }
    params.untyped(value);
    sql += comparison(filter, "$" + std::to_string(params.size()));
  }
  if (!list.parent.empty()) {
    params.untyped(context.path.front());
    sql += comparison({.argument = list.parent, .number = true}, "$" + std::to_string(params.size()));
  }
  params.int4(limit + 1);
  sql += " ORDER BY t.id DESC LIMIT $" + std::to_string(params.size());

  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(sql, params);
  const int shown = std::min(rows.rows(), limit);
  std::string body = R"({"data":[)";
  for (int row = 0; row < shown; ++row) body += (row == 0 ? "" : ",") + std::string(rows.text(row, 1));
  const bool more = rows.rows() > limit;
  const auto next = more ? quote_json(encode_cursor(std::string(rows.text(shown - 1, 0)))) : "null";
  return http::json_response(200, body + R"(],"next_cursor":)" + next + "}");
}

}  // namespace tributary::admin
