"""Landers: a page between click and destination. What is counted when, who is let through, and that nothing is lost."""

import threading
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lib.admin_client import made, make_campaign, make_team, problem
from lib.conservation import rollup_differs, stored_twice
from lib.full_stack import FullStack
from lib.tools import click_identity
from lib.wait import wait_until

PAGE = "https://{name}.example.com/?lander_click={{lander_click}}&sub1={{sub_id_1}}"
OFFER = "https://{name}.example.com/?cid={{click_id}}&s1={{sub_id_1}}&lp={{lander_id}}"
OFFERS = ("shoes", "boots", "hats")
NETWORK = {"name": "net", "key": "net", "parameters": [{"field": "click_id", "names": ["cid"]},
                                                       {"field": "transaction", "names": ["tx"]}]}  # fmt: skip


class Pages:
    """A campaign `sale` whose one stream shows landers before its destinations."""

    def __init__(self, full, landers=(("one", 1),), caps=(), **stream):
        self.full = full
        full.add_edge()
        post = full.buyer.post
        self.landers = {
            name: made(post("/api/v1/landers", json={"name": name, "url": PAGE.format(name=name)}))["id"]
            for name, _ in landers
        }
        self.offers = {
            name: made(post("/api/v1/destinations", json={"name": name, "url": OFFER.format(name=name), "caps": caps}))[
                "id"
            ]
            for name in OFFERS
        }
        self.campaign = make_campaign(full.buyer, "sale", cost="0.5", trafficback="https://back.example.com/")
        body = {
            "name": "all",
            "landers": [{"lander_id": self.landers[name], "weight": weight} for name, weight in landers],
            "destinations": [{"destination_id": id, "weight": 1} for id in self.offers.values()],
            **stream,
        }
        self.stream = made(post(f"/api/v1/campaigns/{self.campaign['id']}/streams", json=body))
        full.wait_pushed()

    def click(self, visitor="somebody", query="", **headers):
        return self.full.nginx.client.get(f"/c/sale{query}", headers={"user-agent": visitor, **headers})

    def follow(self, shown, path="/lp", visitor="somebody", method="GET", query="", **headers):
        """Follow a link of the page that `shown` led to; the page hands on the query that it was given."""
        given = urlsplit(shown.headers["location"]).query
        headers = {"user-agent": visitor, **headers}
        return self.full.nginx.client.request(method, f"{path}?{given}{query}", headers=headers)

    def rows(self, columns, table="lander_clicks"):
        return self.full.database.rows(f"SELECT {columns} FROM events.{table} ORDER BY id")

    def wait_stored(self, count, table="lander_clicks"):
        wait_until(lambda: len(self.rows("id", table)) == count, f"{count} rows of {table}")


def host(answer):
    return urlsplit(answer.headers.get("location", "")).netloc.removesuffix(".example.com")


def parameter(answer, name):
    return parse_qs(urlsplit(answer.headers["location"]).query).get(name, [""])[0]


def token(answer):
    return parameter(answer, "lander_click")


def test_a_click_goes_over_the_page_to_the_destination_and_stays_one_click(full):
    pages = Pages(full, selector="waterfall")
    shown = pages.click(query="?sub1=blue")
    assert (shown.status_code, host(shown), parameter(shown, "sub1")) == (302, "one", "blue")
    sent = pages.follow(shown)
    assert (sent.status_code, host(sent)) == (302, "shoes")
    cid = parameter(sent, "cid")
    assert (cid, parameter(sent, "s1")) == (token(shown)[:32], "blue")
    assert parameter(sent, "lp") == str(pages.landers["one"])
    again = pages.follow(shown)
    assert parameter(again, "cid") == cid
    pages.wait_stored(2)
    pages.wait_stored(1, "clicks")
    click = click_identity(cid)
    one, shoes = pages.landers["one"], pages.offers["shoes"]
    stream = pages.stream["id"]
    assert pages.rows("id, stream, lander, destination", "clicks") == [(click, stream, one, 0)]
    assert (
        pages.rows("click, stream, lander, destination, offer, reason, status, sub_ids")
        == [(click, stream, one, shoes, 0, 2, 302, ["blue"])] * 2
    )
    assert full.database.rows("SELECT click, lander FROM events.lander_views") == [(click, one)]
    totals = full.buyer.get("/api/v1/reports/overview").json()["totals"]
    assert [totals[name] for name in ("clicks", "lander_views", "lander_clicks", "lander_ctr_percent")] == [
        1,
        1,
        2,
        200,
    ]
    assert [money["cost"] for money in totals["money"]] == ["0.5"]
    assert rollup_differs(full.database) == []


def test_landers_have_exactly_their_shares(full):
    pages = Pages(full, landers=(("one", 50), ("two", 30), ("three", 20)))
    counts = Counter(host(pages.click(visitor=f"v{n}")) for n in range(100))
    assert counts == {"one": 50, "two": 30, "three": 20}
    assert Counter(host(pages.click(visitor="v")) for _ in range(10)) == {"one": 5, "two": 3, "three": 2}


def test_a_sticky_visitor_sees_the_same_page_and_the_same_offer(full):
    pages = Pages(full, landers=(("one", 1), ("two", 1)), selector="sticky")

    def way(visitor):
        shown = pages.click(visitor)
        return host(shown), host(pages.follow(shown, visitor=visitor))

    ways = {f"v{n}": way(f"v{n}") for n in range(40)}
    assert {lander for lander, _ in ways.values()} == {"one", "two"}
    assert {offer for _, offer in ways.values()} == set(OFFERS)
    full.nginx.reload()
    assert {visitor: way(visitor) for visitor in ways} == ways


def test_a_page_may_have_a_link_for_each_offer(full):
    pages = Pages(full, selector="waterfall")
    shown = pages.click()
    for number, offer in enumerate(OFFERS, 1):
        assert host(pages.follow(shown, f"/lp/{number}")) == offer
        assert host(full.nginx.client.get(f"/lp/{number}/{token(shown)}")) == offer
    for path in ("/lp", "/lp/", "/lp/0", "/lp/4", f"/lp/{token(shown)}", f"/lp/{token(shown).upper()}"):
        assert host(pages.follow(shown, path)) == "shoes", path
    pages.wait_stored(12)
    assert Counter(offer for (offer,) in pages.rows("offer")) == {0: 5, 1: 2, 2: 2, 3: 2, 4: 1}


@pytest.mark.proves("A45")
def test_caps_count_who_is_sent_to_the_destination_and_not_who_sees_a_page(full):
    cap = {"measure": "clicks", "period": "total", "amount": "2", "time_zone": "UTC", "hard": True}
    pages = Pages(full, caps=[cap])
    shown = [pages.click(f"v{n}") for n in range(20)]
    assert {host(answer) for answer in shown} == {"one"}
    sent = Counter(host(pages.follow(answer)) for answer in shown)
    assert sent == {"shoes": 2, "boots": 2, "hats": 2, "back": 14}
    assert host(pages.click("late")) == "back"
    pages.wait_stored(6)
    counted = "SELECT sum(amount) FROM events.cap_usage"
    wait_until(lambda: full.database.value(counted) == 6, "caps to be counted", 60)


def test_what_changed_since_the_page_was_shown_counts(full):
    pages = Pages(full, selector="waterfall")
    shown = pages.click()
    path = f"/api/v1/destinations/{pages.offers['shoes']}"
    assert full.buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    full.wait_pushed()
    assert host(pages.follow(shown)) == "boots"
    assert host(pages.follow(shown, "/lp/1")) == "boots"
    path = f"/api/v1/campaigns/{pages.campaign['id']}"
    assert full.buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    full.wait_pushed()
    assert host(pages.follow(shown)) == "back"
    pages.wait_stored(1, "trafficbacks")
    cid = click_identity(token(shown)[:32])
    assert pages.rows("reason, click, lander", "trafficbacks") == [(17, cid, pages.landers["one"])]


def test_anti_repeat_shows_every_offer_once(full):
    pages = Pages(full, anti_repeat_window_s=3600)
    shown = pages.click()
    assert {host(pages.follow(shown)) for _ in range(3)} == set(OFFERS)
    assert host(pages.follow(shown)) == "back"
    assert host(pages.click()) == "back"


def altered(text, at):
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def hostile(own, other):
    """What a stranger may send for a token of his own and one of somebody else, with the reason it is refused for."""
    yield "", 26
    for text in (
        own[:32], own[:-1], own + "0", altered(own, 3), altered(own, 31), altered(own, 33), altered(own, 42),
        altered(own, 55), own[:32] + other[32:], other[:32] + own[32:], own[32:] + own[:32], "0" * 56, "x" * 5000,
        "%00" + own, own[:20] + "%0d%0a" + own[20:], "https://evil.example/", "//evil.example", "../" + own,
    ):  # fmt: skip
        yield text, 27


def test_a_hostile_link_leads_to_no_offer_and_to_nobody_elses_page(full):
    pages = Pages(full, landers=(("one", 1), ("two", 1)))
    own, other = token(pages.click()), token(pages.click())
    reasons = []
    for text, reason in hostile(own, other):
        for query in ("", "&url=https://evil.example/", "&redirect_url=//evil.example&offer=//evil.example"):
            answer = full.nginx.client.get(f"/lp/1?lander_click={text}{query}")
            assert (answer.status_code, answer.headers.get("location")) == (404, None), text
            reasons.append(reason)
    answer = full.nginx.client.get(f"/lp/1?lander_click={own}&url=//evil.example", headers={"Host": "evil.example"})
    assert urlsplit(answer.headers["location"]).netloc == "shoes.example.com"
    pages.wait_stored(len(reasons), "trafficbacks")
    assert Counter(reason for (reason,) in pages.rows("reason", "trafficbacks")) == Counter(reasons)
    assert len(pages.rows("id")) == 1


@pytest.fixture
def hasty(workspace, database):
    """Links are good for a second."""
    stack = FullStack(workspace, database, lander_options="window=1s")
    yield stack
    stack.finish()


def test_a_link_that_is_followed_too_late_goes_to_the_trafficback_of_its_campaign(hasty):
    pages = Pages(hasty)
    shown = pages.click()
    late = wait_until(lambda: (a := pages.follow(shown, "/lp/")) and host(a) == "back" and a, "the link to expire")
    assert late.status_code == 302
    pages.wait_stored(1, "trafficbacks")
    assert pages.rows("reason, campaign, cost", "trafficbacks") == [(28, pages.campaign["id"], None)]


@pytest.mark.parametrize(("method", "headers", "label"), [("HEAD", {}, 4), ("GET", {"Sec-Purpose": "prefetch"}, 2)])
def test_machines_are_answered_and_labelled_and_use_no_cap(full, method, headers, label):
    cap = {"measure": "clicks", "period": "total", "amount": "1", "time_zone": "UTC", "hard": True}
    pages = Pages(full, caps=[cap])
    shown = pages.click()
    for _ in range(6):
        assert host(pages.follow(shown, method=method, **headers)) in OFFERS
    assert Counter(host(pages.follow(shown)) for _ in range(4)) == {**dict.fromkeys(OFFERS, 1), "back": 1}
    pages.wait_stored(9)
    assert Counter(labels for (labels,) in pages.rows("labels")) == {label: 6, 0: 3}


def test_a_lander_is_reached_and_left_in_the_way_that_the_stream_wants(full):
    pages = Pages(full, redirect_kind="meta", selector="waterfall")
    shown = pages.click(query="?sub1=a")
    assert shown.status_code == 200
    assert "https://one.example.com/?lander_click=" in shown.text
    text = shown.text.split("lander_click=")[1][:56]
    sent = full.nginx.client.get(f"/lp/2/{text}")
    assert sent.status_code == 200
    assert "https://boots.example.com/" in sent.text


def test_a_conversion_belongs_to_the_offer_that_was_followed_last_before_it(full):
    pages = Pages(full)
    secret = made(full.buyer.post("/api/v1/networks", json=NETWORK))["secret"]
    full.wait_pushed()
    shown = pages.click()
    for number in (1, 3):
        sent = pages.follow(shown, f"/lp/{number}")
    cid = parameter(sent, "cid")
    assert full.nginx.client.get(f"/postback/net/{secret}?cid={cid}&tx=1").status_code == 200
    pages.follow(shown, "/lp/2")
    pages.wait_stored(3)
    found = "SELECT attribution, stream, destination FROM events.conversions"
    wanted = [("attributed", pages.stream["id"], pages.offers["hats"])]
    wait_until(lambda: full.database.rows(found) == wanted, "the conversion to find its offer", 30)


def test_explain_tells_the_page_and_what_followed(full):
    pages = Pages(full, landers=(("one", 1), ("two", 0)), selector="waterfall")
    told = full.buyer.post("/api/v1/explain", json={"url": "/c/sale?sub1=x"}).json()
    one, two = pages.landers["one"], pages.landers["two"]
    assert told["streams"][0]["landers"] == [
        {"id": one, "weight": 1, "active": True, "chosen": True},
        {"id": two, "weight": 0, "active": True, "chosen": False},
    ]
    decision = told["decision"]
    assert (decision["lander"], decision["destination"]) == (one, None)
    assert decision["url"] == f"https://one.example.com/?lander_click={'0' * 56}&sub1=x"
    shown = pages.click(query="?sub1=y")
    sent = pages.follow(shown, "/lp/2")
    pages.wait_stored(1)
    pages.wait_stored(1, "clicks")
    for table, location in (("clicks", shown.headers["location"]), ("lander_clicks", sent.headers["location"])):
        [(id,)] = pages.rows("id::text", table)
        told = full.buyer.post("/api/v1/explain", json={"click": id}).json()
        assert told["same"]
        assert told["decision"]["url"] == location
        assert told["decision"]["lander"] == one


def test_nothing_is_lost_or_twice_when_workers_are_killed(full):
    pages = Pages(full, landers=(("one", 50), ("two", 50)))
    told = {"clicks": Counter(), "lander_clicks": Counter()}
    stop = threading.Event()
    lock = threading.Lock()

    def visit(number):
        with httpx.Client(base_url=full.nginx.url, timeout=10) as client:
            for n in range(100_000):
                if stop.is_set():
                    return
                try:
                    shown = client.get(f"/c/sale?sub1=n{number}-{n}")
                    query = urlsplit(shown.headers["location"]).query
                    with lock:
                        told["clicks"][f"n{number}-{n}"] += 1
                    for _ in range(n % 3):
                        assert client.get(f"/lp?{query}").status_code == 302
                        with lock:
                            told["lander_clicks"][f"n{number}-{n}"] += 1
                except httpx.TransportError:
                    continue  # it went to a worker that was killed

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            enough = told["lander_clicks"].total() + 100
            wait_until(lambda enough=enough: told["lander_clicks"].total() > enough, "more lander clicks")
            full.nginx.kill_worker(full.nginx.workers()[0])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for table, answered in told.items():
        wait_until(lambda t=table, a=answered: len(pages.rows("id", t)) >= a.total(), f"{table} to be stored", 60)
        stored = Counter(uid for (uid,) in pages.rows("sub_ids[1]", table))
        assert all(stored[uid] >= count for uid, count in answered.items())
        assert (stored - answered).total() <= 5 * len(threads)  # in flight when a worker died
    assert stored_twice(full.database) == []
    assert rollup_differs(full.database) == []


REFUSED = {
    "no name": ({"url": PAGE.format(name="x")}, "name"),
    "no URL": ({"name": "x"}, "url"),
    "no token for its links": ({"name": "x", "url": "https://x.example/?c={click_id}"}, "url"),
    "another scheme": ({"name": "x", "url": "javascript:alert({lander_click})"}, "url"),
    "a macro for a host": ({"name": "x", "url": "https://{sub_id_1}/?t={lander_click}"}, "url"),
    "another state": ({"name": "x", "url": PAGE.format(name="x"), "state": "on"}, "state"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_lander_that_could_not_work_is_refused_with_its_field(buyer, name):
    body, field = REFUSED[name]
    refused = problem(buyer.post("/api/v1/landers", json=body), 422)
    assert [error["field"] for error in refused["errors"]] == [field]


def test_a_stream_takes_only_landers_of_its_team_each_once_and_one_that_is_shown(admin, root, buyer):
    lander = {"name": "page", "url": PAGE.format(name="page")}
    own = made(buyer.post("/api/v1/landers", json=lander))["id"]
    stranger = make_team(admin, root, "blue")[1]
    foreign = made(stranger.post("/api/v1/landers", json=lander))["id"]
    problem(buyer.get(f"/api/v1/landers/{foreign}"), 404)
    assert [item["id"] for item in buyer.get("/api/v1/landers").json()["data"]] == [own]
    path = f"/api/v1/campaigns/{make_campaign(buyer)['id']}/streams"
    for landers, field in (
        ([{"lander_id": foreign}], "landers"),
        ([{"lander_id": 4711}], "landers"),
        ([{"lander_id": own}, {"lander_id": own}], "landers[1].lander_id"),
        ([{"lander_id": own, "weight": 0}], "landers"),
        ([{"lander_id": own, "weight": -1}], "landers[0].weight"),
        ([{"weight": 1}], "landers[0].lander_id"),
    ):
        refused = problem(buyer.post(path, json={"landers": landers}), 422)
        assert [error["field"] for error in refused["errors"]] == [field]
    stream = made(buyer.post(path, json={"landers": [{"lander_id": own, "weight": 7}]}))
    assert stream["landers"] == [{"lander_id": own, "weight": 7}]
    changed = buyer.patch(f"/api/v1/streams/{stream['id']}", json={"landers": []}, headers={"If-Match": "*"}).json()
    assert changed["landers"] == []
