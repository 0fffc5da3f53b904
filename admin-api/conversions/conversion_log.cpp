#include "admin-api/api/asked_team.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/conversions/conversion_json.h"
#include "admin-api/conversions/log_page.h"
#include "admin-api/conversions/set_status.h"

// Conversions, newest first, and the history of one.
namespace tributary::admin {
namespace {

// Whether the network had told of this event of the click before, by the time when each was first received.
const std::string kOccurrence = R"sql((
    SELECT CASE WHEN EXISTS (
      SELECT FROM events.conversions AS o
      WHERE o.click = t.click AND o.network = t.network AND o.event = t.event AND o.first_standing < t.first_standing)
      THEN 'repeated' ELSE 'new' END
    FROM events.known_networks AS n
    WHERE n.network = t.network AND coalesce(n.event_duplicates->>lower(t.event), n.duplicates) = 'count_labelled'))sql";

constexpr int kMostHistory = 500;  // entries that are shown of one conversion, the first ones

http::Response list_conversions(Context& context) {
  context.allow_arguments({"limit", "cursor", "team_id", "from", "to", "network_id", "affiliate_id", "campaign_id",
                           "status", "attribution", "click", "transaction"});
  LogPage page(context, "t.first_received_at", {"t.id", "t.key_owner"});
  page.filter_number(context, "network_id", "t.network = ?::integer AND t.network <> 0");
  page.filter_number(context, "affiliate_id", "t.affiliate = ?::integer AND t.affiliate <> 0");
  page.filter_number(context, "campaign_id", "t.campaign = ?::integer");
  page.filter_status(context);
  page.filter_text(context, "attribution", "t.attribution = ?");
  page.filter_click(context);
  page.filter_text(context, "transaction", "t.transaction = ?");
  return page.answer(context, conversion_json_sql() + "::text", "events.conversions",
                     [](const QueryResult& rows, int row) { return std::string(rows.text(row, kLogPageColumns)); });
}

http::Response show_conversion(Context& context) {
  context.allow_arguments({"team_id"});
  Params params;
  params.untyped(number_in_path(context));
  add_optional(params, asked_team(context));
  const std::string sql = "SELECT " + conversion_with_history_sql() +
                          "::text FROM events.conversions AS t"
                          " WHERE t.id = $1::bigint AND ($2::uuid IS NULL OR t.team = $2::uuid)"
                          " ORDER BY t.first_received_at DESC LIMIT 1";
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(sql, params);
  if (rows.rows() == 0) throw not_found();
  return http::json_response(200, std::string(rows.text(0, 0)));
}

}  // namespace

const std::string& conversion_json_sql() {
  static const std::string sql = R"sql(json_build_object(
  'id', t.id, 'team_id', t.team, 'first_received_at', config.utc_text(t.first_received_at),
  'last_received_at', config.utc_text(t.last_received_at), 'click_time', config.utc_text(t.click_time),
  'network_id', nullif(t.network, 0), 'affiliate_id', nullif(t.affiliate, 0), 'campaign_id', nullif(t.campaign, 0),
  'stream_id', nullif(t.stream, 0), 'destination_id', nullif(t.destination, 0), 'source_id', nullif(t.source, 0),
  'link_id', nullif(t.link, 0), 'attribution', t.attribution, 'verified', t.verified, 'over_cap', t.over_cap,
  'raw_status', t.raw_status, 'status_at', config.utc_text(t.status_at), 'click', t.click, 'click_text', t.click_text,
  'transaction', t.transaction, 'event', nullif(t.event, ''), 'payout', trim_scale(t.payout)::text,
  'revenue', trim_scale(t.revenue)::text, 'cost', trim_scale(t.cost)::text, 'currency', nullif(t.currency, ''),
  'money_at', config.utc_text(t.money_at), 'postbacks', t.postbacks, 'occurrence', )sql" +
                                 kOccurrence + R"sql(, 'status', )sql" + status_name_sql("t.status") + ")";
  return sql;
}

const std::string& conversion_with_history_sql() {
  static const std::string sql = "(" + conversion_json_sql() + R"sql(::jsonb || jsonb_build_object('history', coalesce((
  SELECT json_agg(json_build_object(
    'recorded_at', config.utc_text(h.recorded_at), 'time', config.utc_text(h.time), 'change', h.change,
    'old_payout', trim_scale(h.old_payout)::text, 'new_payout', trim_scale(h.new_payout)::text,
    'old_revenue', trim_scale(h.old_revenue)::text, 'new_revenue', trim_scale(h.new_revenue)::text,
    'changed_by', h.changed_by, 'note', h.note, 'postback_id', (
      SELECT p.conversion_id FROM events.postbacks AS p
      WHERE p.time = h.time AND p.team = h.team AND p.journal = h.journal AND p.position = h.position LIMIT 1),
    'old_status', )sql" + status_name_sql("h.old_status") +
                                 ", 'new_status', " + status_name_sql("h.new_status") + R"sql() ORDER BY h.id)
  FROM (SELECT * FROM events.conversion_history WHERE conversion = t.id AND team = t.team ORDER BY id LIMIT )sql" +
                                 std::to_string(kMostHistory) + ") AS h), '[]')))";
  return sql;
}

void add_conversion_log_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/conversions", Access::team, list_conversions});
  routes.push_back({"GET", "/api/v1/conversions/{id}", Access::team, show_conversion});
  add_set_status_routes(routes);
}

}  // namespace tributary::admin
