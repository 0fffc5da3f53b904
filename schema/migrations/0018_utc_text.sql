-- How the REST API writes a time, in one place.

SET LOCAL ROLE tributary_owner;

CREATE FUNCTION config.utc_text(moment timestamptz) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

COMMENT ON FUNCTION config.utc_text(timestamptz) IS 'RFC 3339 in UTC with microseconds: 2026-01-31T23:59:59.000000Z';
