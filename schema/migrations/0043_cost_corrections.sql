-- The cost of a past period, told afterwards: rows of a ledger beside the clicks, added to the rollup like any other
-- delta, and part of what a recount counts.

SET LOCAL ROLE tributary_owner;

ALTER FUNCTION events.recounted_facts(timestamptz, timestamptz) RENAME TO recounted_raw_facts;

CREATE FUNCTION events.recounted_facts(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  SELECT * FROM events.recounted_raw_facts(since, until)
  UNION ALL
  SELECT
    bucket, campaign, team, currency, 0, 0, 0, 0, 0, 0, 0, sum(amount),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  FROM events.cost_corrections
  WHERE bucket >= since AND bucket < until
  GROUP BY bucket, campaign, team, currency
$$;

COMMENT ON FUNCTION events.recounted_raw_facts(timestamptz, timestamptz) IS
  'what clicks, calls and conversions of these days come to; both bounds at a full hour';
COMMENT ON FUNCTION events.recounted_facts(timestamptz, timestamptz) IS
  'what the rollup should say of these days: raw rows, conversions and corrections of cost; several rows per key; both bounds at a full hour';

-- Both bounds where buckets of the campaign begin. What the clicks of the period (of one value of a sub id, of
-- unique ones only) cost so far, corrections of the same choice included, is taken back in each of its currencies, and
-- `total` takes its place: each bucket gets its share by clicks, by largest remainder, so that the sum is `total` to
-- the last micro-unit. Returns how many clicks carry it; when there are none nothing is written.
CREATE FUNCTION events.correct_cost(
  of_campaign integer, since timestamptz, until timestamptz, of_slot smallint, of_value text, only_unique boolean,
  total numeric, total_currency text, of_request uuid, by_user uuid
) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  carrying bigint;
BEGIN
  -- Two corrections of a campaign at once would both take back the same cost.
  PERFORM pg_advisory_xact_lock(hashtext('events.correct_cost'), of_campaign);

  -- A statement of its own: its snapshot is taken after the lock.
  WITH groups AS MATERIALIZED (
    SELECT
      date_bin(make_interval(mins => coalesce(k.bucket_minutes, 60)), c.time, timestamptz '1970-01-01 00:00Z') AS bucket,
      CASE WHEN c.cost <> 0 AND c.currency ~ '^[A-Z]{3}$' THEN c.currency ELSE '' END AS currency,
      sum(c.cost) AS cost,
      -- Labelled requests (bots, prefetches) carry nothing.
      count(*) FILTER (WHERE c.labels & ~16 = 0 AND (NOT only_unique OR c.uniqueness & 2 <> 0)) AS weight
    FROM events.clicks AS c
    LEFT JOIN events.known_campaigns AS k ON k.campaign = c.campaign
    WHERE c.campaign = of_campaign AND c.time >= since AND c.time < until AND c.labels & 32 = 0
      AND (of_slot IS NULL OR c.sub_ids[of_slot] = of_value)
    GROUP BY 1, 2
  ), whole AS (
    SELECT coalesce(sum(weight), 0) AS clicks, total * 1000000 AS micros FROM groups
  ), shares AS (
    SELECT bucket, div(micros * sum(weight), clicks) AS micros, mod(micros * sum(weight), clicks) AS remainder
    FROM groups, whole
    WHERE clicks > 0
    GROUP BY bucket, micros, clicks
  ), targets AS (
    SELECT bucket,
      s.micros + CASE WHEN row_number() OVER (ORDER BY remainder DESC, bucket) <= w.micros - sum(s.micros) OVER ()
        THEN 1 ELSE 0 END AS micros
    FROM shares AS s, whole AS w
  ), wanted AS (
    SELECT bucket, total_currency AS currency, micros / 1000000 AS amount FROM targets
    UNION ALL
    SELECT bucket, currency, -cost FROM groups WHERE cost <> 0 AND currency <> ''
    UNION ALL
    SELECT c.bucket, c.currency, -c.amount
    FROM events.cost_corrections AS c
    WHERE c.campaign = of_campaign AND c.bucket >= since AND c.bucket < until
      AND (of_slot IS NULL OR (c.sub_id = of_slot AND c.sub_value = of_value))
  ), written AS (
    INSERT INTO events.cost_corrections
      (team, campaign, bucket, sub_id, sub_value, amount, currency, request, created_by)
    SELECT k.team, of_campaign, d.bucket, of_slot, of_value, sum(d.amount), d.currency, of_request, by_user
    FROM wanted AS d
    JOIN events.known_campaigns AS k ON k.campaign = of_campaign
    CROSS JOIN whole
    WHERE whole.clicks > 0
    GROUP BY k.team, d.bucket, d.currency
    HAVING sum(d.amount) <> 0
    RETURNING *
  ), batch AS (
    INSERT INTO events.batches (ingestor, finished_at)
    SELECT 'cost correction', now() WHERE EXISTS (SELECT FROM written)
    RETURNING id
  ), deltas AS (
    INSERT INTO events.rollup_delta (bucket, batch, campaign, team, currency, cost)
    SELECT c.bucket, batch.id, c.campaign, c.team, c.currency, c.amount FROM written AS c, batch
  )
  SELECT clicks INTO carrying FROM whole;
  RETURN carrying;
END
$$;

COMMENT ON FUNCTION events.correct_cost(integer, timestamptz, timestamptz, smallint, text, boolean, numeric, text, uuid, uuid) IS
  'sets what the clicks of a past period cost, as rows of events.cost_corrections and their rollup deltas; returns how many clicks carry it';

REVOKE EXECUTE ON FUNCTION
  events.recounted_facts(timestamptz, timestamptz),
  events.correct_cost(integer, timestamptz, timestamptz, smallint, text, boolean, numeric, text, uuid, uuid)
  FROM public;
GRANT EXECUTE ON FUNCTION events.recounted_facts(timestamptz, timestamptz) TO tributary_ingestor;
GRANT EXECUTE ON FUNCTION
  events.correct_cost(integer, timestamptz, timestamptz, smallint, text, boolean, numeric, text, uuid, uuid)
  TO tributary_admin;
GRANT SELECT ON events.cost_corrections TO tributary_ingestor;
