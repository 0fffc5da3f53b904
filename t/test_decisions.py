"""Statuses that no call of a network set: by hand over the API, and by the hold rules of the network."""

import json

import pytest

from lib.admin_client import made, make_team, problem
from lib.ingestor_bench import Bench, sale
from lib.wait import wait_until

STATUS = "SELECT status FROM events.conversions WHERE transaction = %s"
LEAD, SALE, REJECTED = 1, 2, 3


@pytest.fixture
def bench(workspace, database):
    made_bench = Bench(workspace, database)
    yield made_bench
    made_bench.ingestor.kill()


def wait_for_status(bench, transaction, status):
    wait_until(lambda: bench.database.rows(STATUS, transaction) == [(status,)], f"{transaction} to be {status}", 30)


def of_buyers_team(bench, buyer):
    """Everything in the journals belongs to the team of `buyer` from now on."""
    team = buyer.get("/api/v1/auth/me").json()["team_id"]
    bench.database.execute("UPDATE events.known_campaigns SET team = %s", team)
    bench.database.execute("UPDATE events.known_networks SET team = %s", team)


@pytest.mark.proves("A64")
def test_what_a_person_decides_outweighs_every_call(bench, admin, root, buyer):
    of_buyers_team(bench, buyer)
    bench.ingestor.start()
    bench.write("clicks 1 1", sale(0, "t1", 5_000_000))
    bench.wait_for_counts(1, 1, 1)
    conversion = buyer.get("/api/v1/conversions").json()["data"][0]["id"]
    path = f"/api/v1/conversions/{conversion}"
    assert buyer.post(f"{path}/status", json={"status": "rejected", "note": "fraud"}).status_code == 202
    wait_for_status(bench, "t1", REJECTED)
    bench.write("postback 0 t1 4 5000000", slot=1)  # trash, and then a sale
    bench.write(sale(0, "t1", 9_000_000), slot=2)
    wait_until(lambda: bench.database.value("SELECT postbacks FROM events.conversions") == 3, "the calls", 30)
    assert bench.database.value(STATUS, "t1") == REJECTED
    assert buyer.post(f"{path}/status", json={"status": "sale"}).status_code == 202
    wait_for_status(bench, "t1", SALE)
    found = buyer.get(path).json()
    by_hand = [h for h in found["history"] if h["change"] == "corrected"]
    assert [(h["old_status"], h["new_status"], h["note"]) for h in by_hand] == [
        ("sale", "rejected", "fraud"),
        ("rejected", "sale", None),
    ]
    assert {h["changed_by"] for h in by_hand} == {buyer.get("/api/v1/auth/me").json()["id"]}
    audit = buyer.get("/api/v1/audit-log", params={"entity": "conversion"}).json()["data"]
    assert [entry["action"] for entry in audit] == ["set_status"] * 2
    assert bench.database.value("SELECT sum(sales) FROM events.campaign_facts") == 1
    bench.assert_rollup_is_raw()
    problem(buyer.post(f"{path}/status", json={"status": "unmapped"}), 422)
    problem(make_team(admin, root, "blue")[1].post(f"{path}/status", json={"status": "sale"}), 404)


@pytest.mark.proves("A64")
def test_leads_on_hold_are_decided_once_by_the_first_rule_that_fits(bench):
    rules = [{"days": 30, "min_amount": "100"}, {"days": 1, "max_amount": "10", "status": "rejected"}, {"days": 1}]
    bench.database.execute("UPDATE events.known_networks SET hold_rules = %s", json.dumps(rules))
    two_days, leads = -2 * 86_400_000, {"small": 5, "middle": 50, "large": 500, "young": 50}
    lines = [f"postback 9 {name} 1 {amount}000000" for name, amount in leads.items()]
    bench.write("clicks 1 1", f"late {two_days}", *lines[:3], "late 0", lines[3])
    bench.ingestor.start()
    wait_for_status(bench, "small", REJECTED)
    wait_for_status(bench, "middle", SALE)
    assert bench.database.value(STATUS, "large") == LEAD
    assert bench.database.value(STATUS, "young") == LEAD
    # The network's own word comes later and counts; the hold has ended and does not come back.
    bench.write("postback 9 middle 3 50000000", slot=1)
    wait_for_status(bench, "middle", REJECTED)
    decided = "SELECT state, count(*) FROM events.conversion_decisions GROUP BY 1"
    assert bench.database.rows(decided) == [("done", 2)]
    bench.assert_rollup_is_raw()


@pytest.mark.proves("A64")
def test_a_sale_after_a_hold_that_ended_counts_where_networks_take_back_rejections(bench):
    rules = json.dumps([{"days": 1, "status": "rejected"}])
    bench.database.execute("UPDATE events.known_networks SET back_to_sale = true, hold_rules = %s", rules)
    bench.write("clicks 1 1", f"late {-2 * 86_400_000}", "postback 9 held 1 50000000")
    bench.ingestor.start()
    wait_for_status(bench, "held", REJECTED)
    bench.write("postback 9 held 2 50000000", slot=1)
    wait_for_status(bench, "held", SALE)
    bench.assert_rollup_is_raw()


def test_hold_rules_are_checked(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "n", "hold_rules": [{"days": 14}]}))
    assert network["hold_rules"] == [{"days": 14}]
    path = f"/api/v1/networks/{network['id']}"
    members = ({"status": "lead"}, {"min_amount": 5}, {"max_amount": "12,50"})
    wrong = [{}, {"days": 400}, {"day": 1, "days": 1}]
    for rule in (*wrong, *({"days": 1, **member} for member in members)):
        problem(buyer.patch(path, json={"hold_rules": [rule]}, headers={"If-Match": "*"}), 422)
