#include "admin-api/costs/cost_routes.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/text/formats.h"
#include "core/money/money.h"

// What the clicks of a past period cost, told afterwards. Names and path are those that importers of ad spend already
// send (`update_costs`); what it does stands in events.correct_cost().
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr int kSubIds = 30;
constexpr int kMostDays = 366;

struct Correction {
  std::string start, end;  // local times
  std::string zone = "UTC";
  std::string cost;  // empty: earlier corrections are taken back
  std::string currency;
  bool only_unique = false;
  int slot = 0;  // 0: all clicks
  std::string value;
};

// The period in whole buckets of the campaign, and whether hours of the zone begin where buckets do: else neighbouring
// periods would share a bucket. A day alone is the whole day; a minute at the end is part of the period.
constexpr const char* kPeriod = R"sql(
WITH told AS (
  SELECT $1::timestamp AS since,
    CASE WHEN length($2) = 10 THEN $2::timestamp + interval '1 day'
      ELSE date_trunc('minute', $2::timestamp) + interval '1 minute' END AS until,
    make_interval(mins => coalesce(
      (SELECT bucket_minutes FROM events.known_campaigns WHERE campaign = $5::integer), 60)) AS width
), buckets AS (
  SELECT date_bin(width, since AT TIME ZONE $3, timestamptz '1970-01-01 00:00Z') AS since,
    date_bin(width, until AT TIME ZONE $3 + width - interval '1 microsecond', timestamptz '1970-01-01 00:00Z') AS until,
    NOT EXISTS (
      SELECT FROM (VALUES (told.since), (told.until)) AS bound (local)
      WHERE extract(epoch FROM bound.local AT TIME ZONE 'UTC' - bound.local AT TIME ZONE $3)
        % extract(epoch FROM width) <> 0) AS fits
  FROM told
)
SELECT since::text, until::text, until > since AND until - since <= make_interval(days => $4), fits FROM buckets)sql";

constexpr const char* kTakeBack = R"sql(
SELECT events.take_back_costs(c.id, $3::timestamptz, $4::timestamptz, $5::uuid, nullif($6, '')::uuid)
FROM config.campaigns AS c
WHERE c.id = $1::integer AND c.state <> 'deleted' AND ($2::uuid IS NULL OR c.team_id = $2::uuid))sql";

constexpr const char* kCorrect = R"sql(
SELECT events.correct_cost(c.id, $3::timestamptz, $4::timestamptz, nullif($5::smallint, 0), nullif($6, ''), $7,
  $8::numeric, coalesce(nullif($9, ''), c.currency, 'USD'), $10::uuid, nullif($11, '')::uuid)
FROM config.campaigns AS c
WHERE c.id = $1::integer AND c.state <> 'deleted' AND ($2::uuid IS NULL OR c.team_id = $2::uuid))sql";

std::string text_of(const std::string& name, const json::value& value) {
  if (!value.is_string()) throw invalid_field(name, "must be a text");
  return std::string(value.get_string());
}

// 2026-01-31, 2026-01-31 12:00 or 2026-01-31 12:00:00
std::string moment_of(const std::string& name, const json::value& value) {
  auto text = text_of(name, value);
  const bool day = is_date(text);
  if (!day && text.size() == 16) text += ":00";
  const bool moment =
      text.size() == 19 && text[10] == ' ' && is_timestamp(text.substr(0, 10) + "T" + text.substr(11) + "Z");
  if (!day && !moment) throw invalid_field(name, "must be a day or a local time: 2026-01-31 12:00");
  return text;
}

std::string cost_of(const json::value& value) {
  std::string text;
  if (value.is_string()) text = std::string(value.get_string());
  if (value.is_number()) text = json::serialize(value);
  if (value.is_double()) {
    char digits[64];
    std::snprintf(digits, sizeof digits, "%.6f", value.get_double());
    text = digits;
  }
  const auto micros = parse_money(text);
  if (!micros.ok() || *micros < 0) throw invalid_field("cost", "must be an amount such as 12.50, not negative");
  std::array<char, 32> decimal;  // with a point, as PostgreSQL reads it
  return std::string(format_money(*micros, decimal));
}

bool flag_of(const std::string& name, const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_int64() && (value.get_int64() == 0 || value.get_int64() == 1)) return value.get_int64() == 1;
  throw invalid_field(name, "must be true or false");
}

// {"sub_id_3": "banner-7"}
void read_filters(const json::value& value, Correction& correction) {
  const auto* filters = value.if_object();
  if (filters == nullptr || filters->size() > 1) throw invalid_field("filters", "must name one sub id at most");
  for (const auto& filter : *filters) {
    const std::string name = filter.key();
    for (int slot = 1; slot <= kSubIds; ++slot) {
      if (name == "sub_id_" + std::to_string(slot)) correction.slot = slot;
    }
    correction.value = text_of("filters." + name, filter.value());
    if (correction.slot == 0 || correction.value.empty()) {
      throw invalid_field("filters." + name, "must be a value of sub_id_1 to sub_id_30");
    }
  }
}

Correction read_correction(const json::object& body) {
  Correction correction;
  for (const auto& member : body) {
    const std::string name = member.key();
    const auto& value = member.value();
    if (name == "start_date") {
      correction.start = moment_of(name, value);
    } else if (name == "end_date") {
      correction.end = moment_of(name, value);
    } else if (name == "timezone") {
      correction.zone = text_of(name, value);
    } else if (name == "cost") {
      if (!value.is_null()) correction.cost = cost_of(value);
    } else if (name == "currency") {
      correction.currency = text_of(name, value);
      if (parse_currency(correction.currency).empty()) throw invalid_field(name, "must be a code of ISO 4217");
    } else if (name == "only_campaign_uniques") {
      correction.only_unique = flag_of(name, value);
    } else if (name == "filters") {
      if (!value.is_null()) read_filters(value, correction);
    } else {
      throw invalid_field(name, "is not known");
    }
  }
  for (const auto* name : {"start_date", "end_date", "cost"}) {
    if (!body.contains(name)) throw invalid_field(name, "is needed");
  }
  if (correction.cost.empty() && correction.slot != 0) {
    throw invalid_field("filters", "must not be given: a cost that is null takes back all corrections of the period");
  }
  return correction;
}

struct Period {
  std::string since, until;
};

Period period_of(ScopedTransaction& transaction, const std::string& campaign, const Correction& correction) {
  const auto known = transaction.execute("SELECT config.is_time_zone($1)", Params().text(correction.zone));
  if (!known.boolean(0, 0)) throw invalid_field("timezone", "must be an IANA name such as Europe/Madrid");
  Params params;
  params.text(correction.start).text(correction.end).text(correction.zone).int4(kMostDays).untyped(campaign);
  const auto row = transaction.execute(kPeriod, params);
  if (!row.boolean(0, 2)) throw invalid_field("end_date", "must not be before start_date, and at most a year after it");
  if (!row.boolean(0, 3)) {
    throw invalid_field("timezone",
                        "has hours that begin within a bucket of the campaign; tell UTC or the team's zone");
  }
  return {std::string(row.text(0, 0)), std::string(row.text(0, 1))};
}

Params params_of(const Context& context, const Period& period) {
  Params params;
  params.untyped(context.path.front());
  add_optional(params, own_team(context.principal));
  params.untyped(period.since).untyped(period.until);
  return params;
}

void take_back(const Context& context, ScopedTransaction& transaction, const Period& period,
               const std::string& request) {
  auto params = params_of(context, period);
  params.untyped(request).text(context.principal.user);
  if (transaction.execute(kTakeBack, params).rows() == 0) throw not_found();
}

// Returns how many clicks carry the cost.
std::int64_t correct(const Context& context, ScopedTransaction& transaction, const Period& period,
                     const Correction& correction, const std::string& request) {
  auto params = params_of(context, period);
  params.untyped(std::to_string(correction.slot)).text(correction.value);
  params.boolean(correction.only_unique).untyped(correction.cost).text(correction.currency);
  params.untyped(request).text(context.principal.user);
  const auto done = transaction.execute(kCorrect, params);
  if (done.rows() == 0) throw not_found();
  if (done.integer(0, 0) == 0) {
    throw ApiError(422, "no_clicks", "no click of the campaign was in that period that could carry the cost");
  }
  if (done.integer(0, 0) < 0) {
    throw ApiError(409, "told_otherwise",
                   "a cost of all clicks, or of another sub id, was told for that period: take it back first, by the"
                   " same call without filters and with a cost of null");
  }
  return done.integer(0, 0);
}

http::Response update_costs(Context& context) {
  const auto& id = context.path.front();
  if (!is_number(id, 9)) throw not_found();
  const auto body = context.json_body();
  const auto correction = read_correction(body);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto period = period_of(transaction, id, correction);
    const std::string request(transaction.execute("SELECT gen_random_uuid()::text").text(0, 0));
    std::int64_t clicks = 0;
    if (correction.cost.empty()) {
      take_back(context, transaction, period, request);
    } else {
      clicks = correct(context, transaction, period, correction, request);
    }
    write_audit(transaction, context, {"update_costs", "campaign", id, std::nullopt, json::serialize(body)});
    const json::object answer{{"success", true}, {"clicks", clicks}, {"request", request}};
    return Change{http::json_response(200, json::serialize(answer)), std::nullopt};
  });
}

}  // namespace

void add_cost_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/campaigns/{id}/update_costs", Access::team, update_costs});
  routes.push_back({"POST", "/admin_api/v1/campaigns/{id}/update_costs", Access::team, update_costs});
}

}  // namespace tributary::admin
