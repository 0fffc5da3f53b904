"""Which second call is a conversion of its own, and every order of the same calls: the ingestor on real journals."""

import itertools
import random
from collections import defaultdict

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


UNMAPPED, LEAD, SALE, REJECTED, TRASH, REBILL, CUSTOM = range(7)
BY_HAND, BY_RULE = "by hand", "by rule"
# What happens to one transaction, the latest first: (status, payout, revenue) of a call, or (who, status).
CHANGES = [
    [(SALE, 7, 9), (REJECTED, 5, 5), (SALE, 7, 4), (LEAD, 2, 3)],
    [(REBILL, 3, 6), (SALE, 8, 8), (CUSTOM, 1, 2), (LEAD, 2, 2)],
    [(BY_HAND, SALE), (REJECTED, 4, 4), (BY_RULE, SALE), (LEAD, 6, 7)],
    [(TRASH, 1, 1), (BY_HAND, SALE), (BY_HAND, REJECTED), (SALE, 5, 3)],
    [(SALE, 4, 1), (BY_RULE, REJECTED), (CUSTOM, 2, 5), (UNMAPPED, 9, 9)],
    [(REBILL, 2, 2), (REBILL, 3, 1), (TRASH, 6, 6), (REBILL, 5, 8)],
]
RULES = {
    "update": {},
    "back to sale": {"back_to_sale": True},
    "add amounts": {"duplicates": "add_amounts"},
    "ignore": {"duplicates": "ignore_same_transaction"},
}
STORED = "SELECT count(*) FROM events.postbacks"
ENDS = """
    SELECT transaction, array_agg(ROW(key_event, status, payout, revenue, currency, postbacks)::text ORDER BY key_event)
    FROM events.conversions GROUP BY 1
"""
SUMS = """
    SELECT campaign, sum(unmapped), sum(leads), sum(sales), sum(rejected), sum(trash), sum(rebills), sum(customs),
      sum(payout), sum(revenue), sum(received_unmapped), sum(received_leads), sum(received_sales),
      sum(received_rejected), sum(received_trash), sum(received_rebills), sum(received_customs),
      sum(received_payout), sum(received_revenue), sum(postbacks)
    FROM events.campaign_facts GROUP BY 1
"""
# None of a conversion that is not there yet.
DECIDE = """
    INSERT INTO events.conversion_decisions
      (team, key_owner, key_kind, key_event, key_subject, status, by_rule, requested_at)
    SELECT team, key_owner, key_kind, key_event, key_subject, %s, %s, now() - %s * interval '1 minute'
    FROM events.conversions WHERE key_event = %s AND key_subject = %s
    RETURNING true
"""
UNDECIDED = "SELECT count(*) FROM events.conversion_decisions WHERE state <> 'done'"


def random_changes(dice):
    def change():
        if dice.random() < 0.25:
            return BY_HAND, dice.choice((SALE, REJECTED))
        return dice.randrange(7), dice.randrange(1, 9), dice.randrange(1, 9)

    return [(SALE, dice.randrange(1, 9), 1), *(change() for _ in range(3))]


@pytest.mark.proves("F39", "A64")
@pytest.mark.parametrize("rules", RULES)
def test_every_order_of_the_same_changes_ends_in_the_same_conversions_and_rollups(bench, rules):
    """Each set of four changes in all its orders, a step at a time; each order has a campaign of its own."""
    for column, value in RULES[rules].items():
        bench.database.execute(f"UPDATE events.known_networks SET {column} = %s", value)
    key_event = "|USD" if rules == "add amounts" else ""
    dice = random.Random(20261121)
    sets = [*CHANGES, *(random_changes(dice) for _ in range(4))]
    orders = list(itertools.permutations(range(4)))
    bench.ingestor.start()
    calls, decisions = 0, []
    for step in range(4):
        lines = [f"clicks {len(orders)} {len(orders)}"]
        for (s, changes), (o, order) in itertools.product(enumerate(sets), enumerate(orders)):
            what, *amounts = changes[order[step]]
            name, age = f"s{s}.{o:02}", order[step] + 1
            if what in (BY_HAND, BY_RULE):
                decisions.append((amounts[0], what == BY_RULE, age, key_event, name))
            else:
                lines += [f"late {-60_000 * age}", f"postback {o} {name} {what} {amounts[0]}000000 {amounts[1]}000000"]
                calls += 1
        bench.write(*lines, slot=step)
        wait_until(lambda n=calls: bench.database.value(STORED) == n, f"the calls of step {step}", 30)
        decisions = [decision for decision in decisions if not bench.database.rows(DECIDE, *decision)]
        wait_until(lambda: bench.database.value(UNDECIDED) == 0, f"the decisions of step {step}", 30)
    assert decisions == []
    ends = defaultdict(set)
    for name, end in bench.database.rows(ENDS):
        ends[name.split(".")[0]].add(tuple(end))
    assert [len(ends[f"s{s}"]) for s in range(len(sets))] == [1] * len(sets), ends
    assert len({end for found in ends.values() for end in found}) == len(sets)
    sums = {campaign: tuple(row) for campaign, *row in bench.database.rows(SUMS)}
    assert len(sums) == len(orders)
    assert len(set(sums.values())) == 1
    bench.assert_rollup_is_raw()
