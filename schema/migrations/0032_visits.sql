-- Explain asks for everything that one visitor did inside a window. A B-tree on the address would make the COPY of clicks
-- a third dearer. This index costs it nothing: it says of 128 pages at a time which addresses they may hold, and says it
-- later, when events.summarize_visits() is called, as the ingestor does. Per 600,000 clicks: COPY 7.6 s of CPU, with a
-- B-tree 10.5 s, with this one 7.6 s, and 0.4 s for the summaries.
--
-- Both columns in one index: the planner takes the order of the rows in time for that of the index, so it believes in it.
-- Pages that are not summarized are read; VACUUM summarizes too.

SET LOCAL ROLE tributary_owner;

CREATE INDEX clicks_visits ON events.clicks
  USING brin (time, address inet_bloom_ops (n_distinct_per_range = 2048, false_positive_rate = 0.001))
  WITH (pages_per_range = 128);
CREATE INDEX lander_clicks_visits ON events.lander_clicks
  USING brin (time, address inet_bloom_ops (n_distinct_per_range = 2048, false_positive_rate = 0.001))
  WITH (pages_per_range = 128);

-- Whole ranges of pages only: a summary of the last one would have to grow with every row that comes. At most 1,024 at a
-- time, some seconds of work; what is left is done by the next calls.
CREATE FUNCTION events.summarize_visits(days date[]) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
  SET lock_timeout = '200ms'  -- less than deadlock_timeout, at which a VACUUM of the partition would be cancelled
AS $$
DECLARE
  next_range record;
  done       bigint := 0;
BEGIN
  FOR next_range IN
    SELECT p.inhrelid AS visits, page
    FROM pg_inherits AS p
    JOIN pg_index AS i ON i.indexrelid = p.inhrelid
    JOIN pg_class AS c ON c.oid = i.indrelid
    CROSS JOIN LATERAL generate_series(
      0, pg_relation_size(c.oid) / current_setting('block_size')::bigint - 128, 128) AS page
    WHERE p.inhparent = ANY (ARRAY['events.clicks_visits', 'events.lander_clicks_visits']::regclass[])
      AND right(c.relname, 8) = ANY (SELECT to_char(unnest(days), 'YYYYMMDD'))
  LOOP
    done := done + brin_summarize_range(next_range.visits, next_range.page);
    EXIT WHEN done >= 1024;
  END LOOP;
  RETURN done;
EXCEPTION WHEN lock_not_available THEN
  RETURN done;  -- VACUUM or ANALYZE works on it
END
$$;

COMMENT ON FUNCTION events.summarize_visits(date[]) IS
  'brings the indexes of visits of these UTC days up to date; returns how many ranges of pages that were';

REVOKE EXECUTE ON FUNCTION events.summarize_visits(date[]) FROM public;
GRANT EXECUTE ON FUNCTION events.summarize_visits(date[]) TO tributary_ingestor;
