-- Rollups can be counted again from raw rows and mended; old partitions go one at a time and never hold up a batch.

SET LOCAL ROLE tributary_owner;

-- The same rules as the ingestor's own groups. One row per fact, then one GROUP BY.
CREATE FUNCTION events.recounted_facts(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  WITH facts AS (
    SELECT
      'click' AS kind, time, campaign, team,
      CASE WHEN cost <> 0 AND currency ~ '^[A-Z]{3}$' THEN currency ELSE '' END AS currency,
      uniqueness, labels, cost, NULL::smallint AS status, NULL::numeric AS payout, NULL::numeric AS revenue
    FROM events.clicks
    WHERE time >= since AND time < until
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

COMMENT ON FUNCTION events.recounted_facts(timestamptz, timestamptz) IS
  'what the rollup should say of these days, from raw rows and conversions; both bounds at a full hour';

CREATE FUNCTION events.measures_of(facts events.rollup_campaign) RETURNS TABLE (name text, value numeric)
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$
  SELECT key, value::numeric
  FROM jsonb_each_text(to_jsonb(facts) - ARRAY['bucket', 'campaign', 'team', 'currency'])
  WHERE value::numeric <> 0
$$;

COMMENT ON FUNCTION events.measures_of(events.rollup_campaign) IS 'the measures of a rollup row that are not zero, by name';

CREATE FUNCTION events.describe_facts(facts events.rollup_campaign, sign integer) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$
  SELECT concat(
    to_char(facts.bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
    ' campaign ', facts.campaign, ' ' || nullif(facts.currency, ''), ': ',
    string_agg(name || ' ' || trim_scale(sign * value), ' ' ORDER BY name))
  FROM events.measures_of(facts)
$$;

COMMENT ON FUNCTION events.describe_facts(events.rollup_campaign, integer) IS
  'one line for a person: bucket in UTC, campaign, currency, and every measure that is not zero, times the sign';

CREATE FUNCTION events.rollup_corrections(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  WITH both_sides AS (
    SELECT 1 AS sign, r.* FROM events.recounted_facts(since, until) AS r
    UNION ALL
    SELECT -1, f.* FROM events.campaign_facts AS f WHERE f.bucket >= since AND f.bucket < until
  ), missing AS (
    SELECT
      bucket, campaign, team, currency,
      sum(sign * clicks)::bigint AS clicks,
      sum(sign * unique_stream)::bigint AS unique_stream,
      sum(sign * unique_campaign)::bigint AS unique_campaign,
      sum(sign * unique_global)::bigint AS unique_global,
      sum(sign * labelled)::bigint AS labelled,
      sum(sign * trafficbacks)::bigint AS trafficbacks,
      sum(sign * postbacks)::bigint AS postbacks,
      sum(sign * cost) AS cost,
      sum(sign * unmapped)::bigint AS unmapped,
      sum(sign * leads)::bigint AS leads,
      sum(sign * sales)::bigint AS sales,
      sum(sign * rejected)::bigint AS rejected,
      sum(sign * trash)::bigint AS trash,
      sum(sign * rebills)::bigint AS rebills,
      sum(sign * customs)::bigint AS customs,
      sum(sign * payout) AS payout,
      sum(sign * revenue) AS revenue,
      sum(sign * received_unmapped)::bigint AS received_unmapped,
      sum(sign * received_leads)::bigint AS received_leads,
      sum(sign * received_sales)::bigint AS received_sales,
      sum(sign * received_rejected)::bigint AS received_rejected,
      sum(sign * received_trash)::bigint AS received_trash,
      sum(sign * received_rebills)::bigint AS received_rebills,
      sum(sign * received_customs)::bigint AS received_customs,
      sum(sign * received_payout) AS received_payout,
      sum(sign * received_revenue) AS received_revenue
    FROM both_sides
    GROUP BY bucket, campaign, team, currency
  ), wrong_hours AS (
    -- Per hour, because a team that changed its zone has buckets of another width in its past.
    SELECT DISTINCT hour, campaign, team, currency
    FROM (
      SELECT date_trunc('hour', bucket, 'UTC') AS hour, campaign, team, currency
      FROM missing AS m, events.measures_of(m::events.rollup_campaign) AS measure
      GROUP BY hour, campaign, team, currency, measure.name
      HAVING sum(measure.value) <> 0
    ) AS per_measure
  )
  SELECT m.*
  FROM missing AS m
  JOIN wrong_hours AS w
    ON w.hour = date_trunc('hour', m.bucket, 'UTC')
    AND (w.campaign, w.team, w.currency) = (m.campaign, m.team, m.currency)
  WHERE EXISTS (SELECT FROM events.measures_of(m::events.rollup_campaign))
$$;

COMMENT ON FUNCTION events.rollup_corrections(timestamptz, timestamptz) IS
  'what has to be added to the rollup so that it says what the raw rows say; no row: they agree';

-- Under the lock of the folder there is one repair at a time: a second one sees what the first has written. A batch that
-- commits meanwhile brings raw rows and deltas together, so it changes no difference.
CREATE FUNCTION events.repair_rollups(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('events.fold_rollups'));
  -- A statement of its own: its snapshot is taken after the lock.
  RETURN QUERY
  WITH corrections AS MATERIALIZED (
    SELECT * FROM events.rollup_corrections(since, until)
  ), batch AS (
    INSERT INTO events.batches (ingestor, finished_at)
    SELECT 'recount --repair', now() WHERE EXISTS (SELECT FROM corrections)
    RETURNING id
  ), written AS (
    INSERT INTO events.rollup_delta (
      bucket, campaign, team, currency,
      clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
      unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
      received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
      received_customs, received_payout, received_revenue, batch
    )
    SELECT c.*, b.id FROM corrections AS c, batch AS b
  )
  SELECT * FROM corrections;
END
$$;

COMMENT ON FUNCTION events.repair_rollups(timestamptz, timestamptz) IS
  'appends events.rollup_corrections to events.rollup_delta and returns them. Its transaction must be READ COMMITTED';

CREATE TABLE events.retention (
  only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  dropped_before date NOT NULL
);

COMMENT ON TABLE events.retention IS 'how far raw partitions were dropped; no row: nothing was';
COMMENT ON COLUMN events.retention.dropped_before IS 'the rollups of days before this one cannot be counted again';

DROP FUNCTION events.drop_partitions_before(date);

-- DROP TABLE locks the parent against every batch, and while it waits for a long report, batches queue up behind it. So
-- it waits for a moment only, and one call takes one table: no call holds the lock of one parent and waits for another.
CREATE FUNCTION events.drop_oldest_partition(before date) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '200ms'
AS $$
DECLARE
  child text;
BEGIN
  IF before > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'partitions of today are never dropped (asked for everything before %)', before;
  END IF;

  PERFORM pg_advisory_xact_lock(hashtext('events.partitions'));
  SELECT c.relname INTO child
  FROM pg_inherits AS i
  JOIN pg_class AS c ON c.oid = i.inhrelid
  WHERE i.inhparent = ANY (
      SELECT format('events.%I', parent)::regclass FROM unnest(events.partitioned_tables()) AS parent)
    AND right(c.relname, 8) < to_char(before, 'YYYYMMDD')
  ORDER BY right(c.relname, 8), c.relname
  LIMIT 1;
  IF child IS NULL THEN
    RETURN NULL;
  END IF;

  INSERT INTO events.retention AS r (dropped_before) VALUES (to_date(right(child, 8), 'YYYYMMDD') + 1)
  ON CONFLICT (only_row) DO UPDATE SET dropped_before = greatest(r.dropped_before, excluded.dropped_before);
  EXECUTE format('DROP TABLE events.%I', child);
  RETURN child;
END
$$;

COMMENT ON FUNCTION events.drop_oldest_partition(date) IS
  'retention: drops the oldest raw partition that lies before this UTC day and names it, null when there is none. Call until null, each in a transaction; conversions and rollups stay';

CREATE FUNCTION events.forget_customer_event_keys(before date, max_rows integer DEFAULT 10000) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH forgotten AS (
    DELETE FROM events.customer_event_keys
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM events.customer_event_keys WHERE time < before::timestamp AT TIME ZONE 'UTC' LIMIT max_rows))
    RETURNING 1
  )
  SELECT count(*) FROM forgotten
$$;

COMMENT ON FUNCTION events.forget_customer_event_keys(date, integer) IS
  'retention of the keys of customer events; returns how many were forgotten. Call until 0';

REVOKE EXECUTE ON FUNCTION
  events.recounted_facts(timestamptz, timestamptz), events.rollup_corrections(timestamptz, timestamptz),
  events.repair_rollups(timestamptz, timestamptz), events.drop_oldest_partition(date),
  events.forget_customer_event_keys(date, integer)
  FROM public;

GRANT EXECUTE ON FUNCTION
  events.recounted_facts(timestamptz, timestamptz), events.rollup_corrections(timestamptz, timestamptz),
  events.repair_rollups(timestamptz, timestamptz), events.drop_oldest_partition(date),
  events.forget_customer_event_keys(date, integer)
  TO tributary_ingestor;

GRANT SELECT ON events.retention TO tributary_ingestor, tributary_admin;
