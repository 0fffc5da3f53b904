#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/conversions/conversion_json.h"
#include "admin-api/conversions/hint.h"
#include "admin-api/conversions/log_page.h"
#include "admin-api/conversions/redrive.h"
#include "core/base/utf8.h"
#include "core/postback/postback_mapper.h"

// Every authentic call of a network, newest first, with its verdict and what to change; and what became of one.
namespace tributary::admin {
namespace {

namespace json = boost::json;

// The verdict becomes words in C++, where the hint is made.
const std::string& call_columns() {
  static const std::string columns = R"sql(json_build_object(
  'id', t.conversion_id, 'received_at', config.utc_text(t.time), 'team_id', t.team,
  'network_id', nullif(t.network, 0), 'affiliate_id', nullif(t.affiliate, 0), 'campaign_id', nullif(t.campaign, 0),
  'raw_status', t.raw_status, 'verified', t.verified, 'click', t.click, 'click_text', t.click_text,
  'transaction', t.transaction, 'event', t.event, 'payout', trim_scale(t.payout)::text,
  'revenue', trim_scale(t.revenue)::text, 'cost', trim_scale(t.cost)::text, 'currency', t.currency,
  'address', host(t.address), 'method', t.method, 'uri', t.uri, 'status', )sql" +
                                     status_name_sql("t.status") +
                                     ")::text, t.verdict, t.click_text, t.raw_status, t.uri, t.body";
  return columns;
}
constexpr int kCallColumns = 6;

std::string clean(const std::string& bytes) {
  std::string text;
  append_clean_text(bytes, text);
  return text;
}

// `column` is the first of call_columns().
json::object read_call(const QueryResult& rows, int row, int column) {
  auto call = json::parse(rows.text(row, column)).as_object();
  const auto verdict = static_cast<PostbackVerdict>(rows.integer(row, column + 1));
  const std::string body = rows.is_null(row, column + 5) ? std::string() : rows.bytes(row, column + 5);
  const auto hint = postback_hint(verdict, rows.text(row, column + 2), rows.text(row, column + 3),
                                  StoredCall(std::string(rows.text(row, column + 4)), body));
  call["verdict"] = postback_verdict_name(verdict);
  call["counts"] = counts_as_conversion(verdict);
  call["meaning"] = verdict_text(verdict).message;
  call["hint"] = hint.empty() ? json::value() : json::value(hint);
  call["body"] = body.empty() ? json::value() : json::value(clean(body));
  return call;
}

// A verdict by its name, or all of one kind.
void filter_verdict(const Context& context, LogPage& page) {
  const auto name = context.argument("verdict");
  if (name.empty()) return;
  if (name == "counted") return page.where("t.verdict < 64");
  if (name == "quarantined") return page.where("t.verdict >= 64");
  for (int number = 1; number < 256; ++number) {
    if (postback_verdict_name(static_cast<PostbackVerdict>(number)) != name) continue;
    if (number >= 64) page.where("t.verdict >= 64");  // has an index of its own
    return page.where("t.verdict = " + std::to_string(number));
  }
  throw ApiError(400, "malformed_query", "verdict is one of docs/postbacks.md, or counted, or quarantined");
}

http::Response list_postbacks(Context& context) {
  context.allow_arguments({"limit", "cursor", "team_id", "from", "to", "network_id", "affiliate_id", "campaign_id",
                           "verdict", "status", "click", "transaction"});
  LogPage page(context, "t.time", {"t.journal", "t.position"});
  page.filter_number(context, "network_id", "t.network = ?::integer");
  page.filter_number(context, "affiliate_id", "t.affiliate = ?::integer AND t.affiliate <> 0");
  page.filter_number(context, "campaign_id", "t.campaign = ?::integer");
  filter_verdict(context, page);
  page.filter_status(context);
  page.filter_click(context);
  page.filter_text(context, "transaction", "t.transaction = ?");
  return page.answer(context, call_columns(), "events.postbacks", [](const QueryResult& rows, int row) {
    return json::serialize(read_call(rows, row, kLogPageColumns));
  });
}

// A call changes one conversion at most: the one that its entry in the history names.
const std::string& detail_sql() {
  static const std::string sql = "SELECT " + call_columns() + R"sql(, array_to_json(t.custom)::text, (
  SELECT )sql" + conversion_with_history_sql() +
                                 R"sql(::text
  FROM events.conversions AS t WHERE t.id = effect.conversion AND t.team = effect.team LIMIT 1)
FROM events.postbacks AS t
LEFT JOIN LATERAL (
  SELECT h.conversion, h.team FROM events.conversion_history AS h
  WHERE h.journal = t.journal AND h.position = t.position LIMIT 1) AS effect ON true
WHERE t.conversion_id = $1::bigint AND ($2::uuid IS NULL OR t.team = $2::uuid)
ORDER BY t.time DESC LIMIT 1)sql";
  return sql;
}

http::Response show_postback(Context& context) {
  context.allow_arguments({"team_id"});
  Params params;
  params.untyped(number_in_path(context));
  add_optional(params, asked_team(context));
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(detail_sql(), params);
  if (rows.rows() == 0) throw not_found();
  auto call = read_call(rows, 0, 0);
  const auto or_null = [&](int column) {
    return rows.is_null(0, column) ? json::value() : json::parse(rows.text(0, column));
  };
  call["custom"] = or_null(kCallColumns);
  call["conversion"] = or_null(kCallColumns + 1);
  return http::json_response(200, json::serialize(call));
}

}  // namespace

void add_postback_log_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/postbacks", Access::team, list_postbacks});
  routes.push_back({"GET", "/api/v1/postbacks/{id}", Access::team, show_postback});
  add_postback_redrive_routes(routes);
}

}  // namespace tributary::admin
