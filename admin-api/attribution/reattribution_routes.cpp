#include <boost/json/serialize.hpp>

#include "admin-api/api/asked_team.h"
#include "admin-api/api/event_list.h"
#include "admin-api/api/mutation.h"
#include "admin-api/api/problem.h"
#include "admin-api/api/route.h"
#include "admin-api/attribution/credit_json.h"
#include "admin-api/conversions/log_page.h"
#include "admin-api/resources/resource.h"
#include "admin-api/resources/shared_fields.h"

// Past periods attributed again by the present rules: asked for here, computed and applied by the ingestor.
namespace tributary::admin {
namespace {

namespace json = boost::json;

constexpr int kMostDays = 366;
constexpr int kMostOpen = 5;  // of one team

constexpr const char* kRun = R"sql(json_build_object(
  'id', t.id, 'requested_at', config.utc_text(t.requested_at), 'requested_by', t.requested_by, 'team_id', t.team,
  'advertiser_id', t.advertiser, 'campaign_id', t.campaign, 'from', config.utc_text(t.since),
  'to', config.utc_text(t.until), 'state', t.state, 'events', t.total, 'looked_at', t.looked_at, 'kept', t.kept,
  'ready_at', config.utc_text(t.ready_at), 'decided_by', t.decided_by,
  'finished_at', config.utc_text(t.finished_at), 'last_error', t.last_error))sql";

const EventList kRuns{.select = kRun,
                      .from = "events.reattributions",
                      .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
                      .filters = {{"state"}}};

// What became of the proof that had won: how it is judged now, or why it is not.
constexpr const char* kWhy = R"sql(coalesce(
  (SELECT c->>'outcome' FROM jsonb_array_elements((t.new).candidates) AS c WHERE c->>'matcher' = (t.old).matcher LIMIT 1),
  CASE WHEN (t.old).matcher IS NULL AND (t.new).matcher IS NULL THEN 'still_unattributed'
    WHEN (t.old).matcher IS NULL THEN 'found'
    WHEN (t.old).matcher = (t.new).matcher THEN 'other_record'
    ELSE 'not_looked_at' END))sql";

const EventList& changes_list() {
  static const EventList list{
      .select = std::string(R"sql(json_build_object(
  'id', t.id, 'event_id', t.event_id, 'time', config.utc_text(t.time), 'advertiser_id', t.advertiser,
  'action', t.action, 'value', trim_scale(t.value)::text, 'currency', t.currency,
  'reason', t.reason, 'reattribution_id', t.reattribution, 'made_at', config.utc_text(t.made_at),
  'applied_at', config.utc_text(t.applied_at), 'why', )sql") +
                kWhy + ", 'old', " + credit_json_sql("t.old") + ", 'new', " + credit_json_sql("t.new") + ")",
      .from = "events.attribution_changes",
      .condition = "($1::uuid IS NULL OR t.team = $1::uuid)",
      .filters = {{"reattribution_id", "reattribution", true}, {"advertiser_id", "advertiser", true}, {"event_id"}}};
  return list;
}

// What each partner loses and wins; null is nobody.
const std::string& detail_sql() {
  static const std::string sql = std::string("SELECT (") + kRun + R"sql(::jsonb || (
  WITH changes AS (
    SELECT * FROM events.attribution_changes AS c WHERE c.reattribution = t.id AND c.team = t.team
  ), sides AS (
    SELECT (old).affiliate AS partner, true AS lost, action, value, currency FROM changes
    WHERE (old).affiliate <> (new).affiliate
    UNION ALL
    SELECT (new).affiliate, false, action, value, currency FROM changes WHERE (old).affiliate <> (new).affiliate
  ), money AS (
    SELECT partner, currency, coalesce(sum(value) FILTER (WHERE lost), 0) AS lost,
      coalesce(sum(value) FILTER (WHERE NOT lost), 0) AS won
    FROM sides
    WHERE action = 'purchase' AND value IS NOT NULL
    GROUP BY partner, currency
  ), sums AS (
    SELECT partner, count(*) FILTER (WHERE lost) AS lost, count(*) FILTER (WHERE NOT lost) AS won
    FROM sides
    GROUP BY partner
    ORDER BY partner
    LIMIT 10000
  )
  SELECT jsonb_build_object(
    'changed', (SELECT count(*) FROM changes),
    'other_partner', (SELECT count(*) FROM sides WHERE lost),
    'partners', coalesce((
      SELECT jsonb_agg(jsonb_build_object(
        'partner_id', nullif(s.partner, 0), 'lost', s.lost, 'won', s.won, 'revenue', coalesce((
          SELECT jsonb_agg(jsonb_build_object('currency', m.currency, 'lost', trim_scale(m.lost)::text,
            'won', trim_scale(m.won)::text) ORDER BY m.currency)
          FROM money AS m
          WHERE m.partner = s.partner), '[]')) ORDER BY s.partner)
      FROM sums AS s), '[]'))))::text
FROM events.reattributions AS t
WHERE t.id = $1::bigint AND ($2::uuid IS NULL OR t.team = $2::uuid))sql";
  return sql;
}

// Whose events: the team of what is named, else that of the caller.
constexpr const char* kTeam = R"sql(
SELECT coalesce(a.team_id, c.team_id, nullif($3, '')::uuid)::text, given.advertiser IS NOT NULL AND a.id IS NULL,
  given.campaign IS NOT NULL AND (c.id IS NULL OR a.team_id <> c.team_id),
  $5::timestamptz > $4::timestamptz AND $5::timestamptz - $4::timestamptz <= make_interval(days => $6)
FROM (SELECT $1::integer, $2::integer) AS given (advertiser, campaign)
LEFT JOIN config.advertisers AS a ON a.id = given.advertiser
LEFT JOIN config.campaigns AS c ON c.id = given.campaign)sql";

constexpr const char* kAsk = R"sql(
INSERT INTO events.reattributions (requested_by, team, advertiser, campaign, since, until)
SELECT nullif($1, '')::uuid, $2::uuid, $3::integer, $4::integer, $5::timestamptz, $6::timestamptz
WHERE (SELECT count(*) FROM events.reattributions WHERE team = $2::uuid AND state IN ('queued', 'ready', 'applying'))
  < $7
RETURNING id::text)sql";

constexpr const char* kDecide = R"sql(
UPDATE events.reattributions SET state = $3, decided_by = nullif($4, '')::uuid
WHERE id = $1::bigint AND ($2::uuid IS NULL OR team = $2::uuid) AND state = ANY (string_to_array($5, ' ')))sql";

constexpr const char* kState =
    "SELECT state FROM events.reattributions WHERE id = $1::bigint AND ($2::uuid IS NULL OR team = $2::uuid)";

const std::vector<Field>& asked_fields() {
  static const std::vector<Field> fields{{.name = "from", .kind = FieldKind::timestamp, .flags = Field::required},
                                         {.name = "to", .kind = FieldKind::timestamp, .flags = Field::required},
                                         id_field("advertiser_id"),
                                         id_field("campaign_id")};
  return fields;
}

std::string team_of(const Context& context, ScopedTransaction& transaction, const std::vector<ColumnValue>& asked) {
  Params params;
  add_optional(params, value_of(asked, "advertiser_id"));
  add_optional(params, value_of(asked, "campaign_id")).text(context.principal.team);
  params.untyped(*value_of(asked, "from")).untyped(*value_of(asked, "to")).int4(kMostDays);
  const auto found = transaction.execute(kTeam, params);
  if (found.boolean(0, 1)) throw invalid_field("advertiser_id", "names no record of the team");
  if (found.boolean(0, 2)) throw invalid_field("campaign_id", "names no record of the team");
  if (!found.boolean(0, 3)) throw invalid_field("to", "must be after from, by a year at most");
  if (found.is_null(0, 0)) throw invalid_field("advertiser_id", "name an advertiser or a campaign: you have no team");
  return std::string(found.text(0, 0));
}

http::Response ask(Context& context) {
  const auto body = context.json_body();
  const auto asked = require_members(asked_fields(), body);
  return mutate(context, [&](ScopedTransaction& transaction) {
    const auto team = team_of(context, transaction, asked);
    Params params;
    params.text(context.principal.user).untyped(team);
    for (const char* name : {"advertiser_id", "campaign_id", "from", "to"}) add_optional(params, value_of(asked, name));
    const auto row = transaction.execute(kAsk, params.int4(kMostOpen));
    if (row.rows() == 0) throw conflict("five are queued, ready or being applied: apply or delete one of them");
    const std::string id(row.text(0, 0));
    write_audit(transaction, context, {"create", "reattribution", id, std::nullopt, json::serialize(body)});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"state":"queued"})"), std::nullopt};
  });
}

http::Response show(Context& context) {
  Params params;
  params.untyped(number_in_path(context));
  add_optional(params, own_team(context.principal));
  ScopedTransaction transaction(context.services.pool, context.scope(), TransactionKind::read_only);
  const auto rows = transaction.execute(detail_sql(), params);
  if (rows.rows() == 0) throw not_found();
  return http::json_response(200, std::string(rows.text(0, 0)));
}

// To `state`, from one of `before`.
http::Response decide(Context& context, const char* action, const char* state, const char* before) {
  const auto id = number_in_path(context);
  return mutate(context, [&](ScopedTransaction& transaction) {
    Params params;
    add_optional(params.untyped(id), own_team(context.principal)).text(state).text(context.principal.user).text(before);
    if (transaction.execute(kDecide, params).affected() == 0) {
      Params which;
      const auto found = transaction.execute(kState, add_optional(which.untyped(id), own_team(context.principal)));
      if (found.rows() == 0) throw not_found();
      throw conflict("it is " + std::string(found.text(0, 0)));
    }
    write_audit(transaction, context, {action, "reattribution", id, std::nullopt, std::nullopt});
    return Change{http::json_response(202, R"({"id":)" + id + R"(,"state":")" + state + R"("})"), std::nullopt};
  });
}

}  // namespace

void add_reattribution_routes(Routes& routes) {
  routes.push_back({"POST", "/api/v1/reattributions", Access::team, ask});
  routes.push_back(
      {"GET", "/api/v1/reattributions", Access::team, [](Context& context) { return list_events(context, kRuns); }});
  routes.push_back({"GET", "/api/v1/reattributions/{id}", Access::team, show});
  routes.push_back({"POST", "/api/v1/reattributions/{id}/apply", Access::team,
                    [](Context& context) { return decide(context, "apply", "applying", "ready"); }});
  routes.push_back({"DELETE", "/api/v1/reattributions/{id}", Access::team, [](Context& context) {
                      return decide(context, "delete", "dropping", "queued ready outdated failed");
                    }});
  routes.push_back({"GET", "/api/v1/attribution-changes", Access::team,
                    [](Context& context) { return list_events(context, changes_list()); }});
}

}  // namespace tributary::admin
