#include "ingestor/store/attribution_changes.h"

#include "ingestor/events/columns.h"

namespace tributary::ingest {
namespace {

constexpr const char* kChange = R"sql(
  WITH given AS (
    SELECT advertiser, time, event_id,
      ROW(campaign, affiliate, link, coupon, confidence, matcher, click, candidates::jsonb)::events.credit AS credit
    FROM unnest($1::integer[], $2::timestamptz[], $3::uuid[], $4::integer[], $5::integer[], $6::integer[],
      $7::integer[], $8::smallint[], $9::text[], $10::uuid[], $11::text[])
      AS g (advertiser, time, event_id, campaign, affiliate, link, coupon, confidence, matcher, click, candidates)
  ), changes AS (
    INSERT INTO events.attribution_changes (time, advertiser, team, event_id, reason, old, new)
    SELECT e.time, e.advertiser, e.team, e.event_id, 'late_click', events.credit_of(e), given.credit
    FROM given
    JOIN events.customer_events AS e
      ON e.advertiser = given.advertiser AND e.time = given.time AND e.event_id = given.event_id
    WHERE events.credit_of(e) IS DISTINCT FROM given.credit
    RETURNING time, advertiser, event_id, new
  )
  UPDATE events.customer_events AS e SET
    campaign = (c.new).campaign, affiliate = (c.new).affiliate, link = (c.new).link, coupon = (c.new).coupon,
    confidence = (c.new).confidence, matcher = (c.new).matcher, click = (c.new).click, candidates = (c.new).candidates
  FROM changes AS c
  WHERE e.advertiser = c.advertiser AND e.time = c.time AND e.event_id = c.event_id)sql";

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

std::size_t change_attributions(Connection& connection, const std::vector<Decided>& decided) {
  if (decided.empty()) return 0;
  std::vector<EventKey> keys;
  for (const Decided& each : decided) keys.push_back(each.event);
  Params params;
  add_event_keys(params, keys);
  add_credits(params, decided);
  return static_cast<std::size_t>(connection.execute(kChange, params).affected());
}

}  // namespace tributary::ingest
