"""Which second call is a conversion of its own, and every order of the same calls: the ingestor on real journals."""

import itertools
import random

import pytest

from lib.ingestor_bench import Bench, sale
from lib.wait import wait_until

FOUND = "SELECT transaction, status, payout, postbacks FROM events.conversions ORDER BY 1, 3"


@pytest.fixture
def bench(workspace, database):
    made = Bench(workspace, database)
    yield made
    made.ingestor.kill()


POLICIES = {
    # t1 twice with 5 and 7, then t2 with 9, all of one click
    "update": [("t1", 2, 7, 2), ("t2", 2, 9, 1)],
    "ignore": [("t1", 2, 5, 3)],
    "ignore_same_transaction": [("t1", 2, 5, 2), ("t2", 2, 9, 1)],
    "count": [("t1", 2, 5, 1), ("t1", 2, 7, 1), ("t2", 2, 9, 1)],
    "count_labelled": [("t1", 2, 5, 1), ("t1", 2, 7, 1), ("t2", 2, 9, 1)],
    "add_amounts": [("t1", 2, 12, 2), ("t2", 2, 9, 1)],
}


@pytest.mark.proves("A64", "A72")
@pytest.mark.parametrize("policy", POLICIES)
def test_what_a_second_call_does_is_the_networks_choice(bench, policy):
    bench.database.execute("UPDATE events.known_networks SET duplicates = %s", policy)
    bench.ingestor.start()
    calls = [(-3000, "t1", 5), (-2000, "t1", 7), (-1000, "t2", 9)]
    bench.write("clicks 1 1", *[line for late, t, m in calls for line in (f"late {late}", sale(0, t, m * 1_000_000))])
    bench.wait_for_counts(1, 3, len(POLICIES[policy]))
    assert bench.database.rows(FOUND) == POLICIES[policy]
    bench.assert_rollup_is_raw()


@pytest.mark.proves("A64")
@pytest.mark.parametrize("policy", POLICIES)
def test_rebills_are_never_duplicates(bench, policy):
    bench.database.execute("UPDATE events.known_networks SET duplicates = %s", policy)
    bench.ingestor.start()
    rebills = [f"postback 0 r{n} 5 1000000" for n in range(3)]
    bench.write("clicks 1 1", sale(0, "r0"), *rebills, *rebills)
    bench.wait_for_counts(1, 7, 4)
    assert bench.database.value("SELECT sum(rebills) FROM events.campaign_facts") == 3
    bench.assert_rollup_is_raw()


@pytest.mark.proves("F39")
@pytest.mark.parametrize("back_to_sale", [False, True])
def test_every_order_of_the_same_status_changes_ends_in_the_same_conversion(bench, back_to_sale):
    """Each set of four calls, in all its orders, each order with a transaction of its own and a batch per step."""
    dice = random.Random(20261121)
    bench.database.execute("UPDATE events.known_networks SET back_to_sale = %s", back_to_sale)
    bench.ingestor.start()
    bench.write("clicks 1 1", slot=50)
    sets = [[(dice.choice((1, 2, 3, 4)), dice.randrange(1, 9), 60 * (n + 1)) for n in range(4)] for _ in range(6)]
    for step in range(4):
        lines = []
        for s, calls in enumerate(sets):
            for o, order in enumerate(itertools.permutations(calls)):
                status, payout, age_s = order[step]
                lines += [f"late {-1000 * age_s}", f"postback 9 s{s}.{o:02} {status} {payout}000000"]
        bench.write(*lines, slot=step)
        stored = (step + 1) * 6 * 24
        wait_until(lambda n=stored: bench.database.value("SELECT count(*) FROM events.postbacks") == n, f"step {step}")
    ends = bench.database.rows(
        "SELECT split_part(transaction, '.', 1), count(*), count(DISTINCT (status, payout, revenue, postbacks))"
        " FROM events.conversions GROUP BY 1 ORDER BY 1"
    )
    assert ends == [(f"s{n}", 24, 1) for n in range(6)]
    assert bench.database.value("SELECT count(DISTINCT status) FROM events.conversions") > 1
    bench.assert_rollup_is_raw()
