#include "ingestor/store/attribution_changes.h"

#include "ingestor/events/columns.h"

namespace tributary::ingest {
namespace {

constexpr const char* kRecord = R"sql(
  WITH given AS (
    SELECT advertiser, time, event_id,
      ROW(campaign, affiliate, link, coupon, confidence, matcher, click, candidates::jsonb)::events.credit AS credit
    FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::integer[], $5::integer[], $6::integer[],
      $7::integer[], $8::smallint[], $9::text[], $10::uuid[], $11::text[])
      AS g (advertiser, time, event_id, campaign, affiliate, link, coupon, confidence, matcher, click, candidates)
  )
  INSERT INTO events.attribution_changes
    (time, advertiser, team, event_id, reason, reattribution, applied_at, action, value, currency, old, new)
  SELECT e.time, e.advertiser, e.team, e.event_id,
    CASE WHEN $12 = 0 THEN 'late_click' ELSE 'reattribution' END, nullif($12, 0), CASE WHEN $12 = 0 THEN now() END,
    e.action, e.value, e.currency, events.credit_of(e), given.credit
  FROM given
  JOIN events.customer_events AS e
    ON e.advertiser = given.advertiser AND e.time = given.time AND e.event_id = given.event_id
  WHERE events.credit_of(e) IS DISTINCT FROM given.credit
    AND ($13 = 0 OR $13 IN (e.campaign, (given.credit).campaign))
  RETURNING id)sql";

constexpr const char* kApply = R"sql(
  UPDATE events.customer_events AS e SET
    campaign = (c.new).campaign, affiliate = (c.new).affiliate, link = (c.new).link, coupon = (c.new).coupon,
    confidence = (c.new).confidence, matcher = (c.new).matcher, click = (c.new).click, candidates = (c.new).candidates
  FROM unnest($1::bigint[]) AS given (id)
  JOIN events.attribution_changes AS c ON c.id = given.id
  WHERE e.advertiser = c.advertiser AND e.time = c.time AND e.event_id = c.event_id
    AND events.credit_of(e) IS NOT DISTINCT FROM c.old)sql";

using Out = BinaryWriter&;
using In = const Decided&;

void add_credits(Params& params, const std::vector<Decided>& decided) {
  for (const auto id : {&Credit::campaign, &Credit::affiliate, &Credit::link, &Credit::coupon}) {
    params.array(oid::kInt4Array, oid::kInt4, decided, [&](Out out, In d) { out.int4(d.credit.*id); });
  }
  params.array(oid::kInt2Array, oid::kInt2, decided,
               [](Out out, In d) { d.credit.confidence ? out.int2(*d.credit.confidence) : out.null(); });
  params.array(oid::kTextArray, oid::kText, decided, [](Out out, In d) { out.text_or_null(d.credit.matcher); });
  params.array(oid::kUuidArray, oid::kUuid, decided, [](Out out, In d) { write_click(out, d.credit.click); });
  params.array(oid::kTextArray, oid::kText, decided, [](Out out, In d) { out.text_or_null(d.credit.candidates); });
}

}  // namespace

std::vector<std::int64_t> record_changes(Connection& connection, const std::vector<Decided>& decided,
                                         std::int64_t reattribution, std::int32_t campaign) {
  if (decided.empty()) return {};
  std::vector<EventKey> keys;
  for (const Decided& each : decided) keys.push_back(each.event);
  Params params;
  add_event_keys(params, keys);
  add_credits(params, decided);
  const QueryResult rows = connection.execute(kRecord, params.int8(reattribution).int4(campaign));
  std::vector<std::int64_t> ids;
  for (int row = 0; row < rows.rows(); ++row) ids.push_back(rows.integer(row, 0));
  return ids;
}

std::size_t apply_changes(Connection& connection, const std::vector<std::int64_t>& changes) {
  if (changes.empty()) return 0;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, changes, [](Out out, std::int64_t id) { out.int8(id); });
  return static_cast<std::size_t>(connection.execute(kApply, params).affected());
}

std::size_t change_attributions(Connection& connection, const std::vector<Decided>& decided) {
  return apply_changes(connection, record_changes(connection, decided));
}

}  // namespace tributary::ingest
