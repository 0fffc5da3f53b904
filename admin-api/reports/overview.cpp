#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/resources/field_rules.h"

// The first report: what happened between two days, in total, per campaign and per day. It reads the rollup together
// with the deltas that are not folded yet, so it is as fresh as ingestion. Amounts stay in their currencies.
namespace tributary::admin {
namespace {

constexpr int kMaxDays = 400;
constexpr const char* kMaxCampaigns = "1000";

// $1 first day, $2 last day, $3 zone, $4 team or null
constexpr const char* kFacts = R"sql(
WITH bounds AS (
  SELECT ($1::date::timestamp AT TIME ZONE $3) AS since, (($2::date + 1)::timestamp AT TIME ZONE $3) AS until
), facts AS (
  SELECT f.*, (f.bucket AT TIME ZONE $3)::date AS day
  FROM events.campaign_facts AS f, bounds AS b
  WHERE f.bucket >= b.since AND f.bucket < b.until AND ($4::uuid IS NULL OR f.team = $4::uuid)
)
)sql";

constexpr const char* kSums = R"sql(
  coalesce(sum(clicks), 0) AS clicks, coalesce(sum(unique_campaign), 0) AS unique_clicks,
  coalesce(sum(labelled), 0) AS labelled_clicks, coalesce(sum(trafficbacks), 0) AS trafficbacks,
  coalesce(sum(postbacks), 0) AS postbacks, coalesce(sum(leads), 0) AS leads, coalesce(sum(sales), 0) AS sales,
  coalesce(sum(rejected), 0) AS rejected, coalesce(sum(trash), 0) AS trash, coalesce(sum(rebills), 0) AS rebills,
  coalesce(sum(leads + sales + rebills + customs), 0) AS conversions)sql";

constexpr const char* kMoney = R"sql(
  SELECT json_agg(json_build_object(
           'currency', m.currency, 'cost', trim_scale(m.cost)::text, 'revenue', trim_scale(m.revenue)::text,
           'payout', trim_scale(m.payout)::text, 'profit', trim_scale(m.revenue - m.cost)::text) ORDER BY m.currency)
  FROM (SELECT currency, sum(cost) AS cost, sum(revenue) AS revenue, sum(payout) AS payout
        FROM facts AS i WHERE i.currency <> '' AND )sql";

constexpr const char* kMoneyEnd = R"sql(
        GROUP BY currency HAVING sum(cost) <> 0 OR sum(revenue) <> 0 OR sum(payout) <> 0) AS m)sql";

std::string money(const std::string& condition) {
  return std::string("coalesce((") + kMoney + condition + kMoneyEnd + "), '[]'::json)";
}

std::string report_sql() {
  const std::string sums = kSums;
  return std::string(kFacts) + "SELECT json_build_object('from', $1::date, 'to', $2::date, 'time_zone', $3::text," +
         " 'totals', (SELECT to_jsonb(s) || jsonb_build_object('money', " + money("true") + ") FROM (SELECT " + sums +
         " FROM facts) AS s)," + " 'campaigns', coalesce((SELECT json_agg(to_jsonb(s) || jsonb_build_object('money', " +
         money("i.campaign = s.campaign_id") +
         ", 'name', (SELECT name FROM config.campaigns WHERE id = s.campaign_id)) ORDER BY s.clicks DESC,"
         " s.campaign_id) FROM (SELECT campaign AS campaign_id," +
         sums + " FROM facts GROUP BY campaign ORDER BY sum(clicks) DESC, campaign LIMIT " + kMaxCampaigns +
         ") AS s), '[]'::json)," + " 'days', (SELECT json_agg(to_jsonb(s) || jsonb_build_object('money', " +
         money("i.day = s.day") + ") ORDER BY s.day) FROM (SELECT d.day," + sums +
         " FROM (SELECT generate_series($1::date, $2::date, '1 day')::date AS day) AS d"
         " LEFT JOIN facts USING (day) GROUP BY d.day) AS s))::text";
}

struct Period {
  std::string from, to, zone;
};

// Default: the last seven days in the zone of the team.
Period read_period(Context& context, ScopedTransaction& transaction) {
  context.allow_arguments({"from", "to", "tz", "team_id"});
  Period period{context.argument("from"), context.argument("to"), context.argument("tz")};
  for (const auto* day : {&period.from, &period.to}) {
    if (!day->empty() && !is_date(*day)) throw ApiError(400, "malformed_query", "from and to are days: 2026-01-31");
  }
  Params params;
  params.text(period.from).text(period.to).text(period.zone);
  add_optional(params, context.principal.team.empty() ? std::nullopt : std::optional(context.principal.team));
  try {
    const auto row = transaction.execute(R"sql(
WITH zone AS (
  SELECT coalesce(nullif($3, ''), (SELECT time_zone FROM config.teams WHERE id = $4::uuid), 'UTC') AS name
), days AS (
  SELECT name, coalesce(nullif($2, '')::date, (now() AT TIME ZONE name)::date) AS last FROM zone
), period AS (
  SELECT name, last, coalesce(nullif($1, '')::date, last - 6) AS first FROM days
)
SELECT first::text, last::text, name, last - first, config.is_time_zone(name) FROM period)sql",
                                         params);
    const auto days = row.integer(0, 3);
    if (days < 0 || days >= kMaxDays || !row.boolean(0, 4)) {
      throw ApiError(400, "malformed_query",
                     "from must not be after to, at most 400 days before it; tz is an IANA name");
    }
    return {std::string(row.text(0, 0)), std::string(row.text(0, 1)), std::string(row.text(0, 2))};
  } catch (const PostgresError& error) {
    if (error.retryable()) throw;
    throw ApiError(400, "malformed_query", "from, to or tz is not valid");
  }
}

std::optional<std::string> team_of(const Context& context) {
  if (!context.principal.is_admin()) return context.principal.team;
  const auto named = context.argument("team_id");
  if (!named.empty() && !is_uuid(named)) throw ApiError(400, "malformed_query", "team_id is a UUID");
  return named.empty() ? std::nullopt : std::optional(named);
}

http::Response overview(Context& context) {
  static const std::string sql = report_sql();
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto period = read_period(context, transaction);
  Params params;
  params.untyped(period.from).untyped(period.to).text(period.zone);
  add_optional(params, team_of(context));
  return http::json_response(200, std::string(transaction.execute(sql, params).text(0, 0)));
}

}  // namespace

void add_report_routes(Routes& routes) {
  routes.push_back({"GET", "/api/v1/reports/overview", Access::team, overview});
}

}  // namespace tributary::admin
