-- Caps on conversions, payout and revenue are counted here, and so is how destinations earn; admin-api tells the edges what
-- follows. The functions stand in `config`, which knows `events` and not the other way round.

SET LOCAL ROLE tributary_owner;

-- Numbers of counters come from a row and not from a sequence: a refused change gives back what it took. Whoever changes
-- the configuration holds the row of the generation, so nobody waits here who would not wait there.
CREATE TABLE config.next_cap_slot (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  slot     integer NOT NULL CHECK (slot BETWEEN 0 AND 16777216)
);

COMMENT ON TABLE config.next_cap_slot IS 'the number that the next cap or click limit gets; none is used twice';

INSERT INTO config.next_cap_slot (slot) SELECT last_value + is_called::integer FROM config.cap_slots;

CREATE FUNCTION config.take_cap_slot() RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  INSERT INTO config.next_cap_slot AS n (slot) VALUES (1)
  ON CONFLICT (only_row) DO UPDATE SET slot = n.slot + 1
  RETURNING n.slot - 1
$$;

COMMENT ON FUNCTION config.take_cap_slot() IS 'a number for a new counter in the state of the edges, which have room for 2^24';

ALTER TABLE config.destination_caps ALTER COLUMN slot SET DEFAULT config.take_cap_slot();
DROP SEQUENCE config.cap_slots;
GRANT SELECT ON config.next_cap_slot TO tributary_admin;
REVOKE EXECUTE ON FUNCTION config.take_cap_slot() FROM public;
GRANT EXECUTE ON FUNCTION config.take_cap_slot() TO tributary_admin;

-- Nothing wrote the old one.
DROP TABLE events.cap_usage;

CREATE TABLE events.cap_usage (
  id          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  slot        integer NOT NULL,
  starts_at   timestamptz NOT NULL,
  destination integer NOT NULL,
  team        uuid NOT NULL,
  measure     text NOT NULL,
  period      text NOT NULL,
  time_zone   text NOT NULL,
  currency    text,
  hard        boolean NOT NULL,
  cap         numeric(26, 6) NOT NULL,
  amount      numeric(26, 6) NOT NULL,
  counted_at  timestamptz NOT NULL DEFAULT now(),
  reached_at  timestamptz,
  PRIMARY KEY (slot, starts_at)
);

CREATE INDEX cap_usage_reached ON events.cap_usage (id) WHERE reached_at IS NOT NULL;

COMMENT ON TABLE events.cap_usage IS 'how much of a cap is used in its window; a row with reached_at is an alert and stays';
COMMENT ON COLUMN events.cap_usage.slot IS 'of the cap, as in config.destination_caps';
COMMENT ON COLUMN events.cap_usage.starts_at IS 'of the window; -infinity for a cap without an end';
COMMENT ON COLUMN events.cap_usage.cap IS 'what was allowed when it was counted last';

ALTER TABLE events.cap_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.cap_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.cap_usage
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.cap_usage TO tributary_owner USING (true);

CREATE INDEX conversions_destination ON events.conversions (destination, first_received_at) WHERE destination <> 0;

COMMENT ON COLUMN events.conversions.over_cap IS 'came in when a hard cap of its destination was full: counted all the same';

CREATE FUNCTION config.cap_window(period text, time_zone text, at timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE
AS $$
  SELECT CASE period WHEN 'total' THEN timestamptz '-infinity' ELSE date_trunc(period, at, time_zone) END
$$;

COMMENT ON FUNCTION config.cap_window(text, text, timestamptz) IS
  'when the window of a cap began that `at` lies in: the same windows as core/time_zone/window.h';

CREATE FUNCTION config.count_caps(of_clicks boolean) RETURNS bigint
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
      SELECT count(*)::numeric AS amount FROM events.clicks AS k
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

COMMENT ON FUNCTION config.count_caps(boolean) IS
  'counts what caps of destinations have used in their present windows, those on clicks or the others; returns how many moved';

CREATE FUNCTION config.cap_share(conversion events.conversions, measure text, currency text) RETURNS numeric
  LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE
    WHEN conversion.status NOT IN (1, 2, 5, 6) THEN 0
    WHEN measure = 'conversions' THEN 1
    WHEN conversion.currency <> currency THEN 0
    WHEN measure = 'payout' THEN coalesce(conversion.payout, 0)
    ELSE coalesce(conversion.revenue, 0)
  END
$$;

COMMENT ON FUNCTION config.cap_share(events.conversions, text, text) IS
  'what a conversion takes of a cap: leads, sales, rebills and customs count, amounts only in the currency of the cap';

CREATE FUNCTION config.mark_over_cap() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH shares AS (
    SELECT u.cap, s.share, v.key_owner, v.key_kind, v.key_event, v.key_subject,
      sum(s.share) OVER (PARTITION BY u.slot ORDER BY v.first_received_at, v.id) AS running
    FROM events.cap_usage AS u
    JOIN config.destination_caps AS c ON c.slot = u.slot AND c.hard
    JOIN events.conversions AS v ON v.destination = u.destination AND v.first_received_at >= u.starts_at
    CROSS JOIN LATERAL config.cap_share(v, u.measure, u.currency) AS s (share)
    WHERE u.measure <> 'clicks' AND u.amount > u.cap AND v.destination <> 0
      AND u.starts_at = config.cap_window(u.period, u.time_zone, now())
  ), above AS (
    SELECT v.ctid
    FROM shares AS s
    JOIN events.conversions AS v USING (key_owner, key_kind, key_event, key_subject)
    WHERE s.share > 0 AND s.running - s.share >= s.cap AND NOT v.over_cap
    FOR UPDATE OF v SKIP LOCKED
  ), marked AS (
    UPDATE events.conversions AS v SET over_cap = true FROM above WHERE v.ctid = above.ctid RETURNING 1
  )
  SELECT count(*) FROM marked
$$;

COMMENT ON FUNCTION config.mark_over_cap() IS
  'flags conversions that came in above a full hard cap. What a batch holds just now is flagged the next time';

CREATE TABLE config.destination_days (
  day            date NOT NULL,
  destination_id integer NOT NULL REFERENCES config.destinations ON DELETE CASCADE,
  clicks         bigint NOT NULL,
  cost           numeric(26, 6) NOT NULL,
  currencies     text[] NOT NULL,
  PRIMARY KEY (destination_id, day)
);

CREATE TABLE config.destination_ranks (
  destination_id integer PRIMARY KEY REFERENCES config.destinations ON DELETE CASCADE,
  roi_micros     bigint NOT NULL,
  sample         bigint NOT NULL,
  ranked_at      timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE config.destination_days IS 'clicks of a destination per UTC day, of those that best-ROI streams choose from';
COMMENT ON COLUMN config.destination_days.currencies IS 'of the clicks that cost something';
COMMENT ON TABLE config.destination_ranks IS 'how destinations of best-ROI streams earn; edges get it in the overlay';
COMMENT ON COLUMN config.destination_ranks.roi_micros IS '(revenue - cost) / cost in millionths; above 10^15 where clicks cost nothing: by revenue per click';
COMMENT ON COLUMN config.destination_ranks.sample IS 'clicks; 0: not ranked';

GRANT SELECT ON config.destination_days, config.destination_ranks TO tributary_admin;
GRANT SELECT ON events.cap_usage TO tributary_admin, tributary_ingestor;

CREATE FUNCTION config.rank_destinations(days integer DEFAULT 7) RETURNS bigint
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
    FROM events.clicks AS k
    WHERE k.time >= open_day::timestamp AT TIME ZONE 'UTC' AND k.destination = ANY (wanted) AND k.labels & 15 = 0
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

COMMENT ON FUNCTION config.rank_destinations(integer) IS
  'counts how the destinations of best-ROI streams earned on the clicks of the last days; amounts in several currencies rank nothing. Returns how many ranks moved';

REVOKE EXECUTE ON FUNCTION config.count_caps(boolean), config.mark_over_cap(), config.rank_destinations(integer) FROM public;
GRANT EXECUTE ON FUNCTION config.count_caps(boolean), config.rank_destinations(integer) TO tributary_admin;

-- What counters on clicks had counted before an edge lost its state: docs/state.md, "Caps after a reboot".

CREATE FUNCTION config.cap_window_number(period text, time_zone text, at timestamptz) RETURNS bigint
  LANGUAGE sql STABLE
AS $$
  SELECT CASE period
    WHEN 'hour' THEN div(
      extract(epoch FROM date_trunc('second', at))
        + mod(mod(extract(epoch FROM (at AT TIME ZONE time_zone) - (at AT TIME ZONE 'UTC')), 3600) + 3600, 3600), 3600)
    WHEN 'day' THEN (at AT TIME ZONE time_zone)::date - date '1970-01-01'
    WHEN 'week' THEN ((at AT TIME ZONE time_zone)::date - date '1970-01-01' + 3) / 7
    WHEN 'month' THEN
      extract(year FROM at AT TIME ZONE time_zone) * 12 + extract(month FROM at AT TIME ZONE time_zone) - 1
    ELSE 0
  END::bigint
$$;

COMMENT ON FUNCTION config.cap_window_number(text, text, timestamptz) IS
  'the number by which edges know the window: window_of() in core/time_zone/window.h';

CREATE VIEW config.click_counters AS
  SELECT c.slot, c.destination_id, NULL::integer AS stream_id, c.period, c.time_zone, born.epoch, born.counter
  FROM config.destination_caps AS c
  CROSS JOIN LATERAL (
    SELECT h.epoch, h.gen_from AS counter FROM config.history AS h
    WHERE h.entity = 'destination_caps' AND h.content ->> 'slot' = c.slot::text
    ORDER BY h.id LIMIT 1
  ) AS born
  WHERE c.measure = 'clicks'
  UNION ALL
  SELECT s.cap_slot, NULL, s.stream_id, split_part(s.argument, ' ', 1),
    coalesce(nullif(split_part(s.argument, ' ', 2), ''), 'UTC'), born.epoch, born.counter
  FROM config.stream_conditions AS s
  CROSS JOIN LATERAL (
    SELECT h.epoch, h.gen_from AS counter FROM config.history AS h
    WHERE h.entity = 'stream_conditions' AND h.content ->> 'cap_slot' = s.cap_slot::text
    ORDER BY h.id LIMIT 1
  ) AS born
  WHERE s.kind = 'click_limit';

COMMENT ON VIEW config.click_counters IS
  'caps on clicks and click limits: what they count, and the generation since which edges know them';

CREATE INDEX history_cap_slots ON config.history ((content ->> 'slot')) WHERE entity = 'destination_caps';
CREATE INDEX history_limit_slots ON config.history ((content ->> 'cap_slot')) WHERE entity = 'stream_conditions';

CREATE TABLE config.dropped_clicks (
  slot   integer NOT NULL,
  edge   smallint NOT NULL,
  day    date NOT NULL,
  clicks bigint NOT NULL,
  PRIMARY KEY (slot, edge, day)
);

COMMENT ON TABLE config.dropped_clicks IS 'clicks of UTC days whose raw rows are gone, as counters of months and totals have counted them';

CREATE FUNCTION config.cap_totals(of_edge integer) RETURNS TABLE (slot integer, window_number bigint, clicks bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH counters AS MATERIALIZED (
    SELECT c.*, config.cap_window(c.period, c.time_zone, now()) AS starts_at FROM config.click_counters AS c
  ), hits AS (
    SELECT c.slot, count(*) AS clicks
    FROM events.clicks AS k JOIN counters AS c ON c.destination_id = k.destination
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

COMMENT ON FUNCTION config.cap_totals(integer) IS
  'how many clicks of one edge each counter has in its present window, as far as they are stored';

CREATE FUNCTION config.keep_dropped_clicks(of_day date) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  INSERT INTO config.dropped_clicks AS d (slot, edge, day, clicks)
  SELECT c.slot, k.edge, of_day, count(*)
  FROM events.clicks AS k
  JOIN config.click_counters AS c ON c.destination_id = k.destination OR c.stream_id = k.stream
  WHERE k.time >= of_day::timestamp AT TIME ZONE 'UTC' AND k.time < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
    AND c.period IN ('month', 'total') AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
  GROUP BY c.slot, k.edge
  ON CONFLICT (slot, edge, day) DO UPDATE SET clicks = d.clicks + excluded.clicks
$$;

COMMENT ON FUNCTION config.keep_dropped_clicks(date) IS 'counts a day for counters of months and totals before its raw rows go';

-- As before, but counters of months and totals keep what they have counted on the day that goes.
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
  IF child LIKE 'clicks\_%' AND to_regclass('config.click_counters') IS NOT NULL THEN
    PERFORM config.keep_dropped_clicks(to_date(right(child, 8), 'YYYYMMDD'));
  END IF;
  INSERT INTO events.retention AS r (dropped_before) VALUES (to_date(right(child, 8), 'YYYYMMDD') + 1)
  ON CONFLICT (only_row) DO UPDATE SET dropped_before = greatest(r.dropped_before, excluded.dropped_before);
  EXECUTE format('DROP TABLE events.%I', child);
  RETURN child;
END
$$;

REVOKE EXECUTE ON FUNCTION config.cap_totals(integer), config.keep_dropped_clicks(date) FROM public;
GRANT EXECUTE ON FUNCTION config.cap_totals(integer) TO tributary_admin;
