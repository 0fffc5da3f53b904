"""What conversions cost by the model of their campaign: in rollups, reversed with the status, equal to a recount."""

import itertools
import random

import pytest

from lib.admin_client import make_campaign, problem
from lib.ingestor_bench import Bench
from lib.wait import wait_until

# What clicks cost is 0.01 USD each.
COSTS = """
SELECT f.campaign, f.currency, (sum(f.cost) - CASE f.currency WHEN 'USD' THEN 0.01 * count_of.clicks ELSE 0 END)::text
FROM events.campaign_facts AS f
JOIN (SELECT campaign, count(*) AS clicks FROM events.clicks GROUP BY 1) AS count_of USING (campaign)
GROUP BY f.campaign, f.currency, count_of.clicks
HAVING sum(f.cost) <> CASE f.currency WHEN 'USD' THEN 0.01 * count_of.clicks ELSE 0 END
ORDER BY 1, 2
"""
MODELS = {1: ("cpa", "2.5", "USD"), 2: ("cps", "3", "EUR"), 3: ("revshare", "12.5", "USD"), 4: ("auto", "0", "USD")}


class Spender(Bench):
    """An ingestor, and campaigns of a team whose conversions cost."""

    def __init__(self, workspace, database, buyer):
        super().__init__(workspace, database)
        self.campaigns = [
            make_campaign(buyer, f"c{number}", cost_model=model, cost=cost, currency=currency)
            for number, (model, cost, currency) in MODELS.items()
        ]
        assert [campaign["id"] for campaign in self.campaigns] == list(MODELS)
        database.execute("UPDATE events.known_networks SET team = %s", self.campaigns[0]["team_id"])

    def wait_postbacks(self, count):
        wait_until(lambda: self.database.value("SELECT count(*) FROM events.postbacks") == count, f"{count} postbacks")

    def costs(self):
        self.assert_rollup_is_raw()
        return self.database.rows(COSTS)


@pytest.fixture
def spender(workspace, database, buyer):
    made = Spender(workspace, database, buyer)
    yield made
    made.ingestor.kill()


@pytest.mark.proves("A3")
def test_conversions_cost_by_the_model_of_their_campaign(spender, buyer):
    spender.ingestor.start()
    statuses = enumerate((1, 2, 5, 3, 6))  # lead, sale, rebill, rejected, custom
    calls = [f"postback {n} c{n}.{s} {status} 10000000" for s, status in statuses for n in range(4)]
    spender.write("clicks 4 4", *calls)
    spender.wait_postbacks(20)
    # Three at 2.50, two sales at 3, an eighth of 40; nobody told a cost to the fourth.
    assert spender.costs() == [(1, "USD", "7.500000"), (2, "EUR", "6.000000"), (3, "USD", "5.000000")]
    ids = dict(spender.database.rows("SELECT campaign, replace(id::text, '-', '') FROM events.clicks"))
    known = [f"known {ids[n]}" for n in MODELS]
    spender.write(*known, *[f"postback {n} c{n}.1 4 10000000" for n in range(4)], slot=1)  # the sale is trash
    spender.wait_postbacks(24)
    assert spender.costs() == [(1, "USD", "5.000000"), (2, "EUR", "3.000000"), (3, "USD", "3.750000")]
    # What the call tells comes before the model; another price counts for clicks from now on only.
    for campaign in spender.campaigns:
        change = {"cost": "50", "currency": "GBP"}
        buyer.patch(f"/api/v1/campaigns/{campaign['id']}", json=change, headers={"If-Match": "*"})
    told = [f"postback {n} c{n}.2 5 10000000" for n in range(4)]
    spender.write(
        *known, "cost 1000001", *told, "cost 0", *[f"postback {n} new{n} 2 1000000" for n in range(4)], slot=2
    )
    spender.wait_postbacks(32)
    assert spender.costs() == [
        (1, "USD", "8.500001"),
        (2, "EUR", "3.000000"),
        (2, "USD", "1.000001"),
        (3, "USD", "3.625001"),
        (4, "USD", "1.000001"),
    ]


@pytest.mark.proves("F39")
def test_every_order_of_the_same_calls_ends_with_the_same_costs(spender):
    dice = random.Random(20261123)
    spender.ingestor.start()
    spender.write("clicks 4 4", slot=50)
    query = "SELECT campaign, replace(id::text, '-', '') FROM events.clicks"
    ids = wait_until(lambda: dict(spender.database.rows(query)), "the clicks")
    sets = {
        n: [(dice.choice((1, 1, 2, 2, 2, 6, 3)), dice.randrange(1, 9), dice.choice((0, 0, 7)), age) for age in range(4)]
        for n in range(12)
    }
    for step in range(4):
        lines = [f"known {ids[n]}" for n in MODELS]
        for n, calls in sets.items():
            for o, order in enumerate(itertools.permutations(calls)):
                status, payout, cost, age = order[step]
                lines += [f"late {-60_000 * (age + 1)}", f"cost {cost}000000"]
                lines += [f"postback {n % 4} s{n}.{o:02} {status} {payout}000000"]
        spender.write(*lines, slot=step)
        spender.wait_postbacks((step + 1) * 12 * 24)
    ends = spender.database.rows(
        "SELECT split_part(transaction, '.', 1), count(*),"
        " count(DISTINCT (status, coalesce(charge, 0), charge_currency))"
        " FROM events.conversions GROUP BY 1"
    )
    assert sorted(ends) == sorted((f"s{n}", 24, 1) for n in sets)
    assert spender.database.value("SELECT count(DISTINCT charge) FROM events.conversions") > 2
    spender.assert_rollup_is_raw()


@pytest.mark.proves("A3")
def test_a_whole_that_is_told_stands_for_conversions_too_and_can_be_taken_back(spender, buyer):
    spender.ingestor.start()
    spender.write("clicks 4 4", *[f"postback {n} t{n} 2 10000000" for n in range(4)])
    spender.wait_postbacks(4)
    before = spender.costs()
    day = "SELECT (time AT TIME ZONE 'UTC')::date::text FROM events.clicks LIMIT 1"
    period = {"start_date": spender.database.value(day), "end_date": spender.database.value(day)}
    path = "/api/v1/campaigns/1/update_costs"

    def whole(**fields):
        answer = buyer.post(path, json={**period, **fields})
        assert answer.status_code == 200, answer.text
        spender.assert_rollup_is_raw()
        return spender.database.rows(
            "SELECT currency, sum(cost)::text FROM events.campaign_facts WHERE campaign = 1 AND currency <> ''"
            " GROUP BY 1 HAVING sum(cost) <> 0 ORDER BY 1"
        )

    assert whole(cost="9", currency="EUR") == [("EUR", "9.000000")]
    assert whole(cost="8") == [("USD", "8.000000")]
    one = {"cost": "1", "filters": {"sub_id_1": "a"}}
    assert problem(buyer.post(path, json={**period, **one}), 409)["code"] == "told_otherwise"
    assert problem(buyer.post(path, json={**period, **one, "cost": None}), 422)["errors"][0]["field"] == "filters"
    assert whole(cost=None) == [("USD", "2.510000")]
    assert spender.costs() == before
    # The click is one of the value a: what it cost is 1 now, and its conversion 2.50.
    assert whole(**one) == [("USD", "3.500000")]
    other = {"cost": "1", "filters": {"sub_id_2": "b"}}
    assert problem(buyer.post(path, json={**period, **other}), 409)["code"] == "told_otherwise"
    assert whole(**{**one, "cost": "2"}) == [("USD", "4.500000")]
    assert whole(cost=None) == [("USD", "2.510000")]


def test_a_share_of_more_than_all_is_refused(buyer):
    answer = buyer.post("/api/v1/campaigns", json={"name": "c", "slug": "c", "cost_model": "revshare", "cost": "100.1"})
    assert problem(answer, 422)["errors"][0]["field"] == "cost"


@pytest.mark.proves("A3")
def test_a_conversion_before_its_click_costs_the_same_and_once(spender):
    database = spender.database
    spender.ingestor.start()
    spender.write("clicks 4 4", slot=50)
    query = "SELECT campaign, replace(id::text, '-', '') FROM events.clicks"
    ids = wait_until(lambda: dict(database.rows(query)), "the clicks")
    database.execute("CREATE TABLE later AS SELECT * FROM events.clicks")
    database.execute("DELETE FROM events.clicks")
    spender.write(*[f"known {ids[n]}" for n in MODELS], *[f"postback {n} t{n} 2 10000000" for n in range(4)])
    spender.wait_postbacks(4)
    charges = "SELECT charge_campaign, charge::text FROM events.conversions WHERE charge IS NOT NULL ORDER BY 1"
    states = "SELECT DISTINCT attribution FROM events.conversions"
    assert database.rows(states) == [("awaiting_click",)]
    costs = [(1, "2.500000"), (2, "3.000000"), (3, "1.250000")]
    assert database.rows(charges) == costs

    database.execute("INSERT INTO events.clicks SELECT * FROM later")
    database.execute("UPDATE events.conversions SET next_attempt_at = now()")

    wait_until(lambda: database.rows(states) == [("attributed",)], "the sweeper to find the clicks")
    assert database.rows(charges) == costs
    assert [(campaign, amount) for campaign, _, amount in spender.costs()] == costs
