"""Random kill -9 of workers, the ingestor and the nginx master under load: conservation holds.

Nothing may fail but requests that were in flight on a killed process.
"""

import random
import time

import pytest

from lib.chaos import Chaos, kill_ingestor, kill_master, kill_worker
from lib.tools import Load
from lib.wait import wait_until

CONNECTIONS = 32
RATE = 500
SECONDS_PER_KILL = 1.5
POSTGRES_DOWN_S = 30


VICTIMS = (kill_worker, kill_worker, kill_ingestor, kill_ingestor, kill_master)


def chaos(stack, kills, seed):
    """Kill at random moments until `kills` are done."""
    killer = Chaos(stack, VICTIMS, seed, SECONDS_PER_KILL)
    for _ in range(kills):
        killer.kill()


def run(stack, kills, seed, meanwhile=None):
    seconds = 5 + kills * SECONDS_PER_KILL * 2 + (POSTGRES_DOWN_S if meanwhile else 0)
    options = stack.load_options(rate=RATE, connections=CONNECTIONS, close=True, timeout=20)
    load = Load(stack.nginx.port, duration=seconds, drain=60, **options)
    try:
        wait_until(lambda: stack.database.value("SELECT count(*) FROM events.clicks") > 200, "the load to flow")
        if meanwhile:
            meanwhile(lambda: chaos(stack, kills, seed))
        else:
            chaos(stack, kills, seed)
        assert load.running(), "the load ended before the last kill"
        result = load.finish(seconds + 120)
    finally:
        load.abandon()
    print(f"seed {seed}, {kills} kills: {result.summary}")
    assert result.unsent == 0
    assert result.answered + result.failed == result.scheduled
    # Only a killed worker or master cuts requests; each had at most every connection under way.
    assert result.failed <= kills * CONNECTIONS
    assert set(result.by_status) <= {"200", "302", "503"}
    stack.assert_conserved(result.answers, seconds=120)
    return result


@pytest.mark.slow
@pytest.mark.proves("A103", "C29", "C130")
def test_random_kills_under_load_lose_and_repeat_nothing(stack, request):
    run(stack, request.config.getoption("--kills"), seed=random.randrange(2**32))


@pytest.mark.slow
@pytest.mark.proves("A103", "C29", "C80", "C165")
def test_random_kills_while_postgresql_is_down_lose_and_repeat_nothing(stack, postgres, request):
    def without_postgres(kill):
        postgres.kill()
        back = time.monotonic() + POSTGRES_DOWN_S
        try:
            kill()
            time.sleep(max(0.0, back - time.monotonic()))  # the outage has to last its half minute
        finally:
            postgres.ensure_running()

    run(stack, request.config.getoption("--kills"), seed=random.randrange(2**32), meanwhile=without_postgres)


@pytest.mark.soak
def test_soak(make_stack, request):
    """Rounds of 20 kills on one instance until --kills are done."""
    stack = make_stack().start()
    kills = request.config.getoption("--kills")
    for number in range((kills + 19) // 20):
        run_round(stack, min(20, kills - 20 * number), number)


def run_round(stack, kills, number):
    if not stack.ingestor.program.running:
        stack.ingestor.start()
    run(stack, kills, seed=number)
    stack.database.execute("TRUNCATE events.clicks, events.trafficbacks, events.postbacks, events.conversions CASCADE")
    stack.database.execute("TRUNCATE events.rollup_delta, events.rollup_campaign")
