#include <cstdio>

#include "ingestor/commands/commands.h"
#include "platform/postgres/connection.h"

namespace tributary::ingest {
namespace {

// Rollup against raw rows and conversions, per UTC day and campaign, in one snapshot: only what differs comes out.
constexpr const char* kDifferences = R"sql(
  WITH days AS (
    SELECT $1::date::timestamp AT TIME ZONE 'UTC' AS first, ($2::date + 1)::timestamp AT TIME ZONE 'UTC' AS last
  ), raw AS (
    SELECT (time AT TIME ZONE 'UTC')::date AS day, campaign,
      count(*) AS clicks, 0::bigint AS trafficbacks, 0::bigint AS postbacks, 0::bigint AS conversions,
      0::bigint AS received, sum(coalesce(cost, 0)) AS cost, 0::numeric AS revenue, 0::numeric AS payout
    FROM events.clicks, days WHERE time >= first AND time < last GROUP BY 1, 2
    UNION ALL
    SELECT (time AT TIME ZONE 'UTC')::date, campaign, 0, count(*), 0, 0, 0, sum(coalesce(cost, 0)), 0, 0
    FROM events.trafficbacks, days WHERE time >= first AND time < last GROUP BY 1, 2
    UNION ALL
    SELECT (time AT TIME ZONE 'UTC')::date, campaign, 0, 0, count(*), 0, 0, 0, 0, 0
    FROM events.postbacks, days WHERE time >= first AND time < last GROUP BY 1, 2
    UNION ALL
    SELECT (coalesce(click_time, first_received_at) AT TIME ZONE 'UTC')::date, campaign, 0, 0, 0, count(*), 0, 0,
      sum(CASE WHEN status IN (1, 2, 5, 6) THEN coalesce(revenue, 0) ELSE 0 END),
      sum(CASE WHEN status IN (1, 2, 5, 6) THEN coalesce(payout, 0) ELSE 0 END)
    FROM events.conversions, days
    WHERE coalesce(click_time, first_received_at) >= first AND coalesce(click_time, first_received_at) < last
    GROUP BY 1, 2
    UNION ALL
    SELECT (first_received_at AT TIME ZONE 'UTC')::date, campaign, 0, 0, 0, 0, count(*), 0, 0, 0
    FROM events.conversions, days WHERE first_received_at >= first AND first_received_at < last GROUP BY 1, 2
  ), rollup AS (
    SELECT (bucket AT TIME ZONE 'UTC')::date AS day, campaign,
      sum(clicks) AS clicks, sum(trafficbacks) AS trafficbacks, sum(postbacks) AS postbacks,
      sum(unmapped + leads + sales + rejected + trash + rebills + customs) AS conversions,
      sum(received_unmapped + received_leads + received_sales + received_rejected + received_trash + received_rebills
        + received_customs) AS received,
      sum(cost) AS cost, sum(revenue) AS revenue, sum(payout) AS payout
    FROM events.campaign_facts, days WHERE bucket >= first AND bucket < last GROUP BY 1, 2
  ), both_sides AS (
    SELECT day, campaign, clicks, trafficbacks, postbacks, conversions, received, cost, revenue, payout FROM rollup
    UNION ALL
    SELECT day, campaign, -clicks, -trafficbacks, -postbacks, -conversions, -received, -cost, -revenue, -payout FROM raw
  )
  SELECT day, campaign, sum(clicks), sum(trafficbacks), sum(postbacks), sum(conversions), sum(received), sum(cost),
    sum(revenue), sum(payout)
  FROM both_sides
  GROUP BY day, campaign
  HAVING (sum(clicks), sum(trafficbacks), sum(postbacks), sum(conversions), sum(received), sum(cost), sum(revenue),
    sum(payout)) <> (0, 0, 0, 0, 0, 0, 0, 0)
  ORDER BY day, campaign)sql";

constexpr const char* kMeasures[] = {"clicks",   "trafficbacks", "postbacks", "conversions",
                                     "received", "cost",         "revenue",   "payout"};

void print_difference(const QueryResult& rows, int row) {
  std::printf("%s campaign %s: rollup minus raw:", std::string(rows.text(row, 0)).c_str(),
              std::string(rows.text(row, 1)).c_str());
  int column = 2;
  for (const char* measure : kMeasures) {
    const std::string value(rows.text(row, column++));
    if (value.find_first_not_of("0.-") != std::string::npos) std::printf(" %s %s", measure, value.c_str());
  }
  std::printf("\n");
}

}  // namespace

int recount_command(const IngestorSettings& settings, const std::string& from_day, const std::string& to_day) {
  Connection connection(settings.connection("recount"));
  const QueryResult rows = connection.execute(kDifferences, Params().untyped(from_day).untyped(to_day));
  for (int row = 0; row < rows.rows(); ++row) print_difference(rows, row);
  std::printf("%d differences from %s to %s\n", rows.rows(), from_day.c_str(), to_day.c_str());
  return rows.rows() == 0 ? 0 : 1;
}

}  // namespace tributary::ingest
