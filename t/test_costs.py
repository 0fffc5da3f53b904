"""What a past period cost, told afterwards in the shape that importers of ad spend send."""

import pytest

from lib.admin_client import make_campaign, make_team, problem
from lib.ingestor_bench import Bench
from lib.wait import wait_until

NOW_COSTS = """
SELECT currency, sum(cost) FROM (
  SELECT currency, cost FROM events.clicks WHERE campaign = 1 AND currency ~ '^[A-Z]{3}$'
  UNION ALL SELECT currency, amount FROM events.cost_corrections WHERE campaign = 1) AS costs
GROUP BY 1 HAVING sum(cost) <> 0 ORDER BY 1
"""
DAYS = """
SELECT min(time AT TIME ZONE 'UTC')::date::text, max(time AT TIME ZONE 'UTC')::date::text FROM events.clicks
"""
# The two halves of the newest hour of UTC, in local time.
HALVES = """
SELECT (SELECT count(*) FROM events.clicks WHERE time >= half AND time < half + interval '30 min'),
  (half AT TIME ZONE 'Asia/Kolkata')::text, (half AT TIME ZONE 'Asia/Kolkata' + interval '29 min 59 s')::text
FROM (SELECT date_trunc('hour', max(time), 'UTC') AS hour FROM events.clicks) AS newest,
  LATERAL (VALUES (hour), (hour + interval '30 min')) AS halves (half)
"""


@pytest.fixture
def bench(workspace, database):
    made = Bench(workspace, database)
    yield made
    made.ingestor.kill()


@pytest.mark.proves("A3")
def test_a_past_period_costs_what_is_said_to_the_last_micro_unit(bench, admin, root, buyer):
    make_campaign(buyer, currency="USD")  # number 1, as in the journals
    bench.write("mixed 600")
    bench.ingestor.start()
    clicks = "SELECT count(*) FROM events.clicks"
    wait_until(lambda: bench.database.value(clicks) == 600, "the clicks", 30)
    first, last = bench.database.rows(DAYS)[0]
    period = {"start_date": first, "end_date": f"{last} 23:59", "timezone": "UTC"}

    def costs(cost, path="/api/v1/campaigns/1/update_costs", **more):
        answer = buyer.post(path, json={**period, "cost": cost, **more})
        assert answer.status_code == 200, answer.text
        bench.assert_rollup_is_raw()
        return [(currency, str(amount)) for currency, amount in bench.database.rows(NOW_COSTS)]

    assert costs("100.010001") == [("USD", "100.010001")]
    assert bench.database.value("SELECT count(*) FROM events.cost_corrections") > 5
    # Once more with another amount: it takes the place of the first, also over the path that importers know.
    assert costs(7, "/admin_api/v1/campaigns/1/update_costs") == [("USD", "7.000000")]
    assert costs("7,25") == [("USD", "7.250000")]
    assert costs("3.5", currency="EUR", only_campaign_uniques=1) == [("EUR", "3.500000")]
    audit = buyer.get("/api/v1/audit-log", params={"entity": "campaign"}).json()["data"]
    assert [entry["action"] for entry in audit].count("update_costs") == 4
    blue = make_team(admin, root, "blue")[1]
    problem(blue.post("/api/v1/campaigns/1/update_costs", json={**period, "cost": 1}), 404)


def test_the_clicks_of_one_sub_id_carry_their_own_cost(bench, buyer):
    make_campaign(buyer, currency="USD")
    bench.write("clicks 100 1")  # sub_id_1 is a, each costs 0.01 USD
    bench.ingestor.start()
    bench.wait_for_counts(100)
    first, last = bench.database.rows(DAYS)[0]
    period = {"start_date": first, "end_date": last}
    path = "/api/v1/campaigns/1/update_costs"
    none = {**period, "cost": 1, "filters": {"sub_id_1": "b"}}
    assert problem(buyer.post(path, json=none), 422)["code"] == "no_clicks"
    assert buyer.post(path, json={**period, "cost": 2, "filters": {"sub_id_1": "a"}}).json()["clicks"] == 100
    assert [str(row[1]) for row in bench.database.rows(NOW_COSTS)] == ["2.000000"]
    bench.assert_rollup_is_raw()


def test_a_half_hour_leaves_the_other_half_of_the_hour_alone(bench, buyer):
    make_campaign(buyer, currency="USD")
    bench.database.execute("UPDATE events.known_campaigns SET bucket_minutes = 30")
    bench.write("clicks 10 1")
    bench.ingestor.start()
    bench.wait_for_counts(10)
    path = "/api/v1/campaigns/1/update_costs"
    for clicks, start, end in bench.database.rows(HALVES):
        told = {"start_date": start, "end_date": end, "timezone": "Asia/Kolkata", "cost": 5}
        answer = buyer.post(path, json=told)
        assert answer.json().get("clicks", 0) == clicks, answer.text
    bench.assert_rollup_is_raw()
    bench.database.execute("UPDATE events.known_campaigns SET bucket_minutes = 60")
    assert problem(buyer.post(path, json=told), 422)["errors"][0]["field"] == "timezone"


def test_mistakes_in_a_correction_are_told_by_field(buyer):
    make_campaign(buyer)
    right = {"start_date": "2026-03-01", "end_date": "2026-03-02 10:30", "cost": "1"}
    wrong = [
        ("start_date", "yesterday"),
        ("end_date", "2026-02-01"),
        ("timezone", "Mars/Base"),
        ("cost", "-1"),
        ("currency", "EURO"),
        ("filters", {"sub_id_31": "x"}),
        ("only_campaign_uniques", 2),
    ]
    for field, value in wrong:
        answer = buyer.post("/api/v1/campaigns/1/update_costs", json={**right, field: value})
        assert problem(answer, 422)["errors"][0]["field"].startswith(field)
