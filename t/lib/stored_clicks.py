"""Clicks of yesterday in PostgreSQL that no edge took: one visitor each, some 50 MB of pages."""

STORE = """
INSERT INTO events.clicks (time, position, batch, journal, campaign, stream, destination, edge, slot, reason, status,
                           id, team, address, user_agent, sub_ids)
SELECT t, n, 1, 1, {campaign}, {stream}, {destination}, 1, 1, 1, 302,
       (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 15, '0') || '00000')::uuid,
       '{team}', '10.0.0.0'::inet + n, 'browser', array_fill(md5(n::text), ARRAY[30])
FROM generate_series(1, 40000) AS n, LATERAL (SELECT '{day}T12:00:00Z'::timestamptz + n * interval '1 ms' AS t) AS at
"""


def store_clicks(database, team, campaign=1, stream=1, destination=1):
    """Returns their day and the name of its table."""
    day = database.value("SELECT (now() AT TIME ZONE 'UTC')::date - 1")
    database.value("SELECT events.ensure_partition(%s)", day)
    database.execute(
        STORE.format(day=day, team=team, campaign=campaign, stream=stream, destination=destination),
    )
    return day, f"events.clicks_{day:%Y%m%d}"
