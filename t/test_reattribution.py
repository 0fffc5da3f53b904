"""Past periods attributed again by the present rules: shown first, then applied in one transaction, or dropped."""

import datetime
import uuid

import pytest

from lib.admin_client import made, make_team, problem
from lib.shop import Shop
from lib.wait import wait_until

NOW = datetime.datetime.now(datetime.UTC)
PERIOD = {
    "from": (NOW - datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "to": (NOW + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
}
PATH = "/api/v1/reattributions"
CREDITED = "action, matcher, affiliate, confidence"


class Sales:
    """Three events of a shop: by coupon and link, by link, by nothing. Then the rules change: links count first."""

    def __init__(self, full):
        self.full, self.buyer = full, full.buyer
        self.shop = Shop(full)
        self.ana = self.shop.partner["id"]
        self.ben = made(self.buyer.post("/api/v1/partners", json={"name": "Ben", "kind": "influencer"}))["id"]
        coupon = {"campaign_id": self.shop.campaign["id"], "partner_id": self.ben, "code": "BEN-10"}
        made(self.buyer.post("/api/v1/coupons", json=coupon))
        both = {"coupon_code": "BEN-10", "ref_code": "ana-shop"}
        self.shop.send({"action": "purchase", "value": "20.5", **both})
        self.shop.send({"action": "signup", "ref_code": "ana-shop"})
        self.shop.send({"action": "custom"})
        self.before = self.credits()
        assert [row[1] for row in self.before] == ["coupon", "ref_code", None]
        self.set_matchers(["ref_code", "coupon"])

    def credits(self):
        return self.shop.stored(3, CREDITED)

    def set_matchers(self, matchers):
        self.buyer.patch(self.shop.path, json={"matchers": matchers}, headers={"If-Match": "*"}).raise_for_status()

    def ask(self, **more):
        answer = self.buyer.post(PATH, json={**PERIOD, "advertiser_id": self.shop.advertiser["id"], **more})
        assert answer.status_code == 202, answer.text
        return f"{PATH}/{answer.json()['id']}"

    def wait_for(self, path, state):
        def reached():
            found = self.buyer.get(path).json()
            return found if found["state"] == state else None

        return wait_until(reached, lambda: f"{state}, not {self.buyer.get(path).json()}", 30)

    def apply(self, path):
        return self.buyer.post(f"{path}/apply")


@pytest.fixture
def sales(full):
    return Sales(full)


@pytest.mark.proves("C42", "C141")
def test_the_difference_is_shown_first_and_then_applied_once(sales, full):
    path = sales.ask()
    ready = sales.wait_for(path, "ready")
    assert (ready["events"], ready["looked_at"], ready["changed"], ready["other_partner"]) == (3, 3, 1, 1)
    lost = [{"currency": "USD", "lost": "20.5", "won": "0"}]
    won = [{"currency": "USD", "lost": "0", "won": "20.5"}]
    assert ready["partners"] == [
        {"partner_id": sales.ana, "lost": 0, "won": 1, "revenue": won},
        {"partner_id": sales.ben, "lost": 1, "won": 0, "revenue": lost},
    ]
    changes = {"reattribution_id": path.rsplit("/", 1)[1]}
    [change] = sales.buyer.get("/api/v1/attribution-changes", params=changes).json()["data"]
    assert (change["why"], change["applied_at"], change["value"]) == ("outranked", None, "20.5")
    assert (change["old"]["matcher"], change["old"]["partner_id"]) == ("coupon", sales.ben)
    assert (change["new"]["matcher"], change["new"]["partner_id"]) == ("ref_code", sales.ana)
    assert sales.credits() == sales.before  # nothing is touched yet
    problem(make_team(full.admin, full.root, "blue")[1].post(f"{path}/apply"), 404)

    assert sales.apply(path).status_code == 202
    sales.wait_for(path, "applied")

    after = [("purchase", "ref_code", sales.ana, 95), *sales.before[1:]]
    assert sales.credits() == after
    assert "applied" in problem(sales.apply(path), 409)["detail"]
    problem(sales.buyer.delete(path), 409)
    assert sales.buyer.get("/api/v1/attribution-changes", params=changes).json()["data"][0]["applied_at"]
    funnel = sales.buyer.get("/api/v1/reports/funnel", params={"partner_id": sales.ana}).json()
    assert funnel["totals"]["revenue"] == [{"currency": "USD", "amount": "20.5"}]
    assert full.database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []
    audit = sales.buyer.get("/api/v1/audit-log", params={"entity": "reattribution"}).json()["data"]
    assert [entry["action"] for entry in audit] == ["apply", "create"]
    assert sales.wait_for(sales.ask(), "ready")["changed"] == 0


@pytest.mark.proves("C42")
def test_what_is_no_longer_what_was_shown_is_not_applied(sales, full):
    path = sales.ask()
    sales.wait_for(path, "ready")
    sales.set_matchers(["landing_url"])
    sales.apply(path)
    assert "changed since" in sales.wait_for(path, "outdated")["last_error"]
    assert sales.credits() == sales.before

    by_new_rules = sales.ask()
    assert sales.wait_for(by_new_rules, "ready")["changed"] == 2
    changed = "UPDATE events.customer_events SET affiliate = 77 WHERE action = 'signup'"
    full.database.execute(changed)
    sales.apply(by_new_rules)
    sales.wait_for(by_new_rules, "outdated")
    assert [row[2] for row in sales.credits()] == [sales.ben, 77, 0]


@pytest.mark.proves("C42")
def test_killed_in_the_middle_all_of_it_or_nothing_is_applied(sales, full):
    path = sales.ask()
    sales.wait_for(path, "ready")
    full.ingestor.stop()
    full.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"] = "reattribution_applied"
    full.ingestor.start()
    sales.apply(path)
    wait_until(lambda: not full.ingestor.program.running, "the ingestor to be killed before the commit")
    assert sales.credits() == sales.before
    assert sales.buyer.get(path).json()["state"] == "applying"

    del full.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"]
    full.ingestor.start()

    sales.wait_for(path, "applied")
    assert sales.credits()[0] == ("purchase", "ref_code", sales.ana, 95)
    assert full.database.value("SELECT count(*) FROM events.attribution_changes") == 1


@pytest.mark.proves("C42")
def test_a_result_is_dropped_and_mistakes_are_told(sales, full):
    path = sales.ask(campaign_id=sales.shop.campaign["id"])
    assert sales.wait_for(path, "ready")["changed"] == 1
    assert sales.buyer.delete(path).status_code == 202
    sales.wait_for(path, "dropped")
    problem(sales.apply(path), 409)
    assert full.database.value("SELECT count(*) FROM events.attribution_changes") == 0
    wrong = [
        ({"to": PERIOD["from"]}, "to"),
        ({"from": "2020-01-01T00:00:00Z"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"advertiser_id": 999}, "advertiser_id"),
        ({"campaign_id": 999}, "campaign_id"),
        ({"matcher": "coupon"}, "matcher"),
    ]
    for change, field in wrong:
        answer = problem(sales.buyer.post(PATH, json={**PERIOD, **change}), 422)
        assert answer["errors"][0]["field"] == field
    problem(full.root.post(PATH, json=PERIOD), 422)  # an administrator without a team names whose
    named = {**PERIOD, "campaign_id": sales.shop.campaign["id"]}
    assert full.root.post(PATH, json=named).status_code == 202
    problem(sales.buyer.get(f"{PATH}/999"), 404)
    states = [run["state"] for run in sales.buyer.get(PATH).json()["data"]]
    assert states[1:] == ["dropped"]


@pytest.mark.proves("C42")
def test_a_team_has_at_most_five_that_are_not_done(sales):
    paths = [sales.ask() for _ in range(5)]
    for path in paths:
        sales.wait_for(path, "ready")
    period = {**PERIOD, "advertiser_id": sales.shop.advertiser["id"]}
    assert "five" in problem(sales.buyer.post(PATH, json=period), 409)["detail"]
    assert sales.buyer.delete(paths[0]).status_code == 202
    assert sales.buyer.post(PATH, json=period).status_code == 202


@pytest.mark.proves("C42", "C44")
def test_more_than_a_page_is_computed_and_a_click_that_is_gone_keeps_its_event(sales, full):
    target = full.nginx.client.get("/r/ana-shop").headers["location"]
    click = target.split("click_id=")[1].split("&")[0]
    wait_until(lambda: full.database.value("SELECT count(*) FROM events.clicks") == 1, "the click to be stored")
    sales.set_matchers(["click_id", "ref_code", "coupon"])
    for number in range(0, 2100, 700):
        events = [{"action": "signup", "ref_code": "ana-shop", "event_id": f"e{number + i}"} for i in range(700)]
        assert sales.shop.send(events).json()["accepted"] == 700
    sales.shop.send({"action": "add_to_cart", "click_id": click})
    sales.shop.stored(2104)
    # Its day was dropped: the click lies before the retention.
    stored = full.database.value("SELECT named_click::text FROM events.customer_events WHERE action = 'add_to_cart'")
    gone = str(uuid.UUID(int=uuid.UUID(stored).int - (40 * 86_400_000 << 86)))
    moved = "UPDATE events.customer_events SET named_click = %s, click = %s WHERE action = 'add_to_cart'"
    full.database.execute(moved, gone, gone)
    sales.set_matchers(["coupon"])
    ready = sales.wait_for(sales.ask(), "ready")
    assert (ready["events"], ready["looked_at"], ready["kept"]) == (2104, 2104, 1)
    assert (ready["changed"], ready["other_partner"]) == (2102, 2101)


POISON = """
ALTER TABLE events.customer_events
  ADD CONSTRAINT poison CHECK (action <> 'purchase' OR matcher <> 'ref_code') NOT VALID
"""


@pytest.mark.proves("C42")
def test_what_postgresql_refuses_to_apply_fails_and_holds_up_no_other(sales, full):
    path = sales.ask()
    sales.wait_for(path, "ready")
    full.database.execute(POISON)
    sales.apply(path)
    other = sales.ask()
    assert sales.wait_for(other, "ready")["changed"] == 1

    assert "poison" in sales.wait_for(path, "failed")["last_error"]
    assert sales.credits() == sales.before
    problem(sales.apply(path), 409)
    full.database.execute("ALTER TABLE events.customer_events DROP CONSTRAINT poison")
    sales.apply(other)
    sales.wait_for(other, "applied")
    assert sales.credits()[0] == ("purchase", "ref_code", sales.ana, 95)


@pytest.mark.proves("C42")
def test_what_cannot_be_computed_fails_and_holds_up_no_other(sales, full):
    poison = "CONSTRAINT poison CHECK (reattribution <> 1)"
    full.database.execute(f"ALTER TABLE events.attribution_changes ADD {poison}")
    path = sales.ask()
    assert path.endswith("/1")
    other = sales.ask()
    assert sales.wait_for(other, "ready")["changed"] == 1
    assert "poison" in sales.wait_for(path, "failed")["last_error"]


# Attempts are counted by a sequence: what it gave is not taken back with the transaction.
CONFLICTS = """
CREATE SEQUENCE attempts;
CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM nextval('public.attempts');
  RAISE 'could not serialize' USING ERRCODE = 'serialization_failure';
END
$$;
CREATE TRIGGER conflict BEFORE UPDATE ON events.customer_events FOR EACH STATEMENT EXECUTE FUNCTION conflict()
"""


@pytest.mark.proves("C42")
def test_what_passes_by_itself_is_tried_for_ever(sales, full):
    path = sales.ask()
    sales.wait_for(path, "ready")
    full.database.execute(CONFLICTS)
    sales.apply(path)
    wait_until(lambda: full.database.value("SELECT last_value FROM attempts") > 6, "more than five attempts", 40)
    assert sales.buyer.get(path).json()["state"] == "applying"
    full.database.execute("DROP TRIGGER conflict ON events.customer_events")
    sales.wait_for(path, "applied")


# Holds up what the ingestor writes after the rollback, and nothing of others.
GATE = """
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF session_user = 'tributary_ingestor' THEN
    PERFORM pg_advisory_xact_lock(4242);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER gate BEFORE UPDATE ON events.reattributions FOR EACH STATEMENT EXECUTE FUNCTION gate()
"""


@pytest.mark.proves("C42")
def test_what_another_ingestor_applied_meanwhile_stays_applied(sales, full):
    path = sales.ask()
    sales.wait_for(path, "ready")
    sales.set_matchers(["landing_url"])  # what was shown is not what comes out now
    full.database.execute(GATE)
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4242 AND NOT granted"
    with full.database.cluster.connect(full.database.name) as gate:
        gate.execute("SELECT pg_advisory_lock(4242)")
        sales.apply(path)
        wait_until(lambda: full.database.value(waits) == 1, "the ingestor to be about to write")
        number = path.rsplit("/", 1)[1]
        full.database.execute(f"UPDATE events.reattributions SET state = 'applied' WHERE id = {number}")
    sales.wait_for(sales.ask(), "ready")
    assert sales.buyer.get(path).json()["state"] == "applied"
