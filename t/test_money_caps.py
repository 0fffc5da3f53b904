"""Caps on conversions, payout and revenue: counted in PostgreSQL, closed on the edge, and best ROI by the same way."""

import contextlib
import os
import signal
import struct
from urllib.parse import urlsplit

import pytest

from lib.admin_client import made, make_campaign, make_team, problem
from lib.full_stack import FullStack
from lib.tools import click_id
from lib.wait import wait_until

PARAMETERS = [
    {"field": "click_id", "names": ["cid"]},
    {"field": "transaction", "names": ["txid"]},
    {"field": "payout", "names": ["payout"]},
    {"field": "revenue", "names": ["revenue"]},
    {"field": "status", "names": ["status"]},
]
ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def full(workspace, database):
    stack = FullStack(workspace, database, settings={"facts": ["caps_interval_ms: 100", "clicks_interval_ms: 100"]})
    yield stack
    stack.finish()


class Offer:
    """A waterfall: a first destination with rules of its own, which overflows into a second."""

    def __init__(self, full, caps=(), selector="waterfall", **stream):
        self.full = full
        full.add_edge()
        self.spare = self.destination("spare")
        self.first = self.destination("first", caps=list(caps), overflow_id=self.spare)
        self.campaign = make_campaign(full.buyer, "sale", currency="USD")
        shares = [{"destination_id": one, "weight": 1} for one in (self.first, self.spare)]
        path = f"/api/v1/campaigns/{self.campaign['id']}/streams"
        made(full.buyer.post(path, json={"name": "all", "selector": selector, "destinations": shares, **stream}))
        network = {"name": "net", "key": "net", "parameters": PARAMETERS}
        self.postback = f"/postback/net/{made(full.buyer.post('/api/v1/networks', json=network))['secret']}"
        full.wait_pushed()
        self.sent = 0

    def destination(self, name, **fields):
        fields = {"name": name, "url": f"https://{name}.example.com/?cid={{click_id}}", "currency": "USD", **fields}
        return made(self.full.buyer.post("/api/v1/destinations", json=fields))["id"]

    def click(self, query=""):
        answer = self.full.nginx.client.get(f"/c/sale{query}")
        assert answer.status_code == 302, answer.text
        return answer

    def goes_to(self):
        return name_of(self.click())

    def wait_goes_to(self, name):
        wait_until(lambda: self.goes_to() == name, f"visitors to go to {name}")

    def convert(self, click, transaction=None, **fields):
        self.sent += 1
        fields = {
            "cid": click_id(click),
            "txid": transaction or f"t{self.sent}",
            "payout": "2",
            "revenue": "3",
            **fields,
        }
        answer = self.full.nginx.client.get(self.postback, params=fields)
        assert answer.json()["verdict"] in ("accepted", "repeated"), answer.text

    def caps(self):
        return self.full.buyer.get(f"/api/v1/destinations/{self.first}/caps").json()["data"]

    def alerts(self):
        return self.full.buyer.get("/api/v1/cap-alerts", params={"destination_id": self.first}).json()["data"]


def name_of(answer):
    return urlsplit(answer.headers["location"]).netloc.removesuffix(".example.com")


def cap(measure, amount, period="day", **fields):
    money = {"currency": "USD"} if measure in ("payout", "revenue") else {}
    return {"measure": measure, "period": period, "amount": amount, **money, **fields}


@pytest.mark.proves("A38", "A43")
@pytest.mark.parametrize(
    ("measure", "amount", "used"), [("conversions", "2", "2"), ("payout", "3.5", "4"), ("revenue", "6", "6")]
)
def test_a_reached_cap_closes_the_destination_and_its_overflow_takes_the_click(full, measure, amount, used):
    offer = Offer(full, [cap(measure, amount)])
    clicks = [offer.click() for _ in range(3)]
    assert [name_of(click) for click in clicks] == ["first"] * 3
    offer.convert(clicks[0])
    wait_until(lambda: offer.caps()[0]["used"] != "0", "the first conversion to be counted")
    assert offer.goes_to() == "first"
    offer.convert(clicks[1])
    offer.wait_goes_to("spare")
    (standing,) = offer.caps()
    assert (standing["used"], standing["reached"]) == (used, True)
    (alert,) = offer.alerts()
    assert (alert["measure"], alert["used"], alert["amount"], alert["hard"]) == (measure, used, amount, True)
    overlay = full.nginx.client.get("/tributary/status").json()["overlay"]
    assert [one["id"] for one in overlay["closed"] if one[measure]] == [offer.first]


def test_what_comes_in_above_a_cap_is_counted_and_flagged(full, database):
    offer = Offer(full, [cap("conversions", "1")])
    clicks = [offer.click() for _ in range(3)]
    for click in clicks:
        offer.convert(click)
    flags = "SELECT over_cap FROM events.conversions ORDER BY first_received_at, id"
    wait_until(lambda: [row[0] for row in database.rows(flags)] == [False, True, True], "the flags")
    assert offer.caps()[0]["used"] == "3"


def test_a_rejected_conversion_opens_the_destination_again(full):
    offer = Offer(full, [cap("conversions", "1")])
    click = offer.click()
    offer.convert(click, "t", status="approved")
    offer.wait_goes_to("spare")
    offer.convert(click, "t", status="rejected")
    offer.wait_goes_to("first")
    assert offer.caps()[0]["used"] == "0"
    assert len(offer.alerts()) == 1


def test_the_next_window_opens_by_itself(full, database):
    offer = Offer(full, [cap("conversions", "1", "hour", time_zone="Asia/Kolkata")])
    offer.convert(offer.click())
    offer.wait_goes_to("spare")
    # An hour goes by: what was counted lies in the window before.
    database.execute("UPDATE events.conversions SET first_received_at = first_received_at - interval '1 hour'")
    database.execute("UPDATE events.cap_usage SET starts_at = starts_at - interval '1 hour'")
    offer.wait_goes_to("first")
    offer.convert(offer.click())
    offer.wait_goes_to("spare")
    assert len(offer.alerts()) == 2


def next_window(database, period, zone):
    """When the next window begins, in seconds since 1970."""
    start = "(config.cap_window(%s, %s, now()) AT TIME ZONE %s + ('1 ' || %s)::interval) AT TIME ZONE %s"
    return database.value(f"SELECT extract(epoch FROM {start})::bigint", period, zone, zone, period, zone)


@pytest.mark.proves("A38")
def test_an_edge_that_hears_nothing_opens_when_the_window_ends(full, database):
    """Time cannot be moved, so the end is: it is written into the state that the workers share."""
    zone = "Asia/Kolkata"
    offer = Offer(full, [cap("conversions", "1", "day", time_zone=zone)])
    offer.convert(offer.click())
    offer.wait_goes_to("spare")
    (closed,) = full.nginx.client.get("/tributary/status").json()["overlay"]["closed"]
    assert (closed["conversions"], closed["conversions_until_s"]) == (True, next_window(database, "day", zone))
    with frozen(full.admin.program):
        assert set_ends(full.nginx.run_path / "state", offer.first, 1) > 0
        assert offer.goes_to() == "first"
        assert full.nginx.client.get("/tributary/status").json()["overlay"]["closed"] == []


@pytest.mark.parametrize("endless", [cap("conversions", "1", "total"), cap("conversions", "0")])
def test_a_cap_of_no_window_or_of_nothing_has_no_end(full, endless):
    offer = Offer(full, [endless])
    if endless["amount"] != "0":
        offer.convert(offer.click())
    offer.wait_goes_to("spare")
    (closed,) = full.nginx.client.get("/tributary/status").json()["overlay"]["closed"]
    assert (closed["conversions"], closed["conversions_until_s"]) == (True, 0)


@contextlib.contextmanager
def frozen(program):
    os.kill(program.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(program.process.pid, signal.SIGCONT)


def set_ends(state, destination, quarter):
    """Set all ends of this destination's closures in the overlay tables of the state file; how many rows had some."""
    changed = 0
    with state.open("r+b") as file:
        _, _, tables = struct.unpack("<QII", file.read(16))
        directory = [struct.unpack("<IIQQQ", file.read(32)) for _ in range(tables)]
        for kind, record_bytes, offset, _, records in directory:
            if kind not in (7, 8):  # overlay_even, overlay_odd
                continue
            for row in range(1, records):
                file.seek(offset + row * record_bytes)
                identity, _, _, ends = struct.unpack("<QqQQ", file.read(32))
                if identity >> 32 == destination and ends != 0:
                    file.seek(offset + row * record_bytes + 24)
                    file.write(struct.pack("<Q", quarter))
                    changed += 1
    return changed


def test_windows_are_those_of_the_edge(database):
    """Where windows begin in PostgreSQL, against what core/time_zone/window_test.cpp says."""
    window = "SELECT (config.cap_window(%s, %s, %s::timestamptz) AT TIME ZONE 'UTC')::text"
    told = {
        ("hour", "Asia/Kolkata", "2026-01-31T10:15:00Z"): "2026-01-31 09:30:00",
        ("day", "Asia/Almaty", "2026-01-31T20:00:00Z"): "2026-01-31 19:00:00",
        ("week", "UTC", "2026-02-01T12:00:00Z"): "2026-01-26 00:00:00",
        ("month", "America/New_York", "2026-03-01T04:59:59Z"): "2026-02-01 05:00:00",
        ("hour", "Europe/Berlin", "2026-10-25T01:30:00Z"): "2026-10-25 01:00:00",  # the hour that comes twice
        ("day", "Europe/Berlin", "2026-10-25T12:00:00Z"): "2026-10-24 22:00:00",
        ("total", "UTC", "2026-02-01T12:00:00Z"): "-infinity",
    }
    assert {key: database.value(window, *key) for key in told} == told


def test_windows_have_the_numbers_that_the_edge_knows_them_by(database):
    """As window_of() in core/time_zone/window.cpp counts: hours, days and weeks since 1970, months since the year 0."""
    number = "SELECT config.cap_window_number(%s, %s, %s::timestamptz)"
    told = {
        ("hour", "UTC", "1970-01-02T00:59:59Z"): 24,
        ("hour", "Asia/Kolkata", "1970-01-02T00:30:00Z"): 25,  # half an hour ahead of the hours of UTC
        ("hour", "America/St_Johns", "2024-05-01T10:29:59Z"): 476_266,
        ("hour", "America/St_Johns", "2024-05-01T10:30:00Z"): 476_267,
        ("day", "Asia/Almaty", "2024-02-29T18:59:59Z"): 19_782,
        ("day", "Asia/Almaty", "2024-03-01T18:59:59Z"): 19_783,
        ("week", "UTC", "1970-01-04T23:59:59Z"): 0,
        ("week", "UTC", "1970-01-05T00:00:00Z"): 1,
        ("month", "America/New_York", "2026-03-01T04:59:59Z"): 2026 * 12 + 1,
        ("total", "UTC", "2026-02-01T12:00:00Z"): 0,
    }
    assert {key: database.value(number, *key) for key in told} == told


def test_a_soft_cap_only_tells(full):
    offer = Offer(full, [cap("conversions", "1", hard=False), cap("clicks", "2", hard=False)])
    offer.convert(offer.click())
    wait_until(lambda: len(offer.alerts()) == 1, "the alert of the conversion")
    assert offer.goes_to() == "first"
    wait_until(lambda: len(offer.alerts()) == 2, "the alert of the clicks")
    assert {(alert["measure"], alert["hard"]) for alert in offer.alerts()} == {
        ("conversions", False),
        ("clicks", False),
    }
    assert offer.goes_to() == "first"


def test_a_larger_cap_opens_and_no_cap_too(full):
    offer = Offer(full, [cap("conversions", "1")])
    offer.convert(offer.click())
    offer.wait_goes_to("spare")
    path = f"/api/v1/destinations/{offer.first}"
    change = {"caps": [cap("conversions", "2")]}
    assert full.buyer.patch(path, json=change, headers=ANY_VERSION).status_code == 200
    offer.wait_goes_to("first")
    assert offer.caps()[0]["used"] == "1"


def test_nobody_sees_caps_of_another_team(full):
    offer = Offer(full, [cap("conversions", "1")])
    offer.convert(offer.click())
    wait_until(offer.alerts, "the alert")
    stranger = make_team(full.admin, full.root, "blue")[1]
    problem(stranger.get(f"/api/v1/destinations/{offer.first}/caps"), 404)
    assert stranger.get("/api/v1/cap-alerts").json()["data"] == []


@pytest.mark.proves("A39")
def test_best_roi_follows_what_was_earned(full):
    offer = Offer(full, selector="best_roi", exploration_percent=0, minimum_sample=5)
    seen = {"first": [], "spare": []}
    for _ in range(40):
        click = offer.click("?cost=1")
        seen[name_of(click)].append(click)
    assert min(len(clicks) for clicks in seen.values()) >= 5, "until one has its sample, weights decide"
    offer.convert(seen["spare"][0], revenue="100")

    def only(name):
        return lambda: {offer.goes_to() for _ in range(10)} == {name}

    wait_until(only("spare"), "the better one to have the visitors")
    for click in seen["first"][:3]:
        offer.convert(click, revenue="100")
    wait_until(only("first"), "the other one to become the better one")
