-- Landers: pages between click and destination. A click that is sent to one is its view; a link of it that is followed is
-- an event of its own, and what a destination counts.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.stream_landers ADD COLUMN position integer NOT NULL DEFAULT 0;
CREATE INDEX stream_landers_lander ON config.stream_landers (lander_id);

COMMENT ON COLUMN config.stream_landers.position IS 'order in which they are listed';

ALTER TABLE config.streams
  ADD COLUMN lander_rotation_slot integer UNIQUE CHECK (lander_rotation_slot >= 0);

COMMENT ON COLUMN config.streams.lander_rotation_slot IS
  'as rotation_slot, for its landers: from the first lander on, kept for its life';

CREATE FUNCTION config.take_lander_rotation() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
BEGIN
  UPDATE config.streams SET lander_rotation_slot = nextval('config.rotation_slots')
  WHERE id = NEW.stream_id AND lander_rotation_slot IS NULL;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.take_lander_rotation() IS 'a stream with landers has a counter for them in the state of the edges';

CREATE TRIGGER take_lander_rotation AFTER INSERT ON config.stream_landers
  FOR EACH ROW EXECUTE FUNCTION config.take_lander_rotation();

ALTER TABLE events.clicks ADD COLUMN lander integer NOT NULL DEFAULT 0;

COMMENT ON COLUMN events.clicks.lander IS 'page that was shown: its links lead to a destination, see lander_clicks; 0: none';

-- Nothing wrote it: the click says all.
CREATE OR REPLACE FUNCTION events.partitioned_tables() RETURNS text[]
  LANGUAGE sql IMMUTABLE
  RETURN ARRAY['clicks', 'trafficbacks', 'lander_clicks', 'postbacks', 'customer_events'];

DROP TABLE events.lander_views;

CREATE VIEW events.lander_views WITH (security_invoker = true) AS
  SELECT time, position, batch, journal, campaign, stream, lander, labels, id AS click, team
  FROM events.clicks
  WHERE lander <> 0;

COMMENT ON VIEW events.lander_views IS 'a visitor was sent to a lander: the click itself';

ALTER TABLE events.lander_clicks
  ADD COLUMN generation      bigint NOT NULL DEFAULT 0,
  ADD COLUMN epoch           integer NOT NULL DEFAULT 0,
  ADD COLUMN edge            smallint NOT NULL,
  ADD COLUMN slot            smallint NOT NULL,
  ADD COLUMN reason          smallint NOT NULL,
  ADD COLUMN offer           smallint NOT NULL DEFAULT 0,
  ADD COLUMN status          smallint NOT NULL,
  ADD COLUMN id              uuid NOT NULL,
  ADD COLUMN address         inet,
  ADD COLUMN user_agent      text,
  ADD COLUMN referrer        text,
  ADD COLUMN language        text,
  ADD COLUMN host            text,
  ADD COLUMN query           text,
  ADD COLUMN headers         text,
  ADD COLUMN external_id     text,
  ADD COLUMN keyword         text,
  ADD COLUMN utm_source      text,
  ADD COLUMN utm_medium      text,
  ADD COLUMN utm_campaign    text,
  ADD COLUMN utm_content     text,
  ADD COLUMN utm_term        text,
  ADD COLUMN sub_ids         text[],
  ADD COLUMN country         text,
  ADD COLUMN continent       text,
  ADD COLUMN region          text,
  ADD COLUMN city            text,
  ADD COLUMN isp             text,
  ADD COLUMN asn             bigint,
  ADD COLUMN connection      text,
  ADD COLUMN device          text,
  ADD COLUMN brand           text,
  ADD COLUMN model           text,
  ADD COLUMN os              text,
  ADD COLUMN os_version      text,
  ADD COLUMN browser         text,
  ADD COLUMN browser_version text,
  ADD COLUMN bot             boolean;

CREATE INDEX lander_clicks_click ON events.lander_clicks (click);
CREATE INDEX lander_clicks_id ON events.lander_clicks (id);

COMMENT ON TABLE events.lander_clicks IS 'a link of a lander was followed to a destination; columns as in clicks';
COMMENT ON COLUMN events.lander_clicks.time IS 'the time in its own id, to the millisecond; decides the partition';
COMMENT ON COLUMN events.lander_clicks.id IS 'of this event; a visitor who follows a link again makes another one';
COMMENT ON COLUMN events.lander_clicks.click IS 'events.clicks.id: the click that led to the lander';
COMMENT ON COLUMN events.lander_clicks.offer IS 'which destination of the stream the link named, from 1; 0: the stream chose';

CREATE VIEW events.sent_visitors WITH (security_invoker = true) AS
  SELECT time, destination, labels, edge, epoch, generation FROM events.clicks WHERE destination <> 0
  UNION ALL
  SELECT time, destination, labels, edge, epoch, generation FROM events.lander_clicks WHERE destination <> 0;

COMMENT ON VIEW events.sent_visitors IS
  'one row for everybody who was sent to a destination, by a click or by a link of a lander: what caps count';

GRANT SELECT ON events.lander_views, events.sent_visitors TO tributary_admin, tributary_ingestor;

ALTER TABLE events.trafficbacks
  ADD COLUMN click  uuid,
  ADD COLUMN stream integer NOT NULL DEFAULT 0,
  ADD COLUMN lander integer NOT NULL DEFAULT 0,
  ADD COLUMN offer  smallint NOT NULL DEFAULT 0;

COMMENT ON COLUMN events.trafficbacks.click IS 'of a link of a lander, with stream, lander and offer: as in lander_clicks';

ALTER TABLE events.batches ADD COLUMN lander_clicks integer NOT NULL DEFAULT 0;

ALTER TABLE events.rollup_delta
  ADD COLUMN lander_views  bigint NOT NULL DEFAULT 0,
  ADD COLUMN lander_clicks bigint NOT NULL DEFAULT 0;
ALTER TABLE events.rollup_campaign
  ADD COLUMN lander_views  bigint NOT NULL DEFAULT 0,
  ADD COLUMN lander_clicks bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN events.rollup_campaign.lander_views IS 'clicks among `clicks` that were shown a lander';
COMMENT ON COLUMN events.rollup_campaign.lander_clicks IS 'links of landers that were followed, by the time of that';

CREATE OR REPLACE VIEW events.campaign_facts WITH (security_invoker = true) AS
  SELECT * FROM events.rollup_campaign
  UNION ALL
  SELECT
    bucket, campaign, team, currency,
    clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
    unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
    received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
    received_customs, received_payout, received_revenue, lander_views, lander_clicks
  FROM events.rollup_delta;

-- As before, with the two new measures.
CREATE OR REPLACE FUNCTION events.fold_rollups(max_rows integer DEFAULT 50000) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('events.fold_rollups')) THEN
    RETURN -1;
  END IF;

  WITH taken AS (
    DELETE FROM events.rollup_delta
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM events.rollup_delta LIMIT max_rows))
    RETURNING *
  ), grouped AS (
    SELECT
      bucket, campaign, team, currency,
      count(*) AS rows,
      sum(clicks) AS clicks,
      sum(unique_stream) AS unique_stream,
      sum(unique_campaign) AS unique_campaign,
      sum(unique_global) AS unique_global,
      sum(labelled) AS labelled,
      sum(trafficbacks) AS trafficbacks,
      sum(postbacks) AS postbacks,
      sum(cost) AS cost,
      sum(unmapped) AS unmapped,
      sum(leads) AS leads,
      sum(sales) AS sales,
      sum(rejected) AS rejected,
      sum(trash) AS trash,
      sum(rebills) AS rebills,
      sum(customs) AS customs,
      sum(payout) AS payout,
      sum(revenue) AS revenue,
      sum(received_unmapped) AS received_unmapped,
      sum(received_leads) AS received_leads,
      sum(received_sales) AS received_sales,
      sum(received_rejected) AS received_rejected,
      sum(received_trash) AS received_trash,
      sum(received_rebills) AS received_rebills,
      sum(received_customs) AS received_customs,
      sum(received_payout) AS received_payout,
      sum(received_revenue) AS received_revenue,
      sum(lander_views) AS lander_views,
      sum(lander_clicks) AS lander_clicks
    FROM taken
    GROUP BY bucket, campaign, team, currency
  ), added AS (
    INSERT INTO events.rollup_campaign AS r (
      bucket, campaign, team, currency,
      clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
      unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
      received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
      received_customs, received_payout, received_revenue, lander_views, lander_clicks
    )
    SELECT
      bucket, campaign, team, currency,
      clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
      unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
      received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
      received_customs, received_payout, received_revenue, lander_views, lander_clicks
    FROM grouped
    ON CONFLICT (campaign, bucket, team, currency) DO UPDATE SET
      clicks = r.clicks + excluded.clicks,
      unique_stream = r.unique_stream + excluded.unique_stream,
      unique_campaign = r.unique_campaign + excluded.unique_campaign,
      unique_global = r.unique_global + excluded.unique_global,
      labelled = r.labelled + excluded.labelled,
      trafficbacks = r.trafficbacks + excluded.trafficbacks,
      postbacks = r.postbacks + excluded.postbacks,
      cost = r.cost + excluded.cost,
      unmapped = r.unmapped + excluded.unmapped,
      leads = r.leads + excluded.leads,
      sales = r.sales + excluded.sales,
      rejected = r.rejected + excluded.rejected,
      trash = r.trash + excluded.trash,
      rebills = r.rebills + excluded.rebills,
      customs = r.customs + excluded.customs,
      payout = r.payout + excluded.payout,
      revenue = r.revenue + excluded.revenue,
      received_unmapped = r.received_unmapped + excluded.received_unmapped,
      received_leads = r.received_leads + excluded.received_leads,
      received_sales = r.received_sales + excluded.received_sales,
      received_rejected = r.received_rejected + excluded.received_rejected,
      received_trash = r.received_trash + excluded.received_trash,
      received_rebills = r.received_rebills + excluded.received_rebills,
      received_customs = r.received_customs + excluded.received_customs,
      received_payout = r.received_payout + excluded.received_payout,
      received_revenue = r.received_revenue + excluded.received_revenue,
      lander_views = r.lander_views + excluded.lander_views,
      lander_clicks = r.lander_clicks + excluded.lander_clicks
  )
  SELECT coalesce(sum(rows), 0) INTO folded FROM grouped;

  RETURN folded;
END
$$;

CREATE OR REPLACE FUNCTION events.recounted_facts(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  WITH facts AS (
    SELECT
      'click' AS kind, time, campaign, team,
      CASE WHEN cost <> 0 AND currency ~ '^[A-Z]{3}$' THEN currency ELSE '' END AS currency,
      uniqueness, labels, cost, NULL::smallint AS status, NULL::numeric AS payout, NULL::numeric AS revenue, lander
    FROM events.clicks
    WHERE time >= since AND time < until AND labels & 32 = 0
    UNION ALL
    SELECT
      'trafficback', time, campaign, team,
      CASE WHEN cost <> 0 AND currency ~ '^[A-Z]{3}$' THEN currency ELSE '' END,
      NULL, NULL, cost, NULL, NULL, NULL, 0
    FROM events.trafficbacks
    WHERE time >= since AND time < until
    UNION ALL
    SELECT 'postback', time, campaign, team, '', NULL, NULL, NULL, NULL, NULL, NULL, 0
    FROM events.postbacks
    WHERE time >= since AND time < until
    UNION ALL
    SELECT 'lander_click', time, campaign, team, '', NULL, NULL, NULL, NULL, NULL, NULL, 0
    FROM events.lander_clicks
    WHERE time >= since AND time < until
    UNION ALL
    SELECT
      'conversion', coalesce(click_time, first_received_at), campaign, team, currency,
      NULL, NULL, NULL, status, payout, revenue, 0
    FROM events.conversions
    WHERE coalesce(click_time, first_received_at) >= since AND coalesce(click_time, first_received_at) < until
    UNION ALL
    SELECT 'receipt', first_received_at, campaign, team, currency, NULL, NULL, NULL, status, payout, revenue, 0
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
    coalesce(sum(revenue) FILTER (WHERE kind = 'receipt' AND status IN (1, 2, 5, 6)), 0) AS received_revenue,
    count(*) FILTER (WHERE kind = 'click' AND lander <> 0) AS lander_views,
    count(*) FILTER (WHERE kind = 'lander_click') AS lander_clicks
  FROM facts AS f
  LEFT JOIN events.known_campaigns AS k ON k.campaign = f.campaign
  GROUP BY 1, 2, 3, 4
$$;

CREATE OR REPLACE FUNCTION events.rollup_corrections(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
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
      sum(sign * received_revenue) AS received_revenue,
      sum(sign * lander_views)::bigint AS lander_views,
      sum(sign * lander_clicks)::bigint AS lander_clicks
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

CREATE OR REPLACE FUNCTION events.repair_rollups(since timestamptz, until timestamptz) RETURNS SETOF events.rollup_campaign
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
      received_customs, received_payout, received_revenue, lander_views, lander_clicks, batch
    )
    SELECT c.*, b.id FROM corrections AS c, batch AS b
  )
  SELECT * FROM corrections;
END
$$;

-- As before, with visitors whom landers sent on.
CREATE OR REPLACE FUNCTION config.count_caps(of_clicks boolean) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  changed bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('config.count_caps'), of_clicks::integer) THEN
    RETURN 0;
  END IF;

  WITH present AS (
    SELECT c.slot, c.destination_id, d.team_id, c.measure, c.period, c.time_zone, c.currency, c.hard, c.amount AS cap,
      config.cap_window(c.period, c.time_zone, now()) AS starts_at
    FROM config.destination_caps AS c
    JOIN config.destinations AS d ON d.id = c.destination_id AND d.state <> 'deleted'
    WHERE (c.measure = 'clicks') = of_clicks
  ), counted AS (
    SELECT p.*, CASE WHEN of_clicks THEN clicks.amount ELSE conversions.amount END AS amount
    FROM present AS p
    LEFT JOIN LATERAL (
      SELECT count(*)::numeric AS amount FROM events.sent_visitors AS k
      WHERE of_clicks AND k.destination = p.destination_id AND k.time >= p.starts_at AND k.labels & 15 = 0
    ) AS clicks ON of_clicks
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(config.cap_share(v, p.measure, p.currency)), 0) AS amount FROM events.conversions AS v
      WHERE NOT of_clicks AND v.destination = p.destination_id AND v.destination <> 0
        AND v.first_received_at >= p.starts_at
    ) AS conversions ON NOT of_clicks
  ), stored AS (
    INSERT INTO events.cap_usage AS u (
      slot, starts_at, destination, team, measure, period, time_zone, currency, hard, cap, amount, reached_at)
    SELECT slot, starts_at, destination_id, team_id, measure, period, time_zone, currency, hard, cap, amount,
      CASE WHEN amount >= cap THEN now() END
    FROM counted
    WHERE amount > 0 OR cap = 0
      OR EXISTS (SELECT FROM events.cap_usage AS o WHERE o.slot = counted.slot AND o.starts_at = counted.starts_at)
    ON CONFLICT (slot, starts_at) DO UPDATE SET
      hard = excluded.hard,
      cap = excluded.cap,
      amount = excluded.amount,
      counted_at = now(),
      reached_at = coalesce(u.reached_at, excluded.reached_at)
    WHERE (u.hard, u.cap, u.amount) IS DISTINCT FROM (excluded.hard, excluded.cap, excluded.amount)
    RETURNING u.slot
  )
  SELECT count(*) INTO changed FROM stored;

  IF NOT of_clicks AND changed > 0 THEN
    PERFORM config.mark_over_cap();
  END IF;

  DELETE FROM events.cap_usage
  WHERE reached_at IS NULL AND starts_at > '-infinity' AND starts_at < now() - interval '40 days';
  RETURN changed;
END
$$;

CREATE OR REPLACE FUNCTION config.rank_destinations(days integer DEFAULT 7) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  today     CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
  first_day CONSTANT date := today - days + 1;
  open_day  date := today - 1;  -- what came in late may still move this day
  wanted    integer[];
  changed   bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('config.rank_destinations')) THEN
    RETURN 0;
  END IF;

  SELECT coalesce(array_agg(DISTINCT sd.destination_id), '{}') INTO wanted
  FROM config.streams AS s
  JOIN config.stream_destinations AS sd ON sd.stream_id = s.id
  WHERE s.selector = 'best_roi' AND s.state = 'active';

  DELETE FROM config.destination_days WHERE day < first_day OR destination_id <> ALL (wanted);
  IF EXISTS (
    SELECT FROM unnest(wanted) AS w (id)
    WHERE NOT EXISTS (SELECT FROM config.destination_days AS d WHERE d.destination_id = w.id AND d.day = first_day)
  ) THEN
    open_day := first_day;
  END IF;

  INSERT INTO config.destination_days AS d (day, destination_id, clicks, cost, currencies)
  SELECT g.day::date, w.id, coalesce(found.clicks, 0), coalesce(found.cost, 0), coalesce(found.currencies, '{}')
  FROM generate_series(open_day, today, interval '1 day') AS g (day)
  CROSS JOIN unnest(wanted) AS w (id)
  LEFT JOIN (
    SELECT (k.time AT TIME ZONE 'UTC')::date AS day, k.destination, count(*) AS clicks, sum(k.cost) AS cost,
      array_agg(DISTINCT k.currency) FILTER (WHERE k.cost <> 0) AS currencies
    FROM (
      SELECT time, destination, cost, currency FROM events.clicks
      WHERE time >= open_day::timestamp AT TIME ZONE 'UTC' AND destination = ANY (wanted) AND labels & 15 = 0
      UNION ALL
      -- A click that went over a lander costs once, with the first link that was followed.
      SELECT l.time, l.destination, c.cost, c.currency
      FROM events.lander_clicks AS l
      LEFT JOIN events.clicks AS c
        ON c.id = l.click AND c.time <= l.time AND c.time > l.time - interval '31 days'
        AND NOT EXISTS (SELECT FROM events.lander_clicks AS e WHERE e.click = l.click AND e.id < l.id)
      WHERE l.time >= open_day::timestamp AT TIME ZONE 'UTC' AND l.destination = ANY (wanted) AND l.labels & 15 = 0
    ) AS k
    GROUP BY 1, 2
  ) AS found ON found.day = g.day::date AND found.destination = w.id
  ON CONFLICT (destination_id, day) DO UPDATE SET
    clicks = excluded.clicks, cost = excluded.cost, currencies = excluded.currencies;

  DELETE FROM config.destination_ranks WHERE destination_id <> ALL (wanted);
  WITH clicks AS (
    SELECT destination_id AS id, sum(clicks)::bigint AS clicks, sum(cost) AS cost FROM config.destination_days GROUP BY 1
  ), earned AS (
    SELECT v.destination AS id, sum(v.revenue) AS revenue
    FROM events.conversions AS v
    WHERE v.destination = ANY (wanted) AND v.destination <> 0
      AND v.first_received_at >= first_day::timestamp AT TIME ZONE 'UTC'
      AND v.click_time >= first_day::timestamp AT TIME ZONE 'UTC' AND v.status IN (1, 2, 5, 6)
    GROUP BY 1
  ), currencies AS (
    SELECT id, count(DISTINCT currency) AS number
    FROM (
      SELECT destination_id AS id, unnest(currencies) AS currency FROM config.destination_days
      UNION
      SELECT v.destination, v.currency FROM events.conversions AS v
      WHERE v.destination = ANY (wanted) AND v.destination <> 0 AND v.revenue <> 0
        AND v.first_received_at >= first_day::timestamp AT TIME ZONE 'UTC' AND v.status IN (1, 2, 5, 6)
    ) AS used
    GROUP BY id
  ), ranks AS (
    SELECT c.id,
      CASE
        WHEN c.cost > 0 THEN least((coalesce(e.revenue, 0) - c.cost) / c.cost * 1000000, 1e15)
        WHEN e.revenue > 0 THEN 1e15 + least(e.revenue * 1000000 / greatest(c.clicks, 1), 1e15)
        ELSE 0
      END::bigint AS roi_micros,
      CASE WHEN coalesce(u.number, 0) > 1 THEN 0 ELSE c.clicks END AS sample
    FROM clicks AS c LEFT JOIN earned AS e USING (id) LEFT JOIN currencies AS u USING (id)
  ), stored AS (
    INSERT INTO config.destination_ranks AS r (destination_id, roi_micros, sample)
    SELECT id, roi_micros, sample FROM ranks
    ON CONFLICT (destination_id) DO UPDATE SET
      roi_micros = excluded.roi_micros, sample = excluded.sample, ranked_at = now()
    WHERE (r.roi_micros, r.sample) <> (excluded.roi_micros, excluded.sample)
    RETURNING 1
  )
  SELECT count(*) INTO changed FROM stored;
  RETURN changed;
END
$$;

CREATE OR REPLACE FUNCTION config.cap_totals(of_edge integer) RETURNS TABLE (slot integer, window_number bigint, clicks bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH counters AS MATERIALIZED (
    SELECT c.*, config.cap_window(c.period, c.time_zone, now()) AS starts_at FROM config.click_counters AS c
  ), hits AS (
    SELECT c.slot, count(*) AS clicks
    FROM events.sent_visitors AS k JOIN counters AS c ON c.destination_id = k.destination
    WHERE k.time >= (SELECT min(starts_at) FROM counters WHERE destination_id IS NOT NULL) AND k.time >= c.starts_at
      AND k.edge = of_edge AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
    GROUP BY c.slot
    UNION ALL
    SELECT c.slot, count(*)
    FROM events.clicks AS k JOIN counters AS c ON c.stream_id = k.stream
    WHERE k.time >= (SELECT min(starts_at) FROM counters WHERE stream_id IS NOT NULL) AND k.time >= c.starts_at
      AND k.edge = of_edge AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
    GROUP BY c.slot
    UNION ALL
    SELECT d.slot, d.clicks
    FROM config.dropped_clicks AS d JOIN counters AS c USING (slot)
    WHERE d.edge = of_edge AND (d.day + 1)::timestamp AT TIME ZONE 'UTC' > c.starts_at
  )
  SELECT slot, config.cap_window_number(c.period, c.time_zone, now()), sum(h.clicks)::bigint
  FROM hits AS h JOIN counters AS c USING (slot)
  GROUP BY slot, c.period, c.time_zone
  ORDER BY slot
$$;

CREATE FUNCTION config.keep_dropped_lander_clicks(of_day date) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  INSERT INTO config.dropped_clicks AS d (slot, edge, day, clicks)
  SELECT c.slot, k.edge, of_day, count(*)
  FROM events.lander_clicks AS k
  JOIN config.click_counters AS c ON c.destination_id = k.destination
  WHERE k.time >= of_day::timestamp AT TIME ZONE 'UTC' AND k.time < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
    AND c.period IN ('month', 'total') AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
  GROUP BY c.slot, k.edge
  ON CONFLICT (slot, edge, day) DO UPDATE SET clicks = d.clicks + excluded.clicks
$$;

COMMENT ON FUNCTION config.keep_dropped_lander_clicks(date) IS
  'as keep_dropped_clicks(), for visitors whom landers sent on';

CREATE OR REPLACE FUNCTION events.drop_oldest_partition(before date) RETURNS text
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

  -- Where the configuration lives on another server there are no counters to keep.
  IF to_regclass('config.click_counters') IS NOT NULL THEN
    IF child LIKE 'clicks\_%' THEN
      PERFORM config.keep_dropped_clicks(to_date(right(child, 8), 'YYYYMMDD'));
    ELSIF child LIKE 'lander\_clicks\_%' THEN
      PERFORM config.keep_dropped_lander_clicks(to_date(right(child, 8), 'YYYYMMDD'));
    END IF;
  END IF;
  INSERT INTO events.retention AS r (dropped_before) VALUES (to_date(right(child, 8), 'YYYYMMDD') + 1)
  ON CONFLICT (only_row) DO UPDATE SET dropped_before = greatest(r.dropped_before, excluded.dropped_before);
  EXECUTE format('DROP TABLE events.%I', child);
  RETURN child;
END
$$;

REVOKE EXECUTE ON FUNCTION config.keep_dropped_lander_clicks(date) FROM public;
