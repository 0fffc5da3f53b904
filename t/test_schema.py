"""The database schema: the generated SQL files, what specifications fix, and its own guarantees."""

import subprocess
import threading

import psycopg
import pytest

from lib.places import ROOT, Workspace
from lib.postgres import Database, Postgres

SCHEMA = ROOT / "schema"
UNKNOWN_TEAM = "00000000-0000-0000-0000-000000000000"

# What specifications B to E fix: view -> column -> acceptable types, the specified one first.
INTEGER = ("integer", "bigint")  # ids minted on the edge have up to 53 bits
TEXT = ("text",)
VARCHAR = ("character varying",)
UUID = ("uuid",)
TIMESTAMP = ("timestamp without time zone",)
DECIMAL = ("numeric",)
ANY = None

AFFILIATE = {
    "affiliate.affiliates": {"id": INTEGER, "name": VARCHAR},
    "affiliate.campaigns": {"id": INTEGER, "name": VARCHAR},
    "affiliate.clicks": {
        "id": INTEGER,
        "affiliate_id": INTEGER,
        "campaign_id": INTEGER,
        "click_id": VARCHAR,
        "timestamp": TIMESTAMP,
    },
    "affiliate.conversions": {
        "id": INTEGER,
        "click_id": INTEGER,
        "amount": ("double precision",),
        "currency": VARCHAR,
        "timestamp": TIMESTAMP,
    },
}
INFLUENCER = {
    "influencer.advertisers": {"id": ANY, "name": ANY, "status": ANY},
    "influencer.campaigns": {
        "id": ANY,
        "advertiser_id": ANY,
        "name": ANY,
        "start_date": ANY,
        "end_date": ANY,
        "attribution_source": ANY,
    },
    "influencer.influencers": {"id": ANY, "name": ANY},
    "influencer.campaign_influencers": {"campaign_id": ANY, "influencer_id": ANY},
    "influencer.coupons": {"id": ANY, "code": ANY, "influencer_id": ANY, "campaign_id": ANY},
    "influencer.tracking_links": {"id": ANY, "code": ANY, "influencer_id": ANY, "campaign_id": ANY},
    "influencer.click_events": {
        "id": ANY,
        "timestamp": ANY,
        "user_agent": ANY,
        "device": ANY,
        "referrer": ANY,
        "ip_address": ANY,
        "country": ANY,
        "influencer_id": ANY,
        "campaign_id": ANY,
    },
    "influencer.customer_events": {
        "id": ANY,
        "action": ANY,
        "value": DECIMAL,
        "currency": ANY,
        "properties": ("jsonb",),
        "coupon_code": ANY,
        "ref_code": ANY,
        "landing_url": ANY,
        "referrer": ANY,
        "timestamp": ANY,
    },
    "influencer.api_keys": {"id": ANY, "advertiser_id": ANY, "key_hash": ANY, "prefix": ANY},
    "influencer.admin_users": {"id": ANY, "email": ANY, "password_hash": ANY},
}
TRAFFIC = {
    "traffic.traffic_users": {
        "id": UUID,
        "email": TEXT,
        "password_hash": TEXT,
        "full_name": TEXT,
        "role": TEXT,
        "team_id": UUID,
        "fb_ad_account_id": TEXT,
        "created_at": TIMESTAMP,
    },
    "traffic.traffic_teams": {"id": UUID, "name": TEXT, "lead_id": UUID, "created_at": TIMESTAMP},
    "traffic.traffic_sales": {
        "id": UUID,
        "lead_id": ("integer",),
        "sale_amount": DECIMAL,
        "sale_currency": TEXT,
        "utm_source": TEXT,
        "utm_medium": TEXT,
        "utm_campaign": TEXT,
        "utm_content": TEXT,
        "targetologist_id": UUID,
        "sale_date": TIMESTAMP,
        "created_at": TIMESTAMP,
    },
    "traffic.fb_campaigns": {
        "id": UUID,
        "campaign_id": TEXT,
        "campaign_name": TEXT,
        "ad_account_id": TEXT,
        "spend": DECIMAL,
        "impressions": ("integer",),
        "clicks": ("integer",),
        "conversions": ("integer",),
        "date": ("date",),
        "created_at": TIMESTAMP,
    },
    "traffic.fb_adsets": {
        "id": UUID,
        "adset_id": TEXT,
        "adset_name": TEXT,
        "campaign_id": TEXT,
        "spend": DECIMAL,
        "impressions": ("integer",),
        "clicks": ("integer",),
        "date": ("date",),
    },
    "traffic.fb_ads": {
        "id": UUID,
        "ad_id": TEXT,
        "ad_name": TEXT,
        "adset_id": TEXT,
        "spend": DECIMAL,
        "impressions": ("integer",),
        "clicks": ("integer",),
        "date": ("date",),
    },
}


@pytest.fixture(scope="module")
def cluster():
    """A server with one database that was made with psql and schema.sql alone."""
    space = Workspace("schema")
    server = Postgres(space).create()
    try:
        with server.connect("postgres") as session:
            session.execute("CREATE DATABASE from_file")
        server.psql("from_file", SCHEMA / "schema.sql")
        yield server
    finally:
        server.remove()
        space.remove()


@pytest.fixture
def loaded(cluster):
    cluster.made += 1
    database = Database(cluster, f"schema_{cluster.made}")
    with cluster.connect("postgres") as session:
        session.execute(f"CREATE DATABASE {database.name} TEMPLATE from_file")
    yield database
    database.drop()


def as_admin(database, team=None):
    """A session of admin-api that works for one team, or for all."""
    session = database.cluster.connect(database.name, "tributary_admin")
    setting = ("tributary.team", str(team)) if team else ("tributary.role", "admin")
    session.execute("SELECT set_config(%s, %s, false)", setting)
    return session


def insert(session, table, returning="id", **values):
    names = ", ".join(values)
    places = ", ".join(["%s"] * len(values))
    query = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {returning}"
    return session.execute(query, list(values.values())).fetchone()[0]


def missing_columns(database, shape):
    found = {}
    rows = database.rows(
        "SELECT table_schema || '.' || table_name, column_name, data_type FROM information_schema.columns"
    )
    for view, column, kind in rows:
        found.setdefault(view, {})[column] = kind
    return [
        f"{view}.{column}: {found.get(view, {}).get(column)}"
        for view, columns in shape.items()
        for column, kinds in columns.items()
        if column not in found.get(view, {}) or (kinds and found[view][column] not in kinds)
    ]


@pytest.mark.proves("B31", "E21")
def test_the_generated_files_are_up_to_date(tmp_path):
    done = subprocess.run(
        [ROOT / "scripts" / "generate-schema", "--out", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in ("schema.sql", "seed.sql"):
        assert (tmp_path / name).exists(), f"{name} was not generated: {done.stderr}"
        assert (tmp_path / name).read_text() == (
            SCHEMA / name
        ).read_text(), f"run scripts/generate-schema: {name} is old"


@pytest.mark.proves("B31", "E21")
def test_schema_and_seed_load_with_psql(loaded):
    loaded.cluster.psql(loaded.name, SCHEMA / "seed.sql")
    assert loaded.value("SELECT count(*) FROM affiliate.campaigns") > 0


@pytest.mark.proves("B11", "B12", "B13", "B14", "E10", "E11", "E12", "E13")
def test_affiliate_tables_have_the_specified_columns(loaded):
    assert missing_columns(loaded, AFFILIATE) == []


@pytest.mark.proves("C23", "C70", "C111", "C116", "C120", "C139")
def test_influencer_tables_have_the_specified_columns(loaded):
    assert missing_columns(loaded, INFLUENCER) == []


@pytest.mark.proves("D23", "D24", "D25", "D26", "D27", "D28")
def test_traffic_tables_have_the_specified_columns(loaded):
    assert missing_columns(loaded, TRAFFIC) == []


def test_every_view_of_a_specification_can_be_read(loaded):
    for view in {**AFFILIATE, **INFLUENCER, **TRAFFIC}:
        assert loaded.rows(f"SELECT * FROM {view}") == []


def test_every_table_is_explained(loaded):
    silent = loaded.rows(
        """
        SELECT c.oid::regclass::text
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('config', 'events') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
          AND obj_description(c.oid) IS NULL
        """
    )
    assert silent == []


@pytest.mark.proves("A4", "A15", "A16")
def test_events_do_not_depend_on_config(loaded):
    keys = loaded.rows(
        """
        SELECT conname FROM pg_constraint
        WHERE contype = 'f' AND connamespace = 'events'::regnamespace
          AND confrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'config'::regnamespace)
        """
    )
    assert keys == []
    assert not loaded.value("SELECT has_schema_privilege('tributary_ingestor', 'config', 'USAGE')")


@pytest.mark.proves("D13")
def test_a_team_sees_nothing_of_another(loaded):
    with as_admin(loaded) as everyone:
        mine = insert(everyone, "config.teams", name="Mine")
        theirs = insert(everyone, "config.teams", name="Theirs")
        campaign = insert(everyone, "config.campaigns", team_id=theirs, name="Secret", slug="secret")
        insert(everyone, "config.streams", campaign_id=campaign)
        everyone.execute("INSERT INTO config.settings VALUES ('trafficback', '\"https://example.com/\"')")
    loaded.execute(
        """
        INSERT INTO events.rollup_delta (bucket, batch, campaign, team, clicks)
        VALUES (now(), 1, %s, %s, 7)
        """,
        campaign,
        theirs,
    )
    with as_admin(loaded, mine) as session:
        for table in ("config.campaigns", "config.streams", "affiliate.campaigns", "events.campaign_facts"):
            assert session.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            insert(session, "config.streams", campaign_id=campaign)
    with as_admin(loaded, theirs) as session:
        assert session.execute("SELECT sum(clicks) FROM events.campaign_facts").fetchone()[0] == 7


def test_row_security_is_forced_on_every_table_with_a_team(loaded):
    open_tables = loaded.rows(
        """
        SELECT c.oid::regclass::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace IN ('config'::regnamespace, 'events'::regnamespace)
          AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname IN ('team', 'team_id') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
          AND c.relname NOT IN ('idempotency_keys')
        """
    )
    assert open_tables == []


def test_a_transaction_makes_one_generation_and_leaves_its_history(loaded):
    counter = "SELECT counter FROM config.generation"
    before = loaded.value(counter)
    with as_admin(loaded) as session:
        with session.transaction():
            team = insert(session, "config.teams", name="T")
            campaign = insert(session, "config.campaigns", team_id=team, name="C", slug="c")
        assert loaded.value(counter) == before + 1
        session.execute("UPDATE config.campaigns SET name = 'D' WHERE id = %s", (campaign,))
    assert loaded.value(counter) == before + 2
    versions = loaded.rows(
        "SELECT content ->> 'name', gen_from, gen_to FROM config.history WHERE entity = 'campaigns' ORDER BY gen_from"
    )
    assert versions == [("C", before + 1, before + 2), ("D", before + 2, None)]
    assert loaded.value("SELECT version FROM config.campaigns") == 2


def test_two_transactions_never_share_a_generation(loaded):
    """The generation's row stays locked until commit."""
    with as_admin(loaded) as first, as_admin(loaded) as second:
        first.autocommit = second.autocommit = False
        insert(first, "config.teams", name="First")
        second.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            insert(second, "config.teams", name="Second")


def test_what_ingestion_needs_of_a_campaign_is_copied(loaded):
    with as_admin(loaded) as session:
        team = insert(session, "config.teams", name="T", time_zone="Asia/Kathmandu")
        campaign = insert(session, "config.campaigns", team_id=team, name="C", slug="c", currency="EUR")
    query = "SELECT campaign, team, currency, bucket_minutes FROM events.known_campaigns"
    assert loaded.rows(query) == [(campaign, team, "EUR", 15)]
    with as_admin(loaded) as session:
        session.execute("UPDATE config.teams SET time_zone = 'Asia/Kolkata'")
    assert loaded.rows(query) == [(campaign, team, "EUR", 30)]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("config.destinations", {"name": "d", "url": "javascript:alert(1)"}),
        ("config.destinations", {"name": "d", "url": "//evil.example/"}),
        ("config.destinations", {"name": "d", "url": "https://example.com/\nX: y"}),
        ("config.campaigns", {"name": "c", "slug": "a/b"}),
        ("config.campaigns", {"name": "c", "slug": "a", "host": "Upper.example"}),
        ("config.campaigns", {"name": "c", "slug": "a", "currency": "usd"}),
        ("config.campaigns", {"name": "c", "slug": "a", "id": 2**28}),
        ("config.networks", {"name": "n", "key": "with space"}),
        ("config.partners", {"name": "x" * 101}),
        ("config.sources", {"name": "s", "currency": "EURO"}),
    ],
)
def test_values_that_make_no_sense_are_refused(loaded, table, values):
    with as_admin(loaded) as session:
        team = insert(session, "config.teams", name="T")
        with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.StringDataRightTruncation)):
            insert(session, table, team_id=team, **values)


def test_references_do_not_cross_teams(loaded):
    with as_admin(loaded) as session:
        mine, theirs = (insert(session, "config.teams", name=name) for name in ("Mine", "Theirs"))
        source = insert(session, "config.sources", team_id=theirs, name="S")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            insert(session, "config.campaigns", team_id=mine, name="C", slug="c", source_id=source)


def add_deltas(session, rows, campaign=1, clicks=1):
    session.execute(
        """
        INSERT INTO events.rollup_delta (bucket, batch, campaign, team, currency, clicks, cost)
        SELECT '2026-01-01 00:00Z'::timestamptz + n %% 24 * interval '1 hour', 1, %s, %s, 'USD', %s, 0.000001
        FROM generate_series(1, %s) AS n
        """,
        (campaign, UNKNOWN_TEAM, clicks, rows),
    )


def test_folding_keeps_every_sum(loaded):
    facts = "SELECT sum(clicks), sum(cost)::text FROM events.campaign_facts"
    with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session:
        add_deltas(session, 1000)
        before = session.execute(facts).fetchone()
        assert session.execute("SELECT events.fold_rollups(300)").fetchone()[0] == 300
        assert session.execute(facts).fetchone() == before == (1000, "0.001000")
        assert session.execute("SELECT events.fold_rollups()").fetchone()[0] == 700
        assert session.execute("SELECT events.fold_rollups()").fetchone()[0] == 0
        assert session.execute(facts).fetchone() == before
        assert session.execute("SELECT count(*) FROM events.rollup_campaign").fetchone()[0] == 24


def test_reports_are_exact_while_a_fold_runs(loaded):
    """Reader after reader sees the same sum, whichever fold has just committed."""
    stop = threading.Event()

    def fold():
        with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session:
            while not stop.is_set():
                session.execute("SELECT events.fold_rollups(50)")

    with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session:
        add_deltas(session, 5000)
    folders = [threading.Thread(target=fold) for _ in range(2)]
    for folder in folders:
        folder.start()
    sums = {loaded.value("SELECT sum(clicks) FROM events.campaign_facts") for _ in range(50)}
    stop.set()
    for folder in folders:
        folder.join()
    assert sums == {5000}


def test_partitions_are_made_ahead_and_dropped_by_the_day(loaded):
    with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session:
        made_ahead = session.execute(
            "SELECT count(*) FROM generate_series(0, 7) n"
            " WHERE to_regclass('events.clicks_'"
            " || to_char(now() AT TIME ZONE 'UTC' + n * interval '1 day', 'YYYYMMDD'))"
            " IS NOT NULL"
        ).fetchone()[0]
        assert made_ahead == 8
        assert session.execute("SELECT events.ensure_partition('2026-01-05')").fetchone()[0] == 5
        assert session.execute("SELECT events.ensure_partition('2026-01-05')").fetchone()[0] == 0
        dropped = [session.execute("SELECT events.drop_oldest_partition('2026-01-06')").fetchone()[0] for _ in range(6)]
        assert dropped[:2] == ["clicks_20260105", "customer_events_20260105"]
        assert dropped[5] is None
        assert str(session.execute("SELECT dropped_before FROM events.retention").fetchone()[0]) == "2026-01-06"
        with pytest.raises(psycopg.errors.RaiseException):
            session.execute("SELECT events.ensure_partition('1999-01-01')")
        with pytest.raises(psycopg.errors.RaiseException):
            session.execute("SELECT events.drop_oldest_partition('2999-01-01')")


def test_clicks_are_found_by_their_destination(loaded):
    """Caps without an end look through every partition."""
    with loaded.cluster.connect(loaded.name) as session:
        session.execute("SELECT events.ensure_partition('2026-01-05')")
        session.execute("SET LOCAL enable_seqscan = off")
        plan = session.execute("EXPLAIN SELECT count(*) FROM events.clicks WHERE destination = 7").fetchall()
    assert "Index Cond: (destination = 7)" in "".join(line for (line,) in plan)


def test_a_partition_can_be_made_while_a_copy_runs(loaded):
    columns = "time, position, batch, journal, campaign, edge, slot, reason, status, id, team"
    row = ("now()", 0, 1, 1, 1, 0, 0, 2, 302, "gen_random_uuid()", f"'{UNKNOWN_TEAM}'")
    with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session, session.transaction():
        session.execute(f"INSERT INTO events.clicks ({columns}) VALUES ({', '.join(map(str, row))})")
        with loaded.cluster.connect(loaded.name, "tributary_ingestor") as other:
            other.execute("SET statement_timeout = '5s'")
            assert other.execute("SELECT events.ensure_partition('2026-02-01')").fetchone()[0] == 5


def test_the_ingestor_may_not_change_raw_facts(loaded):
    with loaded.cluster.connect(loaded.name, "tributary_ingestor") as session:
        for table in ("clicks", "lander_clicks", "postbacks", "trafficbacks"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"DELETE FROM events.{table}")
