-- Caps on clicks per sub id: each of its values has the amount for itself.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.destination_caps
  ADD COLUMN per smallint CHECK (per BETWEEN 1 AND 30),
  ADD CHECK (per IS NULL OR (measure = 'clicks' AND amount <= 1048575)),
  DROP CONSTRAINT destination_caps_destination_id_measure_period_key;
CREATE UNIQUE INDEX destination_caps_of_a_kind
  ON config.destination_caps (destination_id, measure, period, (coalesce(per, 0)));

COMMENT ON COLUMN config.destination_caps.per IS
  'sub id: each of its values has the amount for itself, the absent one too; another one needs a new slot';

ALTER TABLE events.cap_usage ADD COLUMN per smallint, ADD COLUMN value text;

COMMENT ON COLUMN events.cap_usage.value IS 'with per: the value that was counted most, `amount` is of it';

ALTER TABLE config.dropped_clicks ADD COLUMN value text NOT NULL DEFAULT '';
ALTER TABLE config.dropped_clicks DROP CONSTRAINT dropped_clicks_pkey, ADD PRIMARY KEY (slot, edge, day, value);

COMMENT ON COLUMN config.dropped_clicks.value IS 'of the sub id that the counter is per; else empty';

CREATE OR REPLACE VIEW events.sent_visitors WITH (security_invoker = true) AS
  SELECT time, destination, labels, edge, epoch, generation, sub_ids FROM events.clicks WHERE destination <> 0
  UNION ALL
  SELECT time, destination, labels, edge, epoch, generation, sub_ids FROM events.lander_clicks WHERE destination <> 0;

CREATE OR REPLACE VIEW config.click_counters AS
  SELECT c.slot, c.destination_id, NULL::integer AS stream_id, c.period, c.time_zone, born.epoch, born.counter, c.per
  FROM config.destination_caps AS c
  CROSS JOIN LATERAL (
    SELECT h.epoch, h.gen_from AS counter FROM config.history AS h
    WHERE h.entity = 'destination_caps' AND h.content ->> 'slot' = c.slot::text
    ORDER BY h.id LIMIT 1
  ) AS born
  WHERE c.measure = 'clicks'
  UNION ALL
  SELECT s.cap_slot, NULL, s.stream_id, split_part(s.argument, ' ', 1),
    coalesce(nullif(split_part(s.argument, ' ', 2), ''), 'UTC'), born.epoch, born.counter, NULL::smallint
  FROM config.stream_conditions AS s
  CROSS JOIN LATERAL (
    SELECT h.epoch, h.gen_from AS counter FROM config.history AS h
    WHERE h.entity = 'stream_conditions' AND h.content ->> 'cap_slot' = s.cap_slot::text
    ORDER BY h.id LIMIT 1
  ) AS born
  WHERE s.kind = 'click_limit';

-- As before, and of a cap per sub id the value that was counted most.
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
    SELECT c.slot, c.destination_id, d.team_id, c.measure, c.period, c.time_zone, c.currency, c.hard, c.per, c.amount AS cap,
      config.cap_window(c.period, c.time_zone, now()) AS starts_at
    FROM config.destination_caps AS c
    JOIN config.destinations AS d ON d.id = c.destination_id AND d.state <> 'deleted'
    WHERE (c.measure = 'clicks') = of_clicks
  ), counted AS (
    SELECT p.*, clicks.value,
      CASE WHEN of_clicks THEN coalesce(clicks.amount, 0) ELSE conversions.amount END AS amount
    FROM present AS p
    LEFT JOIN LATERAL (
      SELECT CASE WHEN p.per IS NOT NULL THEN coalesce(k.sub_ids[p.per], '') END AS value, count(*)::numeric AS amount
      FROM events.sent_visitors AS k
      WHERE of_clicks AND k.destination = p.destination_id AND k.time >= p.starts_at AND k.labels & 15 = 0
      GROUP BY 1
      ORDER BY 2 DESC, 1
      LIMIT 1
    ) AS clicks ON of_clicks
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(config.cap_share(v, p.measure, p.currency)), 0) AS amount FROM events.conversions AS v
      WHERE NOT of_clicks AND v.destination = p.destination_id AND v.destination <> 0
        AND v.first_received_at >= p.starts_at
    ) AS conversions ON NOT of_clicks
  ), stored AS (
    INSERT INTO events.cap_usage AS u (
      slot, starts_at, destination, team, measure, period, time_zone, currency, hard, per, value, cap, amount,
      reached_at)
    SELECT slot, starts_at, destination_id, team_id, measure, period, time_zone, currency, hard, per, value, cap, amount,
      CASE WHEN amount >= cap THEN now() END
    FROM counted
    WHERE amount > 0 OR cap = 0
      OR EXISTS (SELECT FROM events.cap_usage AS o WHERE o.slot = counted.slot AND o.starts_at = counted.starts_at)
    ON CONFLICT (slot, starts_at) DO UPDATE SET
      hard = excluded.hard,
      cap = excluded.cap,
      amount = excluded.amount,
      value = excluded.value,
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

-- As before, without caps per sub id.
CREATE OR REPLACE FUNCTION config.cap_totals(of_edge integer) RETURNS TABLE (slot bigint, window_number bigint, clicks bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH counters AS MATERIALIZED (
    SELECT c.*, config.cap_window(c.period, c.time_zone, now()) AS starts_at FROM config.click_counters AS c
    WHERE c.per IS NULL
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

CREATE FUNCTION config.cap_value_totals(of_edge integer)
  RETURNS TABLE (slot bigint, window_number bigint, value text, clicks bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH counters AS MATERIALIZED (
    SELECT c.*, config.cap_window(c.period, c.time_zone, now()) AS starts_at FROM config.click_counters AS c
    WHERE c.per IS NOT NULL
  ), hits AS (
    SELECT c.slot, coalesce(k.sub_ids[c.per], '') AS value, count(*) AS clicks
    FROM events.sent_visitors AS k JOIN counters AS c ON c.destination_id = k.destination
    WHERE k.time >= (SELECT min(starts_at) FROM counters) AND k.time >= c.starts_at
      AND k.edge = of_edge AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
    GROUP BY 1, 2
    UNION ALL
    SELECT d.slot, d.value, d.clicks
    FROM config.dropped_clicks AS d JOIN counters AS c USING (slot)
    WHERE d.edge = of_edge AND (d.day + 1)::timestamp AT TIME ZONE 'UTC' > c.starts_at
  )
  SELECT slot, config.cap_window_number(c.period, c.time_zone, now()), h.value, sum(h.clicks)::bigint
  FROM hits AS h JOIN counters AS c USING (slot)
  GROUP BY slot, c.period, c.time_zone, h.value
$$;

COMMENT ON FUNCTION config.cap_value_totals(integer) IS 'as cap_totals(), for caps per sub id: of each value';

REVOKE EXECUTE ON FUNCTION config.cap_value_totals(integer) FROM public;
GRANT EXECUTE ON FUNCTION config.cap_value_totals(integer) TO tributary_admin;

CREATE OR REPLACE FUNCTION config.keep_dropped_clicks(of_day date) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  INSERT INTO config.dropped_clicks AS d (slot, edge, day, value, clicks)
  SELECT c.slot, k.edge, of_day, coalesce(k.sub_ids[c.per], ''), count(*)
  FROM events.clicks AS k
  JOIN config.click_counters AS c ON c.destination_id = k.destination OR c.stream_id = k.stream
  WHERE k.time >= of_day::timestamp AT TIME ZONE 'UTC' AND k.time < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
    AND c.period IN ('month', 'total') AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
  GROUP BY c.slot, k.edge, coalesce(k.sub_ids[c.per], '')
  ON CONFLICT (slot, edge, day, value) DO UPDATE SET clicks = d.clicks + excluded.clicks
$$;

CREATE OR REPLACE FUNCTION config.keep_dropped_lander_clicks(of_day date) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  INSERT INTO config.dropped_clicks AS d (slot, edge, day, value, clicks)
  SELECT c.slot, k.edge, of_day, coalesce(k.sub_ids[c.per], ''), count(*)
  FROM events.lander_clicks AS k
  JOIN config.click_counters AS c ON c.destination_id = k.destination
  WHERE k.time >= of_day::timestamp AT TIME ZONE 'UTC' AND k.time < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
    AND c.period IN ('month', 'total') AND k.labels & 15 = 0 AND (k.epoch, k.generation) >= (c.epoch, c.counter)
  GROUP BY c.slot, k.edge, coalesce(k.sub_ids[c.per], '')
  ON CONFLICT (slot, edge, day, value) DO UPDATE SET clicks = d.clicks + excluded.clicks
$$;
