-- Links can be paused. Campaigns allow visible next hops. A repeated call of /click is a row with a label, and counts nowhere.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.links
  DROP CONSTRAINT links_state_check,
  ADD CONSTRAINT links_state_check CHECK (state IN ('active', 'paused', 'replaced', 'deleted'));

ALTER TABLE config.campaigns
  ADD COLUMN next_hops jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(next_hops) = 'array');

COMMENT ON COLUMN config.campaigns.next_hops IS
  'beginnings of URLs to which the parameter url of a campaign URL may lead; empty: to none';

COMMENT ON COLUMN events.clicks.labels IS
  'TrafficLabel bits: 1 bot, 2 prefetch, 4 HEAD, 8 scanner, 16 truncated, 32 repeated call of /click, which counts nowhere';

CREATE OR REPLACE FUNCTION events.recounted_facts(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  WITH facts AS (
    SELECT
      'click' AS kind, time, campaign, team,
      CASE WHEN cost <> 0 AND currency ~ '^[A-Z]{3}$' THEN currency ELSE '' END AS currency,
      uniqueness, labels, cost, NULL::smallint AS status, NULL::numeric AS payout, NULL::numeric AS revenue
    FROM events.clicks
    WHERE time >= since AND time < until AND labels & 32 = 0
    UNION ALL
    SELECT
      'trafficback', time, campaign, team,
      CASE WHEN cost <> 0 AND currency ~ '^[A-Z]{3}$' THEN currency ELSE '' END,
      NULL, NULL, cost, NULL, NULL, NULL
    FROM events.trafficbacks
    WHERE time >= since AND time < until
    UNION ALL
    SELECT 'postback', time, campaign, team, '', NULL, NULL, NULL, NULL, NULL, NULL
    FROM events.postbacks
    WHERE time >= since AND time < until
    UNION ALL
    SELECT
      'conversion', coalesce(click_time, first_received_at), campaign, team, currency,
      NULL, NULL, NULL, status, payout, revenue
    FROM events.conversions
    WHERE coalesce(click_time, first_received_at) >= since AND coalesce(click_time, first_received_at) < until
    UNION ALL
    SELECT 'receipt', first_received_at, campaign, team, currency, NULL, NULL, NULL, status, payout, revenue
    FROM events.conversions
    WHERE first_received_at >= since AND first_received_at < until
  )
  SELECT
    date_bin(make_interval(mins => coalesce(k.bucket_minutes, 60)), f.time, timestamptz '1970-01-01 00:00Z') AS bucket,
    f.campaign, f.team, f.currency,
    count(*) FILTER (WHERE kind = 'click') AS clicks,
    count(*) FILTER (WHERE uniqueness & 1 <> 0) AS unique_stream,
    count(*) FILTER (WHERE uniqueness & 2 <> 0) AS unique_campaign,
    count(*) FILTER (WHERE uniqueness & 4 <> 0) AS unique_global,
    count(*) FILTER (WHERE labels & ~16 <> 0) AS labelled,
    count(*) FILTER (WHERE kind = 'trafficback') AS trafficbacks,
    count(*) FILTER (WHERE kind = 'postback') AS postbacks,
    coalesce(sum(cost), 0) AS cost,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 0) AS unmapped,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 1) AS leads,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 2) AS sales,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 3) AS rejected,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 4) AS trash,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 5) AS rebills,
    count(*) FILTER (WHERE kind = 'conversion' AND status = 6) AS customs,
    coalesce(sum(payout) FILTER (WHERE kind = 'conversion' AND status IN (1, 2, 5, 6)), 0) AS payout,
    coalesce(sum(revenue) FILTER (WHERE kind = 'conversion' AND status IN (1, 2, 5, 6)), 0) AS revenue,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 0) AS received_unmapped,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 1) AS received_leads,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 2) AS received_sales,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 3) AS received_rejected,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 4) AS received_trash,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 5) AS received_rebills,
    count(*) FILTER (WHERE kind = 'receipt' AND status = 6) AS received_customs,
    coalesce(sum(payout) FILTER (WHERE kind = 'receipt' AND status IN (1, 2, 5, 6)), 0) AS received_payout,
    coalesce(sum(revenue) FILTER (WHERE kind = 'receipt' AND status IN (1, 2, 5, 6)), 0) AS received_revenue
  FROM facts AS f
  LEFT JOIN events.known_campaigns AS k ON k.campaign = f.campaign
  GROUP BY 1, 2, 3, 4
$$;

