"""Recorded clicks, decided again by explain, go where they went."""

import random
import time
from urllib.parse import urlencode, urlsplit

import pytest

from lib.admin_client import made, make_campaign
from lib.full_stack import FullStack
from lib.places import ROOT
from lib.wait import wait_until

CLICKS = 1000
GEO = ROOT / "core/geo/fixtures/country-flat.mmdb"
RULES = ROOT / "conf/user-agents/agents.rules"
VISITORS = {"geo": [f'files: "{GEO}"'], "user_agents": [f'rules: "{RULES}"']}
EDGE = f"tributary_geoip {GEO}; tributary_user_agents {RULES};"
REALIP = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"

ADDRESSES = [f"192.0.2.{n}" for n in (1, 2, 3, 77, 129, 200, 250)] + ["127.9.9.9", "203.0.113.5", "2001:db8::7", "::1"]
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 "
    "Safari/604.1"
)
AGENTS = [
    PHONE,
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.7.1",
    "",
]
APPS = ["com.facebook.katana", "com.facebook.orca", "com.instagram.android", "XMLHttpRequest"]
REFERRERS = ["", "https://www.google.com/search?q=shoes", "https://news.example/a%20b?x=1", "android-app://com.example"]
URL = (
    "https://d{n}.example/p?c={{click_id}}&s={{stream_id}}&k={{keyword}}&u={{user_agent}}&r={{referrer}}"
    "&cost={{cost}}{{currency}}&ip={{ip}}&t={{timestamp}}&sub={{sub_id_1}}"
)


@pytest.fixture
def replay(workspace, database):
    stack = FullStack(workspace, database, settings=VISITORS, ingestor_settings=VISITORS, http=EDGE, server=REALIP)
    stack.add_edge()
    yield stack
    stack.finish()


def add_destination(buyer, n, **fields):
    body = {"name": f"d{n}", "url": URL.format(n=n), **fields}
    return made(buyer.post("/api/v1/destinations", json=body))["id"]


def add_stream(buyer, campaign, name, destinations, **fields):
    items = [{"destination_id": id, "weight": weight} for id, weight in destinations]
    body = {"name": name, "destinations": items, **fields}
    return made(buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=body))["id"]


def add_lander(buyer, name):
    url = f"https://page-{name}.example/?lander_click={{lander_click}}&sub1={{sub1}}&l={{lander_id}}&k={{keyword}}"
    return made(buyer.post("/api/v1/landers", json={"name": name, "url": url}))["id"]


def condition(kind, *accepted, negated=False, argument=""):
    return {"kind": kind, "negated": negated, "argument": argument, "accepted": list(accepted)}


def clicks_cap(amount, **fields):
    return [{"measure": "clicks", "period": "total", "amount": str(amount), "time_zone": "UTC", "hard": True, **fields}]


def configure(replay):
    """Campaign `mix` (by priority): its stream whose shares are exact, the one for apps; who asks for headers."""
    buyer = replay.buyer
    d = {n: add_destination(buyer, n) for n in (1, 2, 3, 5, 6, 8)}
    d[4] = add_destination(buyer, 4, caps=clicks_cap(30) + clicks_cap(8, per=2), overflow_id=d[5])
    closed = [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00", "first_day": "2099-01-01"}]
    d[7] = add_destination(buyer, 7, schedules=closed)
    mix = make_campaign(
        buyer, "mix", currency="USD", cost="0.25", trafficback="https://back.example/?c={click_id}&r={referrer}"
    )
    apps = [condition("x_requested_with", "com.facebook.*"), condition("header", "beta", argument="X-App-Channel")]
    in_apps = add_stream(buyer, mix, "apps", [(d[3], 1)], position=0, conditions=apps)
    phones = [condition("country", "DE", "NL"), condition("device", "phone")]
    exact = add_stream(buyer, mix, "phones", [(d[1], 50), (d[2], 30), (d[3], 20)], position=1, conditions=phones)
    search = [condition("search_engine", "google")]
    add_stream(buyer, mix, "search", [(d[7], 1), (d[4], 1)], position=2, selector="waterfall", conditions=search)
    zone = [condition("parameter", "1*", "/^x[0-9]$/", argument="zone"), condition("bot", "true", negated=True)]
    add_stream(
        buyer, mix, "zones", [(d[1], 1), (d[4], 1), (d[6], 1)], position=3, selector="round_robin", conditions=zone
    )
    limit = [condition("click_limit", "20", argument="total"), condition("country", "US", "JP")]
    add_stream(buyer, mix, "limited", [(d[2], 3), (d[3], 1)], position=4, conditions=limit)
    draw = make_campaign(
        buyer, "draw", currency="EUR", stream_order="weight", trafficback="https://back.example/{click_id}"
    )
    known = [condition("country", "", negated=True), condition("header", "1", negated=True, argument="DNT")]
    add_stream(buyer, draw, "half", [(d[1], 1), (d[7], 5)], weight=5, conditions=known)
    add_stream(buyer, draw, "third", [(d[2], 2), (d[8], 1)], weight=3)
    add_stream(buyer, draw, "rest", [(d[4], 1), (d[7], 1)], weight=2, selector="waterfall")
    pages = make_campaign(buyer, "pages", currency="USD", trafficback="https://back.example/{click_id}")
    a, b, off = (add_lander(buyer, name) for name in ("a", "b", "off"))
    path = f"/api/v1/landers/{off}"
    assert buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    d[9] = add_destination(buyer, 9, caps=clicks_cap(15) + clicks_cap(4, per=2))
    shown = {"landers": [{"lander_id": a, "weight": 3}, {"lander_id": off}, {"lander_id": b, "weight": 2}]}
    add_stream(
        buyer, pages, "sticky", [(d[1], 2), (d[9], 1)], position=1, selector="sticky", conditions=phones, **shown
    )
    add_stream(buyer, pages, "exact", [(d[2], 1), (d[9], 2)], position=2, anti_repeat_window_s=60, **shown)
    shut = make_campaign(buyer, "shut")
    add_stream(buyer, shut, "never", [(d[7], 1)])
    made_paused = make_campaign(buyer, "paused", trafficback="https://back.example/paused/{click_id}")
    path = f"/api/v1/campaigns/{made_paused['id']}"
    assert buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    replay.wait_pushed()
    return mix, exact, in_apps, [mix["id"], draw["id"]]


def change_weights(replay, mix):
    """Another generation: later clicks are decided by it."""
    path = f"/api/v1/campaigns/{mix['id']}"
    assert replay.buyer.patch(path, json={"cost": "0.5"}, headers={"If-Match": "*"}).status_code == 200
    replay.wait_pushed()


def wait_for_the_next_millisecond():
    """Clicks of one millisecond on two workers have no order among them."""
    begun = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == begun:
        pass


def send(replay, choose, uid):
    """One click of a mixed crowd; what it was answered."""
    query = {"sub1": uid, "sub2": choose.choice(["pub-1", "pub-2", "Ünï", ""])}
    if choose.random() < 0.5:
        query["zone"] = choose.choice(["1", "12", "2", "x7", "x77", "Ünï"])
    if choose.random() < 0.3:
        query["keyword"] = choose.choice(["red shoes", "100% & more", "naïve"])
    if choose.random() < 0.2:
        query["cost"] = "0.125"
    headers = {"X-Forwarded-For": choose.choice(ADDRESSES), "User-Agent": choose.choice([PHONE, *AGENTS])}
    if choose.random() < 0.4:
        headers |= {"X-Requested-With": choose.choice(APPS), "X-App-Channel": choose.choice(["beta", "stable"])}
    if choose.random() < 0.4:
        headers["DNT"] = choose.choice(["1", "0"])
    referrer = choose.choice(REFERRERS)
    if referrer:
        headers["Referer"] = referrer
    if choose.random() < 0.05:
        headers["Sec-Purpose"] = "prefetch"
    if choose.random() < 0.5:
        headers["Connection"] = "close"  # so that both workers get some
    method = "HEAD" if choose.random() < 0.08 else "GET"
    slug = choose.choice(["mix"] * 6 + ["draw"] * 4 + ["pages"] * 3 + ["shut", "paused", "nothing"])
    wait_for_the_next_millisecond()
    answer = replay.nginx.client.request(method, f"/c/{slug}?{urlencode(query)}", headers=headers)
    return answer.headers.get("location"), headers


def follow(replay, choose, page, headers, uid):
    """A link of the page; where it leads."""
    wait_for_the_next_millisecond()
    query = urlsplit(page).query.replace("&sub1=", "&was=")
    path = choose.choice(["/lp", "/lp/1", "/lp/2", "/lp/7"])
    method = "HEAD" if choose.random() < 0.1 else "GET"
    answer = replay.nginx.client.request(method, f"{path}?{query}&sub1={uid}", headers=headers)
    return answer.headers.get("location")


def recorded_ids(database, count):
    """The id of every event, by what the sender called it; once all are stored."""
    tables = ("clicks", "trafficbacks", "lander_clicks")
    sql = " UNION ALL ".join(f"SELECT sub_ids[1], id::text FROM events.{table}" for table in tables)

    def all_stored():
        rows = database.rows(sql)
        return dict(rows) if len(rows) == count else None

    return wait_until(all_stored, "every click to be stored")


def explained(replay, id, **more):
    answer = replay.root.post("/api/v1/explain", json={"click": id, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def beginning_of_turns(replay, ids):
    """Where a rotation stood before these clicks, when one place in it explains all of them, one turn each."""
    beginnings = set(range(10))
    for n, id in enumerate(ids):
        beginnings = {turn for turn in beginnings if explained(replay, id, turn=turn + n)["same"]}
    return beginnings


def test_a_thousand_recorded_clicks_are_decided_again_as_they_were(replay, database):
    mix, exact, apps, asking = configure(replay)
    choose = random.Random(7)
    answers = {}
    for n in range(CLICKS):
        if n == CLICKS // 2:
            change_weights(replay, mix)
        answers[f"n{n}"], headers = send(replay, choose, f"n{n}")
        if answers[f"n{n}"] and "lander_click=" in answers[f"n{n}"]:
            for times in range(choose.randrange(3)):
                answers[f"n{n}-{times}"] = follow(replay, choose, answers[f"n{n}"], headers, f"n{n}-{times}")
    ids = recorded_ids(database, len(answers))
    assert ids.keys() == answers.keys()
    differing = []
    reasons = set()
    verdicts = set()
    led = set()
    for uid, location in answers.items():
        told = explained(replay, ids[uid])
        reasons.add(told["decision"]["reason"])
        verdicts.update(stream["verdict"] for stream in told["streams"])
        led.add((told["decision"]["lander"] is not None, told["decision"]["destination"] is not None))
        verdicts.update(item["standing"] for stream in told["streams"] for item in stream["destinations"])
        if not told["same"] or told["decision"]["url"] != location:
            differing.append((uid, location, told))
    assert differing == []
    # The crowd was mixed indeed: straight to a destination, to a page, from there to a destination, back.
    assert led == {(False, True), (True, False), (True, True), (False, False)}
    assert reasons >= {"regular", "no_destination", "no_stream", "campaign_paused", "unknown_campaign"}
    assert verdicts >= {"taken", "condition", "click_limit", "open", "capped", "off_schedule"}
    # Of headers those are stored that conditions asked for, and no others.
    by_header = database.value("SELECT count(*) FROM events.clicks WHERE stream = %s", apps)
    assert by_header > 5
    lines = database.rows("SELECT DISTINCT unnest(string_to_array(trim(headers, E'\n'), E'\n')) FROM events.clicks")
    assert {line.split(":")[0] for (line,) in lines} == {"x-requested-with", "x-app-channel", "dnt"}
    others = "SELECT count(*) FROM events.trafficbacks WHERE campaign <> ALL(%s) AND headers IS NOT NULL"
    assert database.value(others, asking) == 0
    # And the one thing that is not stored, the place in the rotation, moves by one with each click that counts.
    sql = "SELECT id::text FROM events.clicks WHERE stream = %s AND labels & 6 = 0 ORDER BY id"
    turns = [id for (id,) in database.rows(sql, exact)]
    assert len(turns) > 50
    assert len(beginning_of_turns(replay, turns)) > 0
