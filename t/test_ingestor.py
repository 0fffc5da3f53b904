"""The ingestor alone: journals made by tributary-journal-write, a real PostgreSQL, no nginx."""

import os
import threading

import psycopg
import pytest

from lib.ingestor import Ingestor
from lib.ingestor_bench import Bench, sale
from lib.stored_clicks import store_clicks
from lib.wait import wait_until

KILLS = 5


@pytest.fixture
def bench(workspace, database):
    made = Bench(workspace, database)
    yield made
    made.ingestor.kill()


def test_clicks_postbacks_and_conversions_arrive_and_add_up(bench):
    bench.write("clicks 3000 20", *[sale(n, f"t{n}") for n in range(50)])
    bench.ingestor.start()
    bench.wait_for_counts(3000, 50, 50)
    assert bench.database.value("SELECT sum(payout) FROM events.conversions") == 75
    assert bench.database.value("SELECT sum(sales) FROM events.campaign_facts") == 50
    bench.assert_rollup_is_raw()
    bench.ingestor.stop()


def test_the_ring_of_a_dead_worker_is_read(bench):
    bench.write("clicks 2000 5", die=True)
    bench.ingestor.start()
    bench.wait_for_counts(2000)


@pytest.mark.parametrize("point", ["before_copy", "after_copy", "before_commit", "after_commit"])
def test_killed_again_and_again_at_a_named_point_nothing_is_lost_or_doubled(bench, point):
    """F32."""
    bench.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"] = point
    for slot in range(KILLS):
        bench.write("clicks 500 7", *[sale(n, f"t{slot}.{n}") for n in range(4)], slot=slot)
        bench.ingestor.program.start()
        wait_until(lambda: not bench.ingestor.program.running, f"the ingestor to be killed at {point}")
    del bench.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"]
    bench.ingestor.start()
    bench.wait_for_counts(500 * KILLS, 4 * KILLS, 4 * KILLS)
    bench.assert_rollup_is_raw()


def test_two_journals_are_both_drained_and_progress_is_kept_per_journal(bench):
    bench.write("clicks 1000 3", slot=1)
    bench.write("clicks 1500 3", slot=2)
    bench.ingestor.start()
    bench.wait_for_counts(2500)
    bench.ingestor.stop()
    bench.ingestor.start()
    bench.write("clicks 10 1", slot=3)
    bench.wait_for_counts(2510)
    assert bench.database.value("SELECT count(*) FROM events.journals") == 3


def test_goes_on_within_five_seconds_of_postgresql_being_back(bench, postgres):
    bench.write("clicks 1000 3", slot=1)
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    postgres.stop()
    bench.write("clicks 500 3", slot=2)
    wait_until(lambda: "tributary_ingestor_connected 0" in bench.ingestor.metrics(), "the loss to be noticed")
    postgres.start()
    bench.wait_for_counts(1500, seconds=5)
    assert bench.ingestor.program.running


def test_a_terminated_session_is_replaced(bench):
    bench.write("clicks 1000 3", slot=1)
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    bench.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tributary-ingestor%'"
    )
    bench.write("clicks 1000 3", slot=2)
    bench.wait_for_counts(2000)


def test_poison_becomes_dead_letters_and_the_rest_is_stored(bench):
    bench.write("clicks 100 3", "future 3600", "garbage not an event", "badkey", sale(1, "good"))
    bench.ingestor.start()
    bench.wait_for_counts(100, 1, 1)
    letters = bench.database.rows("SELECT reason, octet_length(bytes) > 0 FROM events.ingestion_errors ORDER BY reason")
    assert letters == [("clock", True), ("encoding", True), ("malformed", True)]


def test_what_only_postgresql_refuses_is_found_by_halving(bench):
    bench.database.execute("ALTER TABLE events.postbacks ADD CHECK (transaction <> 'poison')")
    bench.write("clicks 300 3", *[sale(n, f"t{n}") for n in range(40)], sale(41, "poison"), sale(42, "last"))
    bench.ingestor.start()
    bench.wait_for_counts(300, 41, 41)
    assert bench.database.rows("SELECT kind, reason FROM events.ingestion_errors") == [("postback", "rejected")]
    bench.assert_rollup_is_raw()


def test_redrive_stores_a_dead_letter_exactly_once(bench):
    bench.database.execute("ALTER TABLE events.postbacks ADD CONSTRAINT poison CHECK (transaction <> 'poison')")
    bench.write("clicks 10 1", sale(1, "poison"))
    bench.ingestor.start()
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.ingestion_errors") == 1, "the dead letter")
    assert bench.command("redrive", "--all").returncode == 1
    assert bench.database.rows("SELECT state, attempts FROM events.ingestion_errors") == [("open", 1)]
    bench.database.execute("ALTER TABLE events.postbacks DROP CONSTRAINT poison")
    assert bench.command("redrive", "--reason", "rejected").returncode == 0
    assert bench.command("redrive", "--all").stdout == "0 stored, 0 still refused\n"
    assert bench.counts() == (10, 10, 1, 1)
    assert bench.database.value("SELECT state FROM events.ingestion_errors") == "redriven"
    bench.assert_rollup_is_raw()


@pytest.mark.proves("A28")
def test_a_running_ingestor_stores_what_was_queued_and_says_why_not(bench):
    bench.database.execute("ALTER TABLE events.postbacks ADD CONSTRAINT poison CHECK (transaction <> 'poison')")
    bench.write("clicks 10 1", sale(1, "poison"))
    bench.ingestor.start()
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.ingestion_errors") == 1, "the dead letter")

    def ask_again(state):
        bench.database.execute("UPDATE events.ingestion_errors SET state = 'queued'")
        seen = "SELECT state FROM events.ingestion_errors"
        wait_until(lambda: bench.database.value(seen) == state, f"the dead letter to be {state}", 20)

    ask_again("open")
    assert "poison" in bench.database.value("SELECT last_error FROM events.ingestion_errors")
    bench.database.execute("ALTER TABLE events.postbacks DROP CONSTRAINT poison")
    ask_again("redriven")
    assert bench.counts() == (10, 10, 1, 1)
    bench.assert_rollup_is_raw()


@pytest.mark.proves("A72")
def test_a_repeated_transaction_counts_once_whatever_the_order(bench):
    bench.write(
        "clicks 10 1",
        "postback 1 t1 3 0",  # rejected before the sale that it rejects
        sale(1, "t1"),
        sale(2, "t2"),
        sale(2, "t2"),
        "postback 2 t2 1 900000",  # a lead that comes late
        "postback 2 t2 5 400000",  # a rebill adds
    )
    bench.ingestor.start()
    bench.wait_for_counts(10, 6, 3)
    states = bench.database.rows("SELECT key_subject, status, payout FROM events.conversions ORDER BY 1, 2")
    assert [(key, status, float(payout)) for key, status, payout in states] == [
        ("t1", 3, 0),
        ("t2", 2, 1.5),
        ("t2", 5, 0.4),
    ]
    bench.assert_rollup_is_raw()


def test_a_conversion_before_its_click_counts_at_once_and_is_attributed_later(bench):
    bench.write("clicks 5 1", sale(1, "early"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 1)
    attributed = "SELECT attribution, stream, destination FROM events.conversions"
    wait_until(lambda: bench.database.rows(attributed) == [("attributed", 7, 9)], "the sweeper")
    bench.assert_rollup_is_raw()


@pytest.mark.proves("F67")
def test_a_network_of_another_team_converts_no_click(bench):
    """The edge refuses it while it knows the campaign; of a deleted one only the ingestor knows the team. The call
    stands with the team that made it, which can mend it."""
    caller = "22222222-2222-2222-2222-222222222222"
    bench.database.execute(f"UPDATE events.known_networks SET team = '{caller}'")
    bench.write("clicks 5 1", sale(1, "foreign"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 0)
    assert bench.database.rows("SELECT verdict, team::text, campaign FROM events.postbacks") == [(73, caller, 0)]
    bench.assert_rollup_is_raw()


def test_what_a_click_said_of_its_conversion_stays_when_the_postback_comes_again(bench):
    bench.write("clicks 5 1", sale(1, "t"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 1)
    attribution = "SELECT attribution FROM events.conversions"
    wait_until(lambda: bench.database.value(attribution) == "attributed", "the sweeper")
    bench.database.execute("UPDATE events.conversions SET affiliate = 5, link = 6")  # as a click of a partner says
    bench.write("clicks 1 1", "postback 9 t 3 0", slot=1)
    bench.wait_for_counts(6, 2, 1)
    said = "SELECT status, attribution, affiliate, link, stream FROM events.conversions"
    assert bench.database.rows(said) == [(3, "attributed", 5, 6, 7)]


def test_a_conversion_that_gets_another_click_is_attributed_anew(bench):
    """Of two clicks named for one transaction the earlier postback's counts, also when it is read later."""
    bench.write("clicks 5 1", sale(1, "t"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 1)
    said = "SELECT attribution, stream FROM events.conversions"
    wait_until(lambda: bench.database.rows(said) == [("attributed", 7)], "the sweeper")
    bench.database.execute("UPDATE events.conversions SET stream = 1")  # the first click came from another stream
    first = bench.database.value("SELECT click FROM events.conversions")
    bench.write("clicks 5 1", "late -60000", sale(2, "t"), slot=1)
    bench.wait_for_counts(10, 2, 1)
    assert bench.database.value("SELECT click FROM events.conversions") != first
    wait_until(lambda: bench.database.rows(said) == [("attributed", 7)], "the sweeper to find the other click")
    bench.assert_rollup_is_raw()


def test_a_damaged_record_is_kept_with_its_bytes_and_reported(bench):
    bench.write("clicks 200 2", "garbage NEEDLE-NEEDLE-NEEDLE", "clicks 100 2")
    segment = next(bench.directories.journal_path.glob("*.segment"))
    content = bytearray(segment.read_bytes())
    content[content.index(b"NEEDLE-NEEDLE") + 3] ^= 0xFF
    segment.write_bytes(content)
    bench.ingestor.start()
    bench.wait_for_counts(300)
    assert bench.database.rows("SELECT reason FROM events.ingestion_errors") == [("damaged",)]
    assert bench.database.rows("SELECT kind FROM events.incidents") == [("damaged",)]
    assert 'tributary_ingestor_incidents_total{kind="damaged"} 1' in bench.ingestor.metrics()


def test_a_missing_segment_is_an_incident(bench):
    bench.write("clicks 40000 2", segment=1 << 20)
    segments = sorted(bench.directories.journal_path.glob("*.segment"))
    assert len(segments) > 3
    os.unlink(segments[1])
    bench.ingestor.start()
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.incidents WHERE kind = 'gap'") == 1, "the gap")
    rows, span = bench.database.rows(
        "SELECT (SELECT count(*) FROM events.clicks), to_position - from_position FROM events.incidents"
    )[0]
    assert span > 0
    assert rows < 40000


@pytest.mark.proves("F75")
def test_a_database_restored_to_an_earlier_state_is_fed_again(bench):
    """The progress went back with the rows, so the kept segments close the hole exactly once."""
    bench.write("clicks 1000 3")
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    bench.ingestor.stop()
    bench.database.execute("TRUNCATE events.clicks, events.rollup_delta, events.rollup_campaign")
    bench.database.execute("UPDATE events.journals SET next_position = 0")
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    bench.assert_rollup_is_raw()


GAPS = "SELECT kind, journal, from_position, to_position FROM events.incidents"
PROGRESS = "SELECT 'gap', number, next_position, NULL::bigint FROM events.journals"


def to_an_earlier_backup(bench):
    """As a restored database knows the journal: half stored, not finished."""
    half = "SELECT position FROM events.clicks ORDER BY position LIMIT 1 OFFSET 500"
    bench.database.execute(f"UPDATE events.journals SET finished_at = NULL, next_position = ({half})")


def remove_journals(bench):
    for name in ("*.segment", "*.reader"):
        for file in bench.directories.journal_path.glob(name):
            file.unlink()


@pytest.mark.proves("F75")
def test_a_database_older_than_what_is_kept_is_an_incident(bench):
    bench.write("clicks 1000 3")
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    bench.ingestor.stop()
    to_an_earlier_backup(bench)
    remove_journals(bench)
    bench.ingestor.start()
    wait_until(lambda: bench.database.rows(GAPS) == bench.database.rows(PROGRESS), "the gap to be reported")
    assert 'tributary_ingestor_incidents_total{kind="gap"} 1' in bench.ingestor.metrics()
    assert bench.database.value("SELECT count(*) FROM events.journals WHERE finished_at IS NULL") == 0


@pytest.mark.proves("F75")
def test_files_that_are_removed_before_they_are_stored_are_an_incident(bench):
    """Under a running ingestor, which holds them open but will not find the rest."""
    bench.write("clicks 1000 3", die=True)
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    finished = "SELECT count(*) FROM events.journals WHERE finished_at IS NOT NULL"
    wait_until(lambda: bench.database.value(finished) == 1, "the journal to be finished")
    to_an_earlier_backup(bench)
    remove_journals(bench)
    wait_until(lambda: bench.database.rows(GAPS) == bench.database.rows(PROGRESS), "the gap to be reported")


def test_what_was_stored_whole_may_vanish(bench):
    """Read to the end, or never begun: no alarm, whether the ingestor runs or not. The journal that comes last shows
    that the directory was looked at again."""

    def write_and_wait(slot, clicks):
        bench.write("clicks 50 3", slot=slot)
        bench.wait_for_counts(clicks)
        finished = "SELECT count(*) FROM events.journals WHERE slot = %s AND finished_at IS NOT NULL"
        wait_until(lambda: bench.database.value(finished, slot) == 1, "the journal to be finished")

    bench.write(slot=9)
    bench.ingestor.start()
    write_and_wait(0, 50)
    remove_journals(bench)
    write_and_wait(1, 100)
    bench.ingestor.stop()
    remove_journals(bench)
    bench.ingestor.start()
    write_and_wait(2, 150)
    assert bench.database.rows(GAPS) == []


def test_a_journal_of_another_directory_is_not_missed(bench):
    bench.write("clicks 1000 3")
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    bench.ingestor.stop()
    to_an_earlier_backup(bench)
    bench.database.execute("UPDATE events.journals SET directory = gen_random_uuid()")
    remove_journals(bench)
    bench.ingestor.start()
    bench.write("clicks 50 3", slot=1)
    bench.wait_for_counts(1050)
    assert bench.database.rows(GAPS) == []


def test_a_backend_that_stands_still_does_not_keep_its_journal(bench):
    """A client stopped inside a transaction holds the progress row: the next owner terminates its backend."""
    bench.write("clicks 100 3")
    bench.ingestor.start()
    bench.wait_for_counts(100)
    bench.ingestor.stop()
    with psycopg.connect(bench.database.url("tributary_ingestor")) as stale:
        stale.execute(
            "UPDATE events.journals SET owner_pid = pg_backend_pid(), owner_started ="
            " (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())"
        )
        stale.commit()
        stale.execute("UPDATE events.journals SET updated_at = now()")  # and now it stands still
        bench.ingestor.start()
        bench.write("clicks 50 3", slot=1)
        bench.wait_for_counts(150)
        with pytest.raises(psycopg.OperationalError):
            stale.execute("SELECT 1")


EVERY_MEASURE = """
SELECT column_name FROM information_schema.columns WHERE (table_schema, table_name) = ('events', 'rollup_campaign')
AND column_name NOT IN ('bucket', 'campaign', 'team', 'currency')
"""
COUNTED = """
SELECT DISTINCT name
FROM events.recounted_facts(now() - interval '2 days', now() + interval '1 day') AS f, events.measures_of(f)
"""


@pytest.mark.proves("F40")
def test_a_recount_follows_the_rules_of_the_rollup(bench):
    """Two programs state them: rollup.cpp adds up, events.recounted_facts() counts. No measure is left untried."""
    bench.database.execute("UPDATE events.known_campaigns SET bucket_minutes = 15 * campaign WHERE campaign IN (1, 2)")
    bench.write("mixed 600")
    bench.ingestor.start()
    bench.wait_for_counts(600, 600, 456)  # 200 pairs of postbacks; the rebills of 56 have keys of their own
    bench.assert_rollup_is_raw()
    assert set(bench.database.rows(EVERY_MEASURE)) - set(bench.database.rows(COUNTED)) == set()


@pytest.mark.proves("F40")
def test_recount_reports_a_row_deleted_by_hand(bench):
    bench.write("clicks 100 1")
    bench.ingestor.start()
    bench.wait_for_counts(100)
    bench.database.execute("DELETE FROM events.clicks WHERE ctid IN (SELECT ctid FROM events.clicks LIMIT 1)")
    done = bench.command("recount")
    assert done.returncode == 1
    assert "campaign 1 USD: clicks 1 cost 0.01 unique_campaign 1\n" in done.stdout
    assert "1 differences, rollup minus raw" in done.stdout


SPOIL = (
    "DELETE FROM events.clicks WHERE ctid IN (SELECT ctid FROM events.clicks LIMIT 3)",
    "UPDATE events.rollup_campaign SET sales = sales - 2, leads = leads + 2, payout = payout + 0.5 WHERE sales > 2",
    "DELETE FROM events.rollup_campaign WHERE trafficbacks = 0 AND campaign = 2",
)


@pytest.mark.proves("F40")
@pytest.mark.parametrize("damage", SPOIL)
def test_recount_repair_mends_the_rollup_while_batches_commit(bench, damage):
    bench.write("clicks 500 2", *[sale(n, f"t{n}") for n in range(40)])
    bench.ingestor.start()
    bench.wait_for_counts(500, 40, 40)
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.rollup_delta") == 0, "the fold")
    bench.database.execute(damage)
    clicks = bench.counts()[0]
    writing = threading.Thread(target=write_journals, args=(bench, range(1, 13)))
    writing.start()
    assert bench.command("recount").returncode == 1
    done = bench.command("recount", "--repair")
    assert done.returncode == 0, done.stderr
    assert " 0 corrections" not in done.stdout
    assert bench.command("recount", "--repair").stdout.endswith(" 0 corrections, added to the rollup\n")
    writing.join()
    bench.wait_for_counts(clicks + 12 * 300, 100, 100)
    bench.assert_rollup_is_raw()
    assert bench.database.value("SELECT count(*) FROM events.batches WHERE ingestor = 'recount --repair'") == 1


def write_journals(bench, slots):
    for slot in slots:
        bench.write("clicks 300 2", *[sale(n, f"t{slot}.{n}") for n in range(5)], slot=slot)


@pytest.mark.proves("F40")
def test_two_repairs_at_once_mend_once(bench):
    bench.write("clicks 100 1")
    bench.ingestor.start()
    bench.wait_for_counts(100)
    bench.ingestor.stop()
    bench.database.execute("UPDATE events.rollup_delta SET clicks = clicks + 7")
    bench.database.execute("UPDATE events.rollup_campaign SET clicks = clicks + 7")
    with psycopg.connect(bench.database.url()) as folder:
        folder.execute("SELECT pg_advisory_xact_lock(hashtext('events.fold_rollups'))")
        repairs = [bench.begin_command("recount", "--repair") for _ in range(2)]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: bench.database.value(waiting) == 2, "both to wait for the folder")
    said = sorted(repair.communicate(timeout=30)[0] for repair in repairs)
    assert sum(" 0 corrections" in text for text in said) == 1, said
    bench.assert_rollup_is_raw()


@pytest.mark.proves("F40")
def test_recount_refuses_days_whose_raw_rows_are_gone(bench):
    """Else a repair would take the rollups of old days for wrong and empty them."""
    bench.database.execute("INSERT INTO events.retention (dropped_before) VALUES ('2026-01-06')")
    done = bench.command("recount", "--from", "2026-01-05", "--to", "2026-01-07", "--repair")
    assert done.returncode == 1
    assert "begin with --from 2026-01-06" in done.stderr


@pytest.mark.proves("F40")
def test_a_repair_writes_nothing_when_raw_rows_go_while_it_waits(bench):
    bench.write("clicks 100 1")
    bench.ingestor.start()
    bench.wait_for_counts(100)
    bench.ingestor.stop()
    with psycopg.connect(bench.database.url()) as folder:
        folder.execute("SELECT pg_advisory_xact_lock(hashtext('events.fold_rollups'))")
        repair = bench.begin_command("recount", "--repair")
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: bench.database.value(waiting) == 1, "the repair to wait for the folder")
        bench.database.execute("DELETE FROM events.clicks")
        bench.database.execute("INSERT INTO events.retention (dropped_before) VALUES (current_date + 2)")
    assert "were dropped by the retention" in repair.communicate(timeout=30)[1]
    assert repair.returncode == 1
    assert bench.database.value("SELECT sum(clicks) FROM events.campaign_facts") == 100


def test_a_report_that_reads_old_clicks_holds_up_neither_batches_nor_the_end_of_their_retention(bench):
    bench.database.execute("SELECT events.ensure_partition('2026-01-05')")
    old = "SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_20260105'"
    with psycopg.connect(bench.database.url()) as report:
        report.execute("SELECT count(*) FROM events.clicks")  # and its transaction stays open
        bench.ingestor.start()
        wait_until(lambda: "is in use, dropping it later" in bench.ingestor.program.tail(), "the drop to give up")
        bench.write("clicks 1000 3")
        bench.wait_for_counts(1000, seconds=5)
        assert bench.database.value(old) > 0
    wait_until(lambda: bench.database.value(old) == 0, "the old day to be dropped")


def test_two_ingestors_share_journals_without_storing_anything_twice(bench):
    """Whoever holds the lock of a journal reads it; the other waits and takes over when its owner is gone."""
    second = Ingestor(bench.workspace, bench.database, bench.directories, name="second")
    try:
        bench.ingestor.start()
        second.start()
        for slot in range(4):
            bench.write("clicks 1000 3", *[sale(n, f"t{slot}.{n}") for n in range(5)], slot=slot)
        bench.wait_for_counts(4000, 20, 20)
        bench.ingestor.kill()
        bench.write("clicks 500 3", slot=5)
        bench.wait_for_counts(4500, 20, 20)
        assert second.program.running
        bench.assert_rollup_is_raw()
    finally:
        second.kill()


def test_stored_segments_are_released_while_others_are_still_filled(bench):
    bench.ingestor = Ingestor(bench.workspace, bench.database, bench.directories, keep_hours=0)
    bench.ingestor.start()
    for slot in range(3):
        bench.write("clicks 20000 2", slot=slot, segment=1 << 20)
    bench.wait_for_counts(60000)
    wait_until(lambda: not list(bench.directories.journal_path.glob("*.segment")), "the segments to be released")
    finished = "SELECT count(*) FROM events.journals WHERE finished_at IS NOT NULL"
    wait_until(lambda: bench.database.value(finished) == 3, "the journals to be finished")
    assert bench.database.value("SELECT count(*) FROM events.incidents") == 0


def test_a_read_only_database_pauses_and_goes_on_by_itself(bench, postgres):
    def set_read_only(clause):
        with postgres.connect("postgres") as session:
            session.execute(f"ALTER DATABASE {bench.database.name} {clause}")
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name LIKE 'tributary-ingestor%'"
            )

    bench.write("clicks 1000 3", slot=1)
    bench.ingestor.start()
    bench.wait_for_counts(1000)
    set_read_only("SET default_transaction_read_only = on")
    bench.write("clicks 500 3", slot=2)
    wait_until(lambda: "read-only" in bench.ingestor.program.tail(), "the cause in the log")
    assert bench.ingestor.program.running
    assert bench.counts()[0] == 1000
    with postgres.connect("postgres") as session:  # and nobody cuts the sessions this time
        session.execute(f"ALTER DATABASE {bench.database.name} RESET default_transaction_read_only")
    bench.wait_for_counts(1500)


def test_a_conversion_whose_click_never_came_is_unattributed_after_a_day(bench):
    bench.write("clicks 5 1", sale(1, "lost"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 1)
    attribution = "SELECT attribution FROM events.conversions"
    wait_until(lambda: bench.database.value(attribution) == "attributed", "the sweeper")
    bench.database.execute("DELETE FROM events.clicks")
    waiting = "UPDATE events.conversions SET attribution = 'awaiting_click', next_attempt_at = now()"
    bench.database.execute(f"{waiting}, first_received_at = now() - interval '23 hours'")
    wait_until(lambda: bench.database.value("SELECT attempts FROM events.conversions") == 2, "another attempt")
    assert bench.database.value(attribution) == "awaiting_click"
    bench.database.execute(f"{waiting}, first_received_at = now() - interval '24 hours 1 minute'")
    wait_until(lambda: bench.database.value(attribution) == "unattributed", "the end of waiting")


def test_the_index_of_visits_is_kept_up_to_date(bench):
    store_clicks(bench.database, "11111111-1111-1111-1111-111111111111")
    size = "SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'events.clicks_visits'::regclass"
    empty = bench.database.value(size)
    bench.ingestor.start()
    wait_until(lambda: bench.database.value(size) > empty, "ranges of pages to be summarized")


def test_touches_that_no_window_reaches_are_forgotten(bench):
    insert = (
        "INSERT INTO events.customer_touches (advertiser, customer_key, time, click, campaign, team)"
        " SELECT 1, 'c-1', now() - make_interval(days => age), gen_random_uuid(), age, gen_random_uuid()"
        " FROM unnest(ARRAY[1, 365, 367, 400]) AS t (age)"
    )
    bench.database.execute(insert)
    bench.ingestor.start()
    left = "SELECT campaign FROM events.customer_touches ORDER BY 1"
    wait_until(lambda: bench.database.rows(left) == [(1,), (365,)], "the old ones to be forgotten")


def test_stops_although_a_maintenance_statement_hangs(bench):
    bench.write("clicks 100 3")
    with psycopg.connect(bench.database.url()) as holder:
        holder.execute("LOCK TABLE events.rollup_campaign IN ACCESS EXCLUSIVE MODE")
        bench.ingestor.start()
        bench.wait_for_counts(100)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tributary-ingestor maintenance'"
        wait_until(lambda: bench.database.value(f"{waiting} AND wait_event_type = 'Lock'") == 1, "the fold to hang")
        bench.ingestor.stop()


def test_a_number_that_an_edge_gave_twice_is_an_incident(bench):
    bench.write("clicks 5 1", sale(1, "first"))
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 1)
    bench.ingestor.stop()
    copies = "SELECT key_owner, key_kind, key_event, 'other', id, first_received_at, last_received_at, 0, team"
    bench.database.execute(
        "INSERT INTO events.conversions (key_owner, key_kind, key_event, key_subject, id, first_received_at,"
        f" last_received_at, batch, team) {copies} FROM events.conversions"
    )
    bench.database.execute("DELETE FROM events.conversions WHERE key_subject = 'first'")
    bench.database.execute("TRUNCATE events.clicks, events.postbacks")
    bench.database.execute("UPDATE events.journals SET next_position = 0")
    bench.ingestor.start()
    bench.wait_for_counts(5, 1, 2)
    assert "belongs to 2 conversions" in bench.database.value("SELECT detail FROM events.incidents")


@pytest.mark.proves("C101")
def test_a_wrong_settings_file_is_refused_with_its_place(bench):
    bench.ingestor.settings.write_text("batch:\n  row: 7\n")
    done = bench.command("run")
    assert done.returncode == 2
    assert f"{bench.ingestor.settings}:2:3: batch.row: unknown key" in done.stderr
