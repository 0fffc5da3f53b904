"""Events of advertisers stored before the click they name: another edge took it, and its journal comes later."""

import datetime

import pytest

from lib.admin_client import made
from lib.ingestor import Ingestor
from lib.nginx import Nginx
from lib.places import Workspace
from lib.prometheus import counter
from lib.shop import Shop
from lib.wait import wait_until

CREDITS = "action, matcher, affiliate, link, click IS NOT NULL"
WAITING = "SELECT state FROM events.waiting_customer_events"
NOW_DUE = "UPDATE events.waiting_customer_events SET next_attempt_at = now()"
NOW = datetime.datetime.now(datetime.UTC)
LAST_DAY = {
    "from": (NOW - datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "to": (NOW + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
}


class SecondEdge:
    """Another edge; what it records is stored only when its ingestor is started."""

    def __init__(self, full):
        self.workspace = Workspace("second")
        self.nginx = Nginx(self.workspace, edge="second", edge_number=2)
        self.nginx.keys = full.admin.keys
        self.nginx.start()
        edge = {"name": "second", "number": 2, "push_url": f"{self.nginx.url}/tributary/config"}
        assert full.root.post("/api/v1/edges", json=edge).status_code == 201
        self.ingestor = Ingestor(self.workspace, full.database, self.nginx, name="second")
        full.wait_pushed()

    def click(self, path="/r/ana-shop"):
        target = self.nginx.client.get(path).headers["location"]
        return target.split("click_id=")[1].split("&")[0]

    def finish(self):
        if self.ingestor.program.running:
            self.ingestor.stop()
        self.nginx.finish()
        self.workspace.remove()


@pytest.fixture
def shop(full):
    return Shop(full)


@pytest.fixture
def second(shop):
    edge = SecondEdge(shop.full)
    yield edge
    edge.finish()


@pytest.mark.proves("C25", "C44", "A71")
def test_an_event_is_decided_again_when_its_click_is_stored(shop, second):
    database = shop.full.database
    click = second.click()
    shop.send({"action": "signup", "click_id": click, "customer_key": "c-1"})
    shop.send({"action": "purchase", "value": 5, "customer_key": "c-1"})
    assert shop.stored(2, CREDITS) == [("signup", None, 0, 0, True), ("purchase", None, 0, 0, False)]
    assert database.rows(WAITING) == [("awaiting_click",)]
    states = [event["state"] for event in shop.full.buyer.get("/api/v1/customer-events").json()["data"]]
    assert sorted(states) == ["awaiting_click", "unattributed"]
    awaiting = "tributary_ingestor_events_awaiting_click"
    wait_until(lambda: counter(shop.full.ingestor.metrics(), awaiting) == 1, "the gauge to show it")

    second.ingestor.start()

    ours = ("click_id", shop.partner["id"], shop.link["id"], True)
    credited = [("signup", *ours), ("purchase", *ours)]
    wait_until(lambda: shop.stored(2, CREDITS) == credited, lambda: f"credits, not {shop.stored(2, CREDITS)}", 30)
    assert database.rows(WAITING) == []
    [purchase, _] = shop.full.buyer.get("/api/v1/customer-events").json()["data"]
    [change] = shop.full.buyer.get(f"/api/v1/customer-events/{purchase['event_id']}").json()["history"]
    assert (change["reason"], change["before"]["matcher"]) == ("late_click", None)
    changes = "SELECT reason, (old).matcher, (new).matcher FROM events.attribution_changes"
    assert database.rows(changes) == [("late_click", None, "click_id")] * 2
    funnel = shop.full.buyer.get("/api/v1/reports/funnel", params={"partner_id": shop.partner["id"]}).json()
    assert (funnel["totals"]["signups"], funnel["totals"]["purchases"]) == (1, 1)


@pytest.mark.proves("C44", "C142")
def test_what_had_a_better_proof_keeps_it_and_the_first_touch_is_the_earlier_click(shop, second, full):
    first = second.click()
    target = full.nginx.client.get("/r/ana-shop").headers["location"]
    own = target.split("click_id=")[1].split("&")[0]
    wait_until(lambda: full.database.value("SELECT count(*) FROM events.clicks") == 1, "the click to be stored")
    shop.send({"action": "signup", "click_id": own, "customer_key": "c-1"})
    shop.send({"action": "purchase", "click_id": first, "customer_key": "c-1", "ref_code": "ana-shop"})
    columns = "action, matcher, click::text, candidates -> 0 ->> 'outcome'"
    [(_, matcher, own_uuid, _), (_, better, *_)] = shop.stored(2, columns)
    assert (matcher, better) == ("click_id", "ref_code")

    second.ingestor.start()

    wait_until(lambda: full.database.rows(WAITING) == [], "everything to be decided", 30)
    first_uuid = full.database.value("SELECT id::text FROM events.clicks ORDER BY time LIMIT 1")
    assert first_uuid != own_uuid
    assert shop.stored(2, columns) == [
        ("signup", "click_id", first_uuid, None),
        ("purchase", "ref_code", first_uuid, "outranked"),
    ]


@pytest.mark.proves("C25")
def test_killed_before_the_commit_it_is_decided_by_the_next(shop, second, full):
    shop.send({"action": "signup", "click_id": second.click()})
    assert shop.stored(1, "matcher") == [(None,)]
    full.ingestor.stop()
    second.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"] = "after_commit"
    second.ingestor.program.start()
    wait_until(lambda: not second.ingestor.program.running, "the second ingestor to end with the click stored")
    del second.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"]
    full.database.execute(NOW_DUE)
    full.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"] = "events_decided"
    full.ingestor.program.start()
    wait_until(lambda: not full.ingestor.program.running, "the ingestor to be killed between")
    assert shop.stored(1, "matcher") == [(None,)]
    assert full.database.rows(WAITING) == [("awaiting_click",)]
    assert full.database.value("SELECT count(*) FROM events.attribution_changes") == 0

    del full.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"]
    full.ingestor.start()

    wait_until(lambda: shop.stored(1, "matcher") == [("click_id",)], "the event to be decided")
    wait_until(lambda: full.database.rows(WAITING) == [], "nothing to wait")


@pytest.mark.proves("C25")
def test_a_late_click_that_belongs_to_no_partner_leaves_nothing_to_settle(shop, second, full):
    """Its event moves from nobody to a campaign of nobody."""
    url = "https://shop.example.com/?click_id={click_id}"
    destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(full.buyer.post(f"/api/v1/campaigns/{shop.campaign['id']}/streams", json=stream))
    full.wait_pushed()
    click = second.click("/c/sale")
    shop.send({"action": "signup", "click_id": click, "customer_key": "c-1"})
    shop.stored(1)
    second.ingestor.start()
    wait_until(lambda: shop.stored(1, "click IS NOT NULL AND campaign <> 0") == [(True,)], "the click to count", 30)
    moved = "SELECT campaign, moved FROM events.partner_events"
    settled = [(shop.campaign["id"], False)]
    wait_until(lambda: full.database.rows(moved) == settled, lambda: f"settled, not {full.database.rows(moved)}", 20)


@pytest.mark.proves("C25", "A71")
def test_a_click_that_does_not_come_within_a_day_is_unknown(shop, second, full):
    shop.send({"action": "signup", "click_id": second.click()})
    shop.stored(1)
    full.database.execute("UPDATE events.waiting_customer_events SET attempts = 33, next_attempt_at = now()")
    wait_until(lambda: full.database.rows(WAITING) == [("click_unknown",)], "the wait to end")
    assert shop.stored(1, "matcher") == [(None,)]


@pytest.mark.proves("C25")
def test_an_event_that_postgresql_refuses_holds_up_no_other_and_is_given_up(shop, second, full):
    database = full.database
    # Credited to nobody it may be stored.
    poison = "CHECK (action <> 'purchase' OR affiliate = 0)"
    database.execute(f"ALTER TABLE events.customer_events ADD CONSTRAINT poison {poison}")
    shop.send({"action": "purchase", "click_id": second.click(), "customer_key": "c-1"})
    shop.send({"action": "signup", "click_id": second.click(), "customer_key": "c-2"})
    assert shop.stored(2, CREDITS) == [("purchase", None, 0, 0, True), ("signup", None, 0, 0, True)]
    ours = ("click_id", shop.partner["id"], shop.link["id"], True)

    # Both are looked at in one round, when both clicks are there.
    database.execute("UPDATE events.waiting_customer_events SET next_attempt_at = 'infinity'")
    second.ingestor.start()
    wait_until(lambda: database.value("SELECT count(*) FROM events.clicks") == 2, "the clicks")
    database.execute(NOW_DUE)

    sound = ("signup", *ours)
    wait_until(lambda: shop.stored(2, CREDITS)[1] == sound, lambda: f"a credit, not {shop.stored(2, CREDITS)}", 20)

    def given_up():
        database.execute(f"{NOW_DUE} WHERE state = 'awaiting_click'")
        return database.rows(WAITING) == [("refused",)]

    wait_until(given_up, "the other one to be given up", 40)
    [(refusals, reason)] = database.rows("SELECT refusals, last_error FROM events.waiting_customer_events")
    assert refusals == 5
    assert "poison" in reason
    [_, purchase] = full.buyer.get("/api/v1/customer-events").json()["data"]
    assert (purchase["action"], purchase["state"]) == ("purchase", "refused")

    database.execute("ALTER TABLE events.customer_events DROP CONSTRAINT poison")
    run = full.buyer.post("/api/v1/reattributions", json=LAST_DAY).json()
    path = f"/api/v1/reattributions/{run['id']}"
    wait_until(lambda: full.buyer.get(path).json()["state"] == "ready", "the period to be computed")
    full.buyer.post(f"{path}/apply").raise_for_status()
    wait_until(lambda: shop.stored(2, CREDITS)[0] == ("purchase", *ours), "the event to be decided")
    assert database.rows(WAITING) == []
