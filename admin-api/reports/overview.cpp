#include "admin-api/api/asked_team.h"
#include "admin-api/api/route.h"
#include "admin-api/reports/period.h"

// The first report: what happened between two days, in total, per campaign and per day. It reads the rollup together
// with the deltas that are not folded yet, so it is as fresh as ingestion. Amounts stay in their currencies.
namespace tributary::admin {
namespace {

// $1 first day, $2 last day, $3 zone, $4 team or null. `lines` has a line for the whole, one per campaign and one per
// day, told apart by the columns they were not grouped by. Every day has a row of zeros, so that days without traffic
// show.
constexpr const char* kReport = R"sql(
WITH bounds AS (
  SELECT ($1::date::timestamp AT TIME ZONE $3) AS since, (($2::date + 1)::timestamp AT TIME ZONE $3) AS until
), facts AS (
  SELECT f.campaign, (f.bucket AT TIME ZONE $3)::date AS day, f.currency, f.clicks, f.unique_campaign, f.labelled,
    f.trafficbacks, f.postbacks, f.leads, f.sales, f.rejected, f.trash, f.rebills, f.customs, f.cost, f.revenue, f.payout,
    f.lander_views, f.lander_clicks
  FROM events.campaign_facts AS f, bounds AS b
  WHERE f.bucket >= b.since AND f.bucket < b.until AND ($4::uuid IS NULL OR f.team = $4::uuid)
  UNION ALL
  SELECT NULL, day::date, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  FROM generate_series($1::date, $2::date, interval '1 day') AS day
), sums AS (
  SELECT grouping(campaign, day) AS level, campaign, day, currency,
    sum(clicks) AS clicks, sum(unique_campaign) AS unique_clicks, sum(labelled) AS labelled_clicks,
    sum(trafficbacks) AS trafficbacks, sum(postbacks) AS postbacks, sum(leads) AS leads, sum(sales) AS sales,
    sum(rejected) AS rejected, sum(trash) AS trash, sum(rebills) AS rebills,
    sum(leads + sales + rebills + customs) AS conversions,
    sum(lander_views) AS lander_views, sum(lander_clicks) AS lander_clicks,
    sum(cost) AS cost, sum(revenue) AS revenue, sum(payout) AS payout
  FROM facts
  GROUP BY GROUPING SETS ((currency), (campaign, currency), (day, currency))
), lines AS (
  SELECT level, campaign, day, sum(clicks) AS clicks,
    jsonb_build_object(
      'clicks', sum(clicks), 'unique_clicks', sum(unique_clicks), 'labelled_clicks', sum(labelled_clicks),
      'trafficbacks', sum(trafficbacks), 'postbacks', sum(postbacks), 'leads', sum(leads), 'sales', sum(sales),
      'rejected', sum(rejected), 'trash', sum(trash), 'rebills', sum(rebills), 'conversions', sum(conversions),
      'lander_views', sum(lander_views), 'lander_clicks', sum(lander_clicks),
      'lander_ctr_percent', round(100 * sum(lander_clicks) / nullif(sum(lander_views), 0), 2),
      'money', coalesce(
        jsonb_agg(jsonb_build_object(
          'currency', currency, 'cost', trim_scale(cost)::text, 'revenue', trim_scale(revenue)::text,
          'payout', trim_scale(payout)::text, 'profit', trim_scale(revenue - cost)::text) ORDER BY currency)
        FILTER (WHERE currency <> '' AND (cost, revenue, payout) <> (0, 0, 0)), '[]')) AS line
  FROM sums
  GROUP BY level, campaign, day
), best_campaigns AS (
  SELECT campaign, clicks,
    line || jsonb_build_object(
      'campaign_id', campaign, 'name', (SELECT name FROM config.campaigns WHERE id = campaign)) AS line
  FROM lines
  WHERE level = 1 AND campaign IS NOT NULL
  ORDER BY clicks DESC, campaign
  LIMIT 1000
)
SELECT json_build_object(
  'from', $1::date, 'to', $2::date, 'time_zone', $3::text,
  'totals', (SELECT line FROM lines WHERE level = 3),
  'campaigns', coalesce((SELECT json_agg(line ORDER BY clicks DESC, campaign) FROM best_campaigns), '[]'),
  'days', (SELECT json_agg(line || jsonb_build_object('day', day) ORDER BY day) FROM lines WHERE level = 2))::text)sql";

http::Response overview(Context& context) {
  context.allow_arguments({"from", "to", "tz", "team_id"});
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto period = read_period(context, transaction);
  Params params;
  params.untyped(period.from).untyped(period.to).text(period.zone);
  add_optional(params, asked_team(context));
  return http::json_response(200, std::string(transaction.execute(kReport, params).text(0, 0)));
}

}  // namespace

void add_overview_route(Routes& routes) {
  routes.push_back({"GET", "/api/v1/reports/overview", Access::team, overview});
}

}  // namespace tributary::admin
