-- Daily partitions, by UTC day. Seven days are made ahead, older ones on demand, each in a transaction of its own. There is
-- no DEFAULT partition: a row without a partition is an error that the ingestor answers by making one.

SET LOCAL ROLE tributary_owner;

CREATE FUNCTION events.partitioned_tables() RETURNS text[]
  LANGUAGE sql IMMUTABLE
  RETURN ARRAY['clicks', 'trafficbacks', 'lander_views', 'lander_clicks', 'postbacks', 'customer_events'];

COMMENT ON FUNCTION events.partitioned_tables() IS 'the tables in events that have one partition per UTC day';

-- The table is built on its own and attached: ATTACH does not stop concurrent COPY, CREATE ... PARTITION OF would.
CREATE FUNCTION events.ensure_partition(day date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  parent text;
  child  text;
  made   integer := 0;
BEGIN
  IF day < date '2020-01-01' OR day > current_date + 400 THEN
    RAISE EXCEPTION 'no partition is made for %', day
      USING HINT = 'The day lies before 2020 or more than 400 days ahead: the clock of an edge is wrong.';
  END IF;

  PERFORM pg_advisory_xact_lock(hashtext('events.partitions'));
  FOREACH parent IN ARRAY events.partitioned_tables() LOOP
    child := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
    CONTINUE WHEN to_regclass(format('events.%I', child)) IS NOT NULL;
    EXECUTE format('CREATE TABLE events.%I (LIKE events.%I INCLUDING ALL)', child, parent);
    EXECUTE format(
      'ALTER TABLE events.%I ATTACH PARTITION events.%I FOR VALUES FROM (%L) TO (%L)',
      parent, child,
      day::timestamp AT TIME ZONE 'UTC',
      (day + 1)::timestamp AT TIME ZONE 'UTC');
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

COMMENT ON FUNCTION events.ensure_partition(date) IS 'makes what is missing for one UTC day; returns how many tables that were';

CREATE FUNCTION events.ensure_partitions(days_ahead integer DEFAULT 7) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  SELECT sum(events.ensure_partition((now() AT TIME ZONE 'UTC')::date + ahead))::integer
  FROM generate_series(-1, days_ahead) AS ahead
$$;

COMMENT ON FUNCTION events.ensure_partitions(integer) IS 'makes the partitions of yesterday up to today + days_ahead';

CREATE FUNCTION events.drop_partitions_before(day date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  child   text;
  dropped integer := 0;
BEGIN
  IF day > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'partitions of today are never dropped (asked for everything before %)', day;
  END IF;

  PERFORM pg_advisory_xact_lock(hashtext('events.partitions'));
  FOR child IN
    SELECT c.relname
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ANY (
        SELECT format('events.%I', parent)::regclass FROM unnest(events.partitioned_tables()) AS parent)
      AND right(c.relname, 8) < to_char(day, 'YYYYMMDD')
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE events.%I', child);
    dropped := dropped + 1;
  END LOOP;

  DELETE FROM events.customer_event_keys WHERE time < day::timestamp AT TIME ZONE 'UTC';
  RETURN dropped;
END
$$;

COMMENT ON FUNCTION events.drop_partitions_before(date) IS 'retention: drops every raw partition older than this UTC day; conversions and rollups stay';

REVOKE EXECUTE ON FUNCTION
  events.fold_rollups(integer), events.ensure_partition(date), events.ensure_partitions(integer),
  events.drop_partitions_before(date)
  FROM public;

GRANT EXECUTE ON FUNCTION
  events.fold_rollups(integer), events.ensure_partition(date), events.ensure_partitions(integer),
  events.drop_partitions_before(date)
  TO tributary_ingestor;
