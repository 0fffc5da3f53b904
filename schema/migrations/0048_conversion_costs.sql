-- What conversions cost: paid to the source per conversion (cpa), per sale (cps) or as a share of the revenue (revshare),
-- or told by the call itself. By the terms of the time of the click, as what the click costs is.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.known_conversion_costs (
  campaign integer NOT NULL,
  since    timestamptz NOT NULL,
  until    timestamptz NOT NULL DEFAULT 'infinity',
  team     uuid NOT NULL,
  model    text NOT NULL,
  rate     numeric(20, 6) NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (campaign, since)
);

COMMENT ON TABLE events.known_conversion_costs IS 'campaigns whose conversions cost: cpa, cps, revshare and auto, each with the time in which it was so';

-- Whoever charges holds the same lock, shared.
CREATE FUNCTION config.copy_conversion_cost(of_campaign integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  wanted record;
  moment timestamptz;
BEGIN
  SELECT c.team_id AS team, coalesce(c.cost_model, s.cost_model, 'cpc') AS model, c.cost AS rate,
    coalesce(c.currency, s.currency, 'USD') AS currency
  INTO wanted
  FROM config.campaigns AS c
  LEFT JOIN config.sources AS s ON s.id = c.source_id AND s.state <> 'deleted'
  WHERE c.id = of_campaign;
  IF EXISTS (
    SELECT FROM events.known_conversion_costs
    WHERE campaign = of_campaign AND until = 'infinity'
      AND (model, rate, currency) = (wanted.model, wanted.rate, wanted.currency))
  THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('events.known_conversion_costs'));
  moment := clock_timestamp();
  UPDATE events.known_conversion_costs SET until = moment WHERE campaign = of_campaign AND until = 'infinity';
  IF wanted.model IN ('cpa', 'cps', 'revshare', 'auto') THEN
    INSERT INTO events.known_conversion_costs (campaign, since, team, model, rate, currency)
    VALUES (of_campaign, moment, wanted.team, wanted.model, wanted.rate, wanted.currency);
  END IF;
END
$$;

CREATE FUNCTION config.copy_conversion_cost_of_campaign() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM config.copy_conversion_cost(NEW.id);
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_conversion_cost_of_source() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM config.copy_conversion_cost(id) FROM config.campaigns WHERE source_id = NEW.id ORDER BY id;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_conversion_costs AFTER INSERT OR UPDATE OF cost_model, cost, currency, source_id
  ON config.campaigns FOR EACH ROW EXECUTE FUNCTION config.copy_conversion_cost_of_campaign();
CREATE TRIGGER known_conversion_costs AFTER UPDATE OF cost_model, currency, state
  ON config.sources FOR EACH ROW EXECUTE FUNCTION config.copy_conversion_cost_of_source();

SELECT config.copy_conversion_cost(id) FROM config.campaigns ORDER BY id;

ALTER TABLE events.conversions
  ADD COLUMN charge numeric(20, 6),
  ADD COLUMN charge_currency text,
  ADD COLUMN charge_campaign integer,
  ADD COLUMN charge_bucket timestamptz;

CREATE INDEX conversions_charged ON events.conversions (charge_campaign, charge_bucket) WHERE charge IS NOT NULL;

COMMENT ON COLUMN events.conversions.cost IS 'told by the call';
COMMENT ON COLUMN events.conversions.charge IS 'what it costs, as the rollup has it: in charge_currency, campaign and bucket charge_...; null: nothing';

-- As amounts, costs count while the conversion stands. What the call told comes before the model.
CREATE FUNCTION events.conversion_cost(c events.conversions) RETURNS TABLE (amount numeric, currency text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  SELECT priced.amount, CASE WHEN c.cost IS NOT NULL OR k.model = 'revshare' THEN c.currency ELSE k.currency END
  FROM events.known_conversion_costs AS k
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN c.cost IS NOT NULL THEN c.cost
      WHEN k.model = 'cpa' AND c.status IN (1, 2, 6) THEN k.rate
      WHEN k.model = 'cps' AND c.status IN (2, 5) THEN k.rate
      WHEN k.model = 'revshare' THEN round(c.revenue * k.rate / 100, 6)
    END AS amount
  ) AS priced
  WHERE k.campaign = c.campaign AND c.status IN (1, 2, 5, 6) AND priced.amount <> 0
    AND coalesce(c.click_time, c.first_received_at) >= k.since AND coalesce(c.click_time, c.first_received_at) < k.until
$$;

COMMENT ON FUNCTION events.conversion_cost(events.conversions) IS 'what it costs by its status, amounts and campaign; no row: nothing';

CREATE FUNCTION events.charge_conversions(of_conversions bigint[], of_batch bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('events.known_conversion_costs'));
  -- A statement of its own: its snapshot is taken after the lock.
  WITH judged AS (
    SELECT c.key_owner, c.key_kind, c.key_event, c.key_subject, c.team,
      c.charge_bucket AS old_bucket, c.charge_campaign AS old_campaign, c.charge_currency AS old_currency,
      c.charge AS old_charge,
      CASE WHEN cost.amount IS NOT NULL THEN date_bin(
        make_interval(mins => coalesce(k.bucket_minutes, 60)), coalesce(c.click_time, c.first_received_at),
        timestamptz '1970-01-01 00:00Z') END AS bucket,
      CASE WHEN cost.amount IS NOT NULL THEN c.campaign END AS campaign, cost.currency, cost.amount AS charge
    FROM events.conversions AS c
    LEFT JOIN events.known_campaigns AS k ON k.campaign = c.campaign
    LEFT JOIN LATERAL events.conversion_cost(c) AS cost ON true
    WHERE c.id = ANY (of_conversions)
  ), changed AS (
    UPDATE events.conversions AS c SET
      charge = j.charge, charge_currency = j.currency, charge_campaign = j.campaign, charge_bucket = j.bucket
    FROM judged AS j
    WHERE (c.key_owner, c.key_kind, c.key_event, c.key_subject) = (j.key_owner, j.key_kind, j.key_event, j.key_subject)
      AND (j.old_bucket, j.old_campaign, j.old_currency, j.old_charge)
        IS DISTINCT FROM (j.bucket, j.campaign, j.currency, j.charge)
    RETURNING j.*
  ), deltas AS (
    SELECT old_bucket AS bucket, old_campaign AS campaign, k.team, old_currency AS currency, -old_charge AS charge
    FROM changed
    JOIN events.known_campaigns AS k ON k.campaign = old_campaign
    UNION ALL
    SELECT bucket, campaign, team, currency, charge FROM changed WHERE charge IS NOT NULL
  )
  INSERT INTO events.rollup_delta (bucket, batch, campaign, team, currency, cost)
  SELECT bucket, of_batch, campaign, team, currency, sum(charge)
  FROM deltas
  GROUP BY bucket, campaign, team, currency
  HAVING sum(charge) <> 0;
END
$$;

COMMENT ON FUNCTION events.charge_conversions(bigint[], bigint) IS
  'adds what these conversions cost now, less what they cost before, to the rollup of their clicks. Their rows are locked by the caller';

CREATE OR REPLACE FUNCTION events.recounted_facts(since timestamptz, until timestamptz)
  RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  WITH costs AS (
    SELECT bucket, campaign, team, currency, amount
    FROM events.cost_corrections
    WHERE bucket >= since AND bucket < until
    UNION ALL
    SELECT
      date_bin(make_interval(mins => coalesce(k.bucket_minutes, 60)), coalesce(c.click_time, c.first_received_at),
        timestamptz '1970-01-01 00:00Z'),
      c.campaign, c.team, cost.currency, cost.amount
    FROM events.conversions AS c
    CROSS JOIN LATERAL events.conversion_cost(c) AS cost
    LEFT JOIN events.known_campaigns AS k ON k.campaign = c.campaign
    WHERE coalesce(c.click_time, c.first_received_at) >= since AND coalesce(c.click_time, c.first_received_at) < until
      AND c.campaign IN (SELECT campaign FROM events.known_conversion_costs)
  )
  SELECT * FROM events.recounted_raw_facts(since, until)
  UNION ALL
  SELECT
    bucket, campaign, team, currency, 0, 0, 0, 0, 0, 0, 0, sum(amount),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  FROM costs
  GROUP BY bucket, campaign, team, currency
$$;

COMMENT ON FUNCTION events.recounted_facts(timestamptz, timestamptz) IS
  'what the rollup should say of these days: raw rows, conversions, what they cost, and corrections of cost; several rows per key; both bounds at a full hour';

ALTER TABLE events.known_conversion_costs ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.known_conversion_costs FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.known_conversion_costs
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.known_conversion_costs TO tributary_owner USING (true);

GRANT SELECT ON events.known_conversion_costs TO tributary_ingestor, tributary_admin;
REVOKE EXECUTE ON FUNCTION
  config.copy_conversion_cost(integer), events.conversion_cost(events.conversions),
  events.charge_conversions(bigint[], bigint)
  FROM public;
GRANT EXECUTE ON FUNCTION events.conversion_cost(events.conversions), events.charge_conversions(bigint[], bigint)
  TO tributary_ingestor;
-- Both bounds where buckets of the campaign begin. What the clicks of the period (of one value of a sub id, of
-- unique ones only) cost so far, corrections of the same choice included, is taken back in each of its currencies, and
-- `total` takes its place: each bucket gets its share by clicks, by largest remainder, so that the sum is `total` to
-- the last micro-unit. Returns how many clicks carry it; when there are none nothing is written.
--
-- Values of one sub id share no click, so each may have its own cost. What was told of all clicks, or of another sub id,
-- is also of these: then nothing is written, and the answer is -1, until it is taken back.
CREATE OR REPLACE FUNCTION events.correct_cost(
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

  IF of_slot IS NOT NULL AND EXISTS (
    SELECT FROM events.cost_corrections
    WHERE campaign = of_campaign AND bucket >= since AND bucket < until AND sub_id IS DISTINCT FROM of_slot
    GROUP BY bucket, currency, sub_id, sub_value
    HAVING sum(amount) <> 0)
  THEN
    RETURN -1;
  END IF;

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
    UNION ALL
    -- A whole is what conversions cost, too.
    SELECT charge_bucket, charge_currency, -charge
    FROM events.conversions
    WHERE of_slot IS NULL AND charge IS NOT NULL AND charge_campaign = of_campaign
      AND charge_bucket >= since AND charge_bucket < until
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
  'sets what the clicks of a past period cost, as rows of events.cost_corrections and their rollup deltas; returns how many clicks carry it, or -1 when a correction of other clicks is in the way';

-- Of several corrections that stand in the same bucket none is left.
CREATE FUNCTION events.take_back_costs(
  of_campaign integer, since timestamptz, until timestamptz, of_request uuid, by_user uuid
) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  taken bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('events.correct_cost'), of_campaign);

  WITH written AS (
    INSERT INTO events.cost_corrections
      (team, campaign, bucket, sub_id, sub_value, amount, currency, request, created_by)
    SELECT team, of_campaign, bucket, sub_id, sub_value, -sum(amount), currency, of_request, by_user
    FROM events.cost_corrections
    WHERE campaign = of_campaign AND bucket >= since AND bucket < until
    GROUP BY team, bucket, sub_id, sub_value, currency
    HAVING sum(amount) <> 0
    RETURNING *
  ), batch AS (
    INSERT INTO events.batches (ingestor, finished_at)
    SELECT 'cost correction', now() WHERE EXISTS (SELECT FROM written)
    RETURNING id
  ), deltas AS (
    INSERT INTO events.rollup_delta (bucket, batch, campaign, team, currency, cost)
    SELECT c.bucket, batch.id, c.campaign, c.team, c.currency, c.amount FROM written AS c, batch
  )
  SELECT count(*) INTO taken FROM written;
  RETURN taken;
END
$$;

COMMENT ON FUNCTION events.take_back_costs(integer, timestamptz, timestamptz, uuid, uuid) IS
  'clicks and conversions of a past period cost again what they cost before any correction; returns how many rows that took';

REVOKE EXECUTE ON FUNCTION events.take_back_costs(integer, timestamptz, timestamptz, uuid, uuid) FROM public;
GRANT EXECUTE ON FUNCTION events.take_back_costs(integer, timestamptz, timestamptz, uuid, uuid) TO tributary_admin;
