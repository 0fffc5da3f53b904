#include "admin-api/reports/period.h"

#include "admin-api/api/problem.h"
#include "admin-api/text/formats.h"
#include "core/time_zone/zone_offsets.h"

namespace tributary::admin {
namespace {

constexpr int kMaxDays = 400;

}  // namespace

Period read_period(Context& context, ScopedTransaction& transaction) {
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
SELECT first::text, last::text, name, last - first FROM period)sql",
                                         params);
    const auto days = row.integer(0, 3);
    if (days < 0 || days >= kMaxDays || !zone_exists(row.text(0, 2))) {
      throw ApiError(400, "malformed_query",
                     "from must not be after to, at most 400 days before it; tz is an IANA name");
    }
    return {std::string(row.text(0, 0)), std::string(row.text(0, 1)), std::string(row.text(0, 2))};
  } catch (const PostgresError& error) {
    if (error.retryable()) throw;
    throw ApiError(400, "malformed_query", "from, to or tz is not valid");
  }
}

}  // namespace tributary::admin
