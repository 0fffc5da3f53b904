-- Places of counters are given again. What a cap or click limit is known by stays its own for ever: its place in the shared
-- state of the edges (24 bits) and how often that place was given before (its turn). Edges tell turns apart, so what one
-- cap has counted never counts for the next.

SET LOCAL ROLE tributary_owner;

DROP FUNCTION config.cap_totals(integer);
DROP VIEW config.click_counters;
ALTER TABLE config.destination_caps ALTER COLUMN slot DROP DEFAULT;
DROP FUNCTION config.take_cap_slot();

ALTER TABLE config.destination_caps ALTER COLUMN slot TYPE bigint;
ALTER TABLE config.stream_conditions ALTER COLUMN cap_slot TYPE bigint;
ALTER TABLE config.dropped_clicks ALTER COLUMN slot TYPE bigint;
ALTER TABLE events.cap_usage ALTER COLUMN slot TYPE bigint;

COMMENT ON TABLE config.next_cap_slot IS 'the first place that was never given';
COMMENT ON COLUMN config.destination_caps.slot IS
  'its counter in the shared state of the edges: turn * 2^24 + place, none is used twice; a cap with another period, zone or currency needs a new one';
COMMENT ON COLUMN config.stream_conditions.cap_slot IS
  'of a click_limit: its counter, numbered as those of caps; another argument needs a new one';

CREATE TABLE config.free_cap_slots (
  place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slot  bigint NOT NULL UNIQUE
);

COMMENT ON TABLE config.free_cap_slots IS 'numbers of counters that may be given, the next turn of places that are free: longest free first';

GRANT SELECT ON config.free_cap_slots TO tributary_admin;

CREATE FUNCTION config.take_cap_slot() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  taken bigint;
BEGIN
  DELETE FROM config.free_cap_slots WHERE place = (SELECT min(place) FROM config.free_cap_slots) RETURNING slot INTO taken;
  IF taken IS NULL THEN
    INSERT INTO config.next_cap_slot AS n (slot) VALUES (1)
    ON CONFLICT (only_row) DO UPDATE SET slot = n.slot + 1
    RETURNING n.slot - 1 INTO taken;
  END IF;
  RETURN taken;
END
$$;

COMMENT ON FUNCTION config.take_cap_slot() IS 'a number for a new counter in the state of the edges, which have room for 2^24';

ALTER TABLE config.destination_caps ALTER COLUMN slot SET DEFAULT config.take_cap_slot();
REVOKE EXECUTE ON FUNCTION config.take_cap_slot() FROM public;
GRANT EXECUTE ON FUNCTION config.take_cap_slot() TO tributary_admin;

-- A change of a list deletes all of it and inserts what stays with the numbers it had.
CREATE FUNCTION config.free_cap_slot() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  gone  CONSTANT bigint := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
  turn  CONSTANT bigint := 16777216;
  turns CONSTANT bigint := 2048;
BEGIN
  IF EXISTS (SELECT FROM config.destination_caps WHERE slot = gone)
      OR EXISTS (SELECT FROM config.stream_conditions WHERE cap_slot = gone) THEN
    RETURN NULL;
  END IF;
  DELETE FROM config.dropped_clicks WHERE slot = gone;
  INSERT INTO config.free_cap_slots (slot)
  SELECT gone + turn WHERE gone + turn < turns * turn
  ON CONFLICT (slot) DO NOTHING;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.free_cap_slot() IS 'the place of a counter that is gone may be given again, 2048 times in all';

CREATE TRIGGER free_slot AFTER DELETE ON config.destination_caps
  FOR EACH ROW EXECUTE FUNCTION config.free_cap_slot('slot');
CREATE TRIGGER free_slot AFTER DELETE ON config.stream_conditions
  FOR EACH ROW WHEN (OLD.cap_slot IS NOT NULL) EXECUTE FUNCTION config.free_cap_slot('cap_slot');

CREATE FUNCTION config.delete_caps() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  DELETE FROM config.destination_caps WHERE destination_id = NEW.id;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.delete_click_limits() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  EXECUTE format(
    'DELETE FROM config.stream_conditions AS c USING config.streams AS s'
    ' WHERE s.%I = $1 AND c.stream_id = s.id AND c.cap_slot IS NOT NULL', TG_ARGV[0])
  USING NEW.id;
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION config.delete_caps() IS 'what is deleted counts nothing any more; the history keeps its caps';
COMMENT ON FUNCTION config.delete_click_limits() IS 'as delete_caps(), of streams';

CREATE TRIGGER delete_caps AFTER UPDATE OF state ON config.destinations
  FOR EACH ROW WHEN (NEW.state = 'deleted' AND OLD.state <> 'deleted') EXECUTE FUNCTION config.delete_caps();
CREATE TRIGGER delete_click_limits AFTER UPDATE OF state ON config.streams
  FOR EACH ROW WHEN (NEW.state = 'deleted' AND OLD.state <> 'deleted') EXECUTE FUNCTION config.delete_click_limits('id');
CREATE TRIGGER delete_click_limits AFTER UPDATE OF state ON config.campaigns
  FOR EACH ROW WHEN (NEW.state = 'deleted' AND OLD.state <> 'deleted')
  EXECUTE FUNCTION config.delete_click_limits('campaign_id');
CREATE TRIGGER delete_click_limits AFTER UPDATE OF state ON config.rotations
  FOR EACH ROW WHEN (NEW.state = 'deleted' AND OLD.state <> 'deleted')
  EXECUTE FUNCTION config.delete_click_limits('rotation_id');

-- What went before there was a list of free places.
DO $$
DECLARE
  gone integer[] := ARRAY(
    SELECT c.id FROM config.destination_caps AS c JOIN config.destinations AS d ON d.id = c.destination_id
    WHERE d.state = 'deleted');
  gone_limits integer[] := ARRAY(
    SELECT s.id FROM config.streams AS s
    LEFT JOIN config.campaigns AS c ON c.id = s.campaign_id
    LEFT JOIN config.rotations AS r ON r.id = s.rotation_id
    WHERE 'deleted' IN (s.state, c.state, r.state));
BEGIN
  IF gone <> '{}' THEN
    DELETE FROM config.destination_caps WHERE id = ANY (gone);
  END IF;
  IF EXISTS (SELECT FROM config.stream_conditions WHERE stream_id = ANY (gone_limits) AND cap_slot IS NOT NULL) THEN
    DELETE FROM config.stream_conditions WHERE stream_id = ANY (gone_limits) AND cap_slot IS NOT NULL;
  END IF;
END
$$;

INSERT INTO config.free_cap_slots (slot)
SELECT number + 16777216
FROM config.next_cap_slot AS n CROSS JOIN generate_series(0, n.slot - 1) AS numbers (number)
WHERE NOT EXISTS (SELECT FROM config.destination_caps WHERE slot = number)
  AND NOT EXISTS (SELECT FROM config.stream_conditions WHERE cap_slot = number)
ON CONFLICT (slot) DO NOTHING;

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

CREATE FUNCTION config.cap_totals(of_edge integer) RETURNS TABLE (slot bigint, window_number bigint, clicks bigint)
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

COMMENT ON FUNCTION config.cap_totals(integer) IS
  'how many clicks of one edge each counter has in its present window, as far as they are stored';

REVOKE EXECUTE ON FUNCTION config.cap_totals(integer) FROM public;
GRANT EXECUTE ON FUNCTION config.cap_totals(integer) TO tributary_admin;
