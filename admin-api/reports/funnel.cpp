#include "admin-api/api/asked_team.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/reports/period.h"
#include "admin-api/text/formats.h"

// From landing to purchase, for each campaign of an advertiser and each partner in it, counted from the clicks and
// events themselves: as fresh as ingestion. What is credited to no campaign stands in a row of its own.
namespace tributary::admin {
namespace {

// $1 first day, $2 last day, $3 zone, $4 team or null, $5 advertiser, $6 campaign and $7 partner, 0: all. Labelled
// clicks are no landings. `level` 3 is the sum of all.
constexpr const char* kReport = R"sql(
WITH bounds AS (
  SELECT ($1::date::timestamp AT TIME ZONE $3) AS since, (($2::date + 1)::timestamp AT TIME ZONE $3) AS until
), facts AS (
  SELECT f.campaign, f.affiliate AS partner, 'landing' AS action, NULL::numeric AS value, '' AS currency
  FROM events.clicks AS f
  CROSS JOIN bounds AS b
  JOIN config.campaigns AS c ON c.id = f.campaign AND c.advertiser_id IS NOT NULL
  WHERE f.time >= b.since AND f.time < b.until AND f.labels & ~16 = 0 AND ($4::uuid IS NULL OR f.team = $4::uuid)
    AND $5 IN (0, c.advertiser_id) AND $6 IN (0, f.campaign) AND $7 IN (0, f.affiliate)
  UNION ALL
  SELECT f.campaign, f.affiliate, f.action, f.value, f.currency
  FROM events.customer_events AS f
  CROSS JOIN bounds AS b
  WHERE f.time >= b.since AND f.time < b.until AND ($4::uuid IS NULL OR f.team = $4::uuid)
    AND $5 IN (0, f.advertiser) AND $6 IN (0, f.campaign) AND $7 IN (0, f.affiliate)
), money AS (
  SELECT grouping(campaign, partner) AS level, campaign, partner, currency, sum(value) AS value
  FROM facts
  WHERE action = 'purchase' AND value IS NOT NULL
  GROUP BY GROUPING SETS ((currency), (campaign, partner, currency))
), counts AS (
  SELECT grouping(campaign, partner) AS level, campaign, partner,
    count(*) FILTER (WHERE action = 'landing') AS landings,
    count(*) FILTER (WHERE action = 'add_to_cart') AS carts,
    count(*) FILTER (WHERE action = 'signup') AS signups,
    count(*) FILTER (WHERE action = 'purchase') AS purchases,
    count(*) FILTER (WHERE action = 'drop_off') AS drop_offs,
    count(*) FILTER (WHERE action = 'custom') AS customs
  FROM facts
  GROUP BY GROUPING SETS ((), (campaign, partner))
), lines AS (
  SELECT level, campaign, partner, landings,
    jsonb_build_object(
      'landings', landings, 'carts', carts, 'signups', signups, 'purchases', purchases, 'drop_offs', drop_offs,
      'customs', customs,
      'revenue', coalesce(
        (SELECT jsonb_agg(jsonb_build_object('currency', m.currency, 'amount', trim_scale(m.value)::text)
                          ORDER BY m.currency)
         FROM money AS m
         WHERE m.level = counts.level AND m.campaign IS NOT DISTINCT FROM counts.campaign
           AND m.partner IS NOT DISTINCT FROM counts.partner), '[]')) AS line
  FROM counts
)
SELECT json_build_object(
  'from', $1::date, 'to', $2::date, 'time_zone', $3::text,
  'totals', (SELECT line FROM lines WHERE level = 3),
  'rows', coalesce(
    (SELECT json_agg(line || jsonb_build_object('campaign_id', nullif(campaign, 0), 'partner_id', nullif(partner, 0))
                     ORDER BY landings DESC, campaign, partner)
     FROM (SELECT * FROM lines WHERE level = 0 ORDER BY landings DESC, campaign, partner LIMIT 10000) AS best),
    '[]'))::text)sql";

// The id that an argument names; 0: all.
std::string asked_id(const Context& context, std::string_view name) {
  auto text = context.argument(name, "0");
  if (text != "0" && !is_number(text, 9)) throw ApiError(400, "malformed_query", std::string(name) + " is a number");
  return text;
}

http::Response funnel(Context& context) {
  context.allow_arguments({"from", "to", "tz", "team_id", "advertiser_id", "campaign_id", "partner_id"});
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto period = read_period(context, transaction);
  Params params;
  params.untyped(period.from).untyped(period.to).text(period.zone);
  add_optional(params, asked_team(context));
  for (const char* name : {"advertiser_id", "campaign_id", "partner_id"}) {
    params.int4(std::stoi(asked_id(context, name)));
  }
  return http::json_response(200, std::string(transaction.execute(kReport, params).text(0, 0)));
}

}  // namespace

void add_funnel_route(Routes& routes) {
  routes.push_back({"GET", "/api/v1/reports/funnel", Access::team, funnel});
}

}  // namespace tributary::admin
