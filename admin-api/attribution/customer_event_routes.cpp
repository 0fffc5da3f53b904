#include "admin-api/api/asked_team.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/attribution/credit_json.h"
#include "admin-api/conversions/log_page.h"
#include "admin-api/text/formats.h"

// What advertisers reported, newest first, whom each event is credited to and what lost; and the history of one.
namespace tributary::admin {
namespace {

const std::string& event_json_sql() {
  static const std::string sql = R"sql(json_build_object(
  'event_id', t.event_id, 'time', config.utc_text(t.time), 'team_id', t.team, 'advertiser_id', t.advertiser,
  'action', t.action, 'value', trim_scale(t.value)::text, 'currency', t.currency, 'coupon_code', t.coupon_code,
  'ref_code', t.ref_code, 'landing_url', t.landing_url, 'referrer', t.referrer, 'click_id', t.click_text,
  'customer_key', t.customer_key, 'state', coalesce((
    SELECT w.state FROM events.waiting_customer_events AS w
    WHERE w.event_id = t.event_id AND w.state <> 'click_arrived'),
    CASE WHEN t.matcher IS NULL THEN 'unattributed' ELSE 'attributed' END),
  'attribution', )sql" + credit_json_sql("t") +
                                 ")";
  return sql;
}

// The keys of events say in which partition one is.
const std::string& detail_sql() {
  static const std::string sql = "SELECT (" + event_json_sql() + R"sql(::jsonb || jsonb_build_object(
  'address', host(t.address), 'properties', t.properties, 'history', coalesce((
    SELECT json_agg(json_build_object('applied_at', config.utc_text(c.applied_at), 'reason', c.reason,
      'reattribution_id', c.reattribution, 'before', )sql" +
                                 credit_json_sql("c.old") + R"sql() ORDER BY c.id)
    FROM events.attribution_changes AS c
    WHERE c.event_id = t.event_id AND c.team = t.team AND c.applied_at IS NOT NULL), '[]')))::text
FROM events.customer_event_keys AS k
JOIN events.customer_events AS t
  ON t.advertiser = k.advertiser AND t.time = k.time AND t.event_id = k.event_id
WHERE k.event_id = $1::uuid AND ($2::uuid IS NULL OR t.team = $2::uuid))sql";
  return sql;
}

http::Response list_customer_events(Context& context) {
  context.allow_arguments({"limit", "cursor", "team_id", "from", "to", "advertiser_id", "campaign_id", "partner_id",
                           "action", "matcher", "customer_key"});
  LogPage page(context, "t.time", {"t.journal", "t.position"});
  page.filter_number(context, "advertiser_id", "t.advertiser = ?::integer");
  page.filter_number(context, "campaign_id", "t.campaign = ?::integer AND t.campaign <> 0");
  page.filter_number(context, "partner_id", "t.affiliate = ?::integer AND t.affiliate <> 0");
  page.filter_text(context, "action", "t.action = ?");
  page.filter_text(context, "matcher", "coalesce(t.matcher, 'none') = ?");
  page.filter_text(context, "customer_key", "t.customer_key = ?");
  return page.answer(context, event_json_sql() + "::text", "events.customer_events",
                     [](const QueryResult& rows, int row) { return std::string(rows.text(row, kLogPageColumns)); });
}

http::Response show_customer_event(Context& context) {
  context.allow_arguments({"team_id"});
  const auto& id = context.path.front();
  if (!is_uuid(id)) throw not_found();
  Params params;
  add_optional(params.untyped(id), asked_team(context));
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(detail_sql(), params);
  if (rows.rows() == 0) throw not_found();
  return http::json_response(200, std::string(rows.text(0, 0)));
}

}  // namespace

void add_customer_event_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/customer-events", Access::team, list_customer_events});
  routes.push_back({"GET", "/api/v1/customer-events/{id}", Access::team, show_customer_event});
}

}  // namespace tributary::admin
