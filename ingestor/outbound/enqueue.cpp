#include "ingestor/outbound/enqueue.h"

namespace tributary::ingest {
namespace {

constexpr const char* kTeams = "SELECT DISTINCT team FROM events.known_outbound_templates WHERE active";

// Of 10,000 conversions, which one is passed on follows from its key and the template alone: stored again from the
// journals it is decided again in the same way. The payload holds what the macros of a template may name.
constexpr const char* kEnqueue = R"sql(
  INSERT INTO events.outbox (team, conversion, template, status, state, finished_at, payload)
  SELECT c.team, c.id, t.template, c.status,
    CASE WHEN chance.of_10000 < t.share_percent * 100 THEN 'queued' ELSE 'withheld' END,
    CASE WHEN chance.of_10000 < t.share_percent * 100 THEN NULL ELSE now() END,
    jsonb_strip_nulls(jsonb_build_object(
      'conversion_id', c.id,
      'status', (ARRAY['unmapped', 'lead', 'sale', 'rejected', 'trash', 'rebill', 'custom'])[c.status + 1],
      'raw_status', c.raw_status,
      'payout', trim_scale(round(c.payout * t.payout_percent / 100, 6))::text,
      'revenue', trim_scale(round(c.revenue * t.payout_percent / 100, 6))::text,
      'currency', nullif(c.currency, ''),
      'tid', c.transaction,
      'event', nullif(c.event, ''),
      'conversion_time', extract(epoch FROM coalesce(c.status_at, c.first_received_at))::bigint,
      'idempotency_key', format('%s-%s-%s', c.id, t.template, c.status),
      'partner_id', nullif(by_click.affiliate, 0),
      'click_id', coalesce(c.click_text, k.external_click_id),
      'campaign_id', nullif(c.campaign, 0),
      'stream_id', nullif(coalesce(nullif(c.stream, 0), k.stream), 0),
      'destination_id', nullif(coalesce(nullif(c.destination, 0), k.destination), 0),
      'source_id', nullif(by_click.source, 0),
      'lander_id', nullif(k.lander, 0)))
    || jsonb_strip_nulls(jsonb_build_object(
      'external_id', k.external_id, 'keyword', k.keyword, 'cost', trim_scale(k.cost)::text,
      'utm_source', k.utm_source, 'utm_medium', k.utm_medium, 'utm_campaign', k.utm_campaign,
      'utm_content', k.utm_content, 'utm_term', k.utm_term,
      'ip', host(k.address), 'user_agent', k.user_agent, 'referrer', k.referrer, 'language', k.language,
      'timestamp', extract(epoch FROM c.click_time)::bigint,
      'country', k.country, 'continent', k.continent, 'region', k.region, 'city', k.city,
      'isp', k.isp, 'asn', k.asn, 'connection_type', k.connection,
      'device_type', k.device, 'device_brand', k.brand, 'device_model', k.model, 'os', k.os,
      'os_version', k.os_version, 'browser', k.browser, 'browser_version', k.browser_version))
    || coalesce((
      SELECT jsonb_object_agg('sub_id_' || s.n, s.value)
      FROM unnest(k.sub_ids) WITH ORDINALITY AS s (value, n)
      WHERE s.value IS NOT NULL), '{}')
  FROM events.conversions c
  LEFT JOIN LATERAL (
    SELECT * FROM events.clicks WHERE id = c.click AND time = c.click_time LIMIT 1
  ) k ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(nullif(c.affiliate, 0), k.affiliate, 0) AS affiliate,
      coalesce(nullif(c.source, 0), k.source, 0) AS source
  ) by_click
  JOIN events.known_outbound_templates t ON t.team = c.team AND t.active
    AND (t.source = 0 OR t.source = by_click.source)
    AND (t.campaign = 0 OR t.campaign = c.campaign)
    AND (t.partner = 0 OR t.partner = by_click.affiliate)
    AND c.status = ANY (t.statuses)
    AND (t.events = '{}' OR lower(c.event) = ANY (t.events))
  CROSS JOIN LATERAL (
    SELECT ('x' || substr(md5(
      format('%s/%s/%s/%s/%s', t.template, c.key_owner, c.key_kind, c.key_event, c.key_subject)), 1, 8)
    )::bit(32)::bigint % 10000 AS of_10000
  ) chance
  WHERE c.id = ANY ($1::bigint[]) AND (c.attribution <> 'awaiting_click' OR k.lander = 0)
  ORDER BY c.id, t.template
  ON CONFLICT (conversion, template, status) DO NOTHING)sql";

}  // namespace

std::set<TeamId> teams_with_templates(Connection& connection) {
  const QueryResult rows = connection.execute(kTeams);
  std::set<TeamId> teams;
  for (int row = 0; row < rows.rows(); ++row) teams.insert(rows.uuid(row, 0));
  return teams;
}

void enqueue_postbacks(Connection& connection, const std::vector<std::int64_t>& conversions) {
  if (conversions.empty()) return;
  Params params;
  params.array(oid::kInt8Array, oid::kInt8, conversions, [](BinaryWriter& out, std::int64_t id) { out.int8(id); });
  connection.execute(kEnqueue, params);
}

}  // namespace tributary::ingest
