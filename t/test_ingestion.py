"""From the journal into PostgreSQL exactly once, whatever happens to the ingestor or the database."""

import pytest

from lib.conservation import check, rollup_differs, wait_drained
from lib.tools import Load, click_id, click_identity, run_load
from lib.wait import wait_until

RATE = {"rate": 500, "connections": 16}


def load(stack, seconds, run="run", **options):
    return Load(stack.nginx.port, duration=seconds, **stack.load_options(run=run, **RATE, **options))


@pytest.mark.proves("A16", "A33", "A35", "A56", "A74", "C27")
def test_a_click_becomes_a_row_with_everything_it_said(stack):
    answer = stack.nginx.client.get(
        "/c/c1?sub1=blue&sub3=x&utm_source=fb&utm_campaign=spring&keyword=shoes&cost=0.125&external_id=e-1",
        headers={"User-Agent": "Test/1.0", "Referer": "https://from.example/page"},
    )
    row = wait_until(
        lambda: stack.database.rows(
            "SELECT id, campaign, stream, destination, sub_ids, utm_source, utm_campaign, keyword, cost::text,"
            " external_id, user_agent, referrer, host(address), status FROM events.clicks"
        ),
        "the row of the click",
    )[0]
    assert row == (
        click_identity(click_id(answer)), 1, 1, 1, ["blue", None, "x"], "fb", "spring", "shoes", "0.125000",
        "e-1", "Test/1.0", "https://from.example/page", "127.0.0.1", 302,
    )  # fmt: skip


@pytest.mark.proves("A61", "A64", "A65", "A71", "A72")
def test_a_conversion_is_counted_once_and_every_call_is_logged(stack):
    click = click_id(stack.nginx.client.get("/c/c1"))
    for _ in range(3):
        stack.nginx.client.get(f"/postback/demo/secret?cid={click}&txid=t-1&payout=2.50&status=approved")
    database = stack.database
    wait_until(lambda: database.value("SELECT count(*) FROM events.postbacks") == 3, "three calls in the log")
    rows = database.rows("SELECT status, payout::text, postbacks, click FROM events.conversions")
    assert rows == [(2, "2.500000", 3, click_identity(click))]
    facts = database.rows("SELECT sum(sales), sum(received_sales), sum(payout)::text FROM events.campaign_facts")
    assert facts == [(1, 1, "2.500000")]


def test_a_forged_click_is_logged_and_not_counted(stack):
    stack.nginx.client.get("/postback/demo/secret?cid=00000000000000000000000000000000&txid=t-1")
    wait_until(lambda: stack.database.value("SELECT count(*) FROM events.postbacks") == 1, "the call in the log")
    assert stack.database.value("SELECT count(*) FROM events.conversions") == 0


@pytest.mark.proves("F39")
@pytest.mark.parametrize("order", [("lead", "approved", "rejected"), ("rejected", "approved", "lead")])
def test_any_order_of_statuses_ends_in_the_same_state(stack, order):
    click = click_id(stack.nginx.client.get("/c/c1"))
    for status in order:
        stack.nginx.client.get(f"/postback/demo/secret?cid={click}&txid=t-1&payout=1&status={status}")
    wait_until(lambda: stack.database.value("SELECT count(*) FROM events.postbacks") == 3, "three calls in the log")
    assert stack.database.rows("SELECT status FROM events.conversions") == [(3,)]
    assert rollup_differs(stack.database) == []


@pytest.mark.proves("A103", "C73", "C74")
def test_mixed_load_is_conserved_and_the_rollup_agrees(stack):
    result = load(stack, 4).finish()
    assert result.answered == result.scheduled
    stack.assert_conserved(result.answers)


@pytest.mark.proves("C29", "C68", "F32")
def test_a_killed_ingestor_loses_and_repeats_nothing(stack):
    running = load(stack, 8)
    try:
        for _ in range(5):
            before = stack.database.value("SELECT count(*) FROM events.clicks")
            wait_until(lambda b=before: stack.database.value("SELECT count(*) FROM events.clicks") > b, "progress")
            stack.ingestor.kill()
            stack.ingestor.start()
        result = running.finish()
    finally:
        running.abandon()
    assert result.answered == result.scheduled
    stack.assert_conserved(result.answers)


@pytest.mark.proves("C29", "C80", "C165", "F33")
def test_postgresql_goes_away_and_comes_back(stack, postgres):
    running = load(stack, 8)
    try:
        wait_until(lambda: stack.database.value("SELECT count(*) FROM events.clicks") > 100, "progress")
        postgres.kill()
        postgres.start()
        result = running.finish()
    finally:
        running.abandon()
        postgres.ensure_running()
    assert result.answered == result.scheduled
    assert stack.ingestor.program.running
    stack.assert_conserved(result.answers)


def test_what_is_not_drained_yet_is_in_the_journal(make_stack):
    stack = make_stack()
    stack.nginx.start()
    stack.nginx.push()
    result = run_load(stack.nginx.port, duration=1, **stack.load_options(**RATE))
    recorded = check(result.answers, stack.database, stack.nginx)
    assert recorded.undrained == result.answered
    stack.ingestor.start()
    wait_drained(stack.database, stack.nginx, result.answers)
    stack.ingestor.stop()
    assert check(result.answers, stack.database, stack.nginx).undrained == 0


def test_the_check_notices_a_lost_a_repeated_and_an_invented_row(stack):
    """The oracle itself can fail."""
    result = run_load(stack.nginx.port, duration=1, **stack.load_options(**RATE))
    stack.assert_conserved(result.answers)
    database = stack.database
    database.execute("CREATE TABLE kept AS SELECT * FROM events.clicks")
    for damage in (
        "DELETE FROM events.clicks WHERE id = (SELECT min(id::text)::uuid FROM events.clicks)",
        "INSERT INTO events.clicks SELECT * FROM events.clicks LIMIT 1",
        "UPDATE events.clicks SET sub_ids[1] = 'run-999999999'",
        # Either table may be empty: the fold moves the sums from one to the other.
        "WITH folded AS (UPDATE events.rollup_campaign SET clicks = clicks + 1)"
        " UPDATE events.rollup_delta SET clicks = clicks + 1",
    ):
        database.execute(damage)
        with pytest.raises(AssertionError, match="contradictions"):
            check(result.answers, database)
        database.execute("DELETE FROM events.clicks")
        database.execute("INSERT INTO events.clicks SELECT * FROM kept")
