"""POST /api/v1/explain and `tributary-admin explain`: why a click would go where it would."""

import json
import os
import subprocess

import pytest

from lib.admin_client import made, make_campaign, make_team, problem
from lib.places import ROOT, program
from lib.stored_clicks import store_clicks
from lib.wait import wait_until

COUNTRY = {"kind": "header", "negated": False, "argument": "X-Country", "accepted": ["KZ", "KG"]}
REFUSED = {
    "no URL": ({}, "url"),
    "a URL of another scheme": ({"url": "ftp://x.example/c/sale"}, "url"),
    "a host that is none": ({"url": "https://a b/c/sale"}, "url"),
    "a path that is malformed": ({"url": "/c/%zz"}, "url"),
    "an address that is none": ({"url": "/c/sale", "ip": "1.2.3"}, "ip"),
    "a time without a zone": ({"url": "/c/sale", "at": "2026-01-31T12:00:00"}, "at"),
    "a day that is none": ({"url": "/c/sale", "at": "2026-02-30T12:00:00Z"}, "at"),
    "another method": ({"url": "/c/sale", "method": "POST"}, "method"),
    "a header that is no text": ({"url": "/c/sale", "headers": {"X": 1}}, "headers.X"),
    "too many headers": ({"url": "/c/sale", "headers": {f"h{n}": "" for n in range(101)}}, "headers"),
    "a user agent that is too long": ({"url": "/c/sale", "user_agent": "x" * 8193}, "user_agent"),
    "a generation that is none": ({"url": "/c/sale", "generation": "newest"}, "generation"),
    "a turn below zero": ({"url": "/c/sale", "turn": -1}, "turn"),
    "a field that is not known": ({"url": "/c/sale", "agent": "x"}, "agent"),
    "an id that is none": ({"click": "abc"}, "click"),
    "an id that is forged": ({"click": "0" * 32}, "click"),
}


def add_destination(buyer, name, **fields):
    body = {"name": name, "url": f"https://{name}.example/?c={{click_id}}&k={{keyword}}", **fields}
    return made(buyer.post("/api/v1/destinations", json=body))["id"]


def add_stream(buyer, campaign, *destinations, **fields):
    items = [{"destination_id": id, "weight": weight} for id, weight in destinations]
    body = {"name": "some", "destinations": items, **fields}
    return made(buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=body))["id"]


@pytest.fixture
def sale(buyer):
    """A campaign whose first stream is for two countries; ids of streams and destinations."""
    ids = {name: add_destination(buyer, name) for name in ("kz", "one", "two")}
    campaign = make_campaign(buyer, "sale", trafficback="https://back.example/")
    ids["narrow"] = add_stream(buyer, campaign, (ids["kz"], 1), position=1, conditions=[COUNTRY])
    ids["wide"] = add_stream(buyer, campaign, (ids["one"], 1), (ids["two"], 1), position=2)
    return ids


def explain(client, url="https://t.example/c/sale?keyword=red+shoes", **more):
    answer = client.post("/api/v1/explain", json={"url": url, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_stream_that_was_tried_is_told_with_its_conditions(buyer, sale):
    told = explain(buyer, headers={"x-country": "DE"})
    assert [(stream["id"], stream["verdict"]) for stream in told["streams"]] == [
        (sale["narrow"], "condition"),
        (sale["wide"], "taken"),
    ]
    (asked,) = told["streams"][0]["conditions"]
    assert (asked["kind"], asked["argument"], asked["accepted"]) == ("header", "x-country", ["kg", "kz"])
    assert (asked["seen"], asked["match"], asked["holds"]) == ("DE", "none", False)
    assert {item["id"]: item["standing"] for item in told["streams"][1]["destinations"]} == {
        sale["one"]: "open",
        sale["two"]: "open",
    }
    decision = told["decision"]
    assert (decision["reason"], decision["stream"], decision["status"]) == ("regular", sale["wide"], 302)
    name = "one" if decision["destination"] == sale["one"] else "two"
    assert decision["url"] == f"https://{name}.example/?c={'0' * 32}&k=red%20shoes"
    assert explain(buyer, headers={"X-Country": "kz"})["decision"]["destination"] == sale["kz"]


def test_the_turn_may_be_named(buyer, sale):
    turns = [explain(buyer, turn=turn)["decision"]["destination"] for turn in range(4)]
    assert sorted(turns[:2]) == sorted([sale["one"], sale["two"]])
    assert turns[2:] == turns[:2]


def test_a_full_cap_and_a_closed_schedule_are_told(buyer):
    cap = {"measure": "clicks", "period": "day", "amount": "0", "time_zone": "Asia/Almaty", "hard": True}
    full = add_destination(buyer, "full", caps=[cap])
    office = {"weekdays": [1], "opens": "09:00", "closes": "18:00", "time_zone": "UTC"}
    shut = add_destination(buyer, "shut", schedules=[office])
    campaign = make_campaign(buyer, "caps", trafficback="https://back.example/{campaign_id}")
    add_stream(buyer, campaign, (full, 1), (shut, 1))
    told = explain(buyer, "/c/caps", at="2026-11-24T12:00:00Z")  # a Tuesday
    destinations = {item["id"]: item for item in told["streams"][0]["destinations"]}
    assert (destinations[full]["standing"], destinations[shut]["standing"]) == ("capped", "off_schedule")
    (told_cap,) = destinations[full]["caps"]
    assert (told_cap["count"], told_cap["amount"], told_cap["answer"]) == (0, 0, "full")
    assert told_cap["time_zone"] == "Asia/Almaty"
    assert told["decision"]["reason"] == "capped"
    assert told["decision"]["url"].split("?")[0] == f"https://back.example/{campaign['id']}"
    monday = explain(buyer, "/c/caps", at="2026-11-23T12:00:00Z")
    assert monday["decision"]["destination"] == shut


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_its_field(buyer, sale, name):
    body, field = REFUSED[name]
    refused = problem(buyer.post("/api/v1/explain", json=body), 422)
    assert field in [error["field"] for error in refused["errors"]]


def test_a_next_hop_that_the_campaign_allows_is_where_the_click_goes(buyer, sale):
    campaign = make_campaign(buyer, "open", next_hops=["https://shop.example/sale"])
    add_stream(buyer, campaign, (sale["one"], 1))
    told = explain(buyer, "/c/open?url=https%3A%2F%2Fshop.example%2Fsale%2Fa%3Fx%3D1")
    assert (told["decision"]["reason"], told["decision"]["status"], told["streams"]) == ("direct", 302, [])
    assert told["decision"]["url"] == f"https://shop.example/sale/a?x=1&click_id={'0' * 32}"
    assert explain(buyer, "/c/open?url=https://shop.example/sales")["decision"]["destination"] == sale["one"]


def test_what_is_no_utf8_is_told_as_text(buyer, sale):
    asked = [{"kind": "query", "accepted": ["x"]}, {"kind": "parameter", "argument": "k", "accepted": ["x"]}]
    add_stream(buyer, {"id": explain(buyer)["campaign"]}, (sale["one"], 1), position=0, conditions=asked)
    told = explain(buyer, "/c/sale?k=a%ff%fe")
    assert [item["seen"] for item in told["streams"][0]["conditions"]] == ["k=a%ff%fe", "a\ufffd\ufffd"]


@pytest.mark.parametrize("path", ["//c//sale", "/c/./sale", "/a/../c/sale", "/c/x/%2e%2e/sale"])
def test_a_path_is_read_as_nginx_reads_it(buyer, sale, path):
    assert explain(buyer, f"https://t.example{path}")["decision"]["stream"] == sale["wide"]


def test_a_campaign_of_another_team_is_none(admin, root, buyer, sale):
    other = make_team(admin, root, "blue")[1]
    refused = problem(other.post("/api/v1/explain", json={"url": "/c/sale"}), 422)
    assert refused["errors"] == [{"field": "url", "reason": "names no campaign of your team"}]
    assert explain(root, "/c/sale")["campaign"] == explain(buyer, "/c/sale")["campaign"]
    assert explain(root, "/c/nothing")["decision"]["reason"] == "unknown_campaign"
    problem(other.post("/api/v1/explain", json={"url": "/c/nothing"}), 422)


def test_a_generation_that_is_not_kept_is_refused_by_name(buyer, sale):
    refused = problem(buyer.post("/api/v1/explain", json={"url": "/c/sale", "generation": "9-9"}), 409)
    assert refused["code"] == "generation_not_kept"
    assert "9-9" in refused["detail"]


def test_a_click_that_was_not_recorded_is_not_found(root, sale):
    click = "01234567-89ab-cdef-0123-456789abcdef"
    problem(root.post("/api/v1/explain", json={"click": click}), 404)


def command(admin, *arguments, **environment):
    line = [program("tributary-admin"), "explain", *arguments, "--config", admin.settings]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


def test_the_command_tells_the_same_as_the_api(admin, buyer, sale):
    arguments = ["/c/sale?keyword=x", "--header", "X-Country: KG", "--ip", "192.0.2.1", "--at", "2026-11-21T12:00:00Z"]
    body = {"headers": {"X-Country": "KG"}, "ip": "192.0.2.1", "at": "2026-11-21T12:00:00Z"}
    done = command(admin, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == explain(buyer, "/c/sale?keyword=x", **body)
    tree = command(admin, *arguments).stdout
    assert f"decision    regular: stream {sale['narrow']}, destination {sale['kz']}" in tree
    assert "yes  header x-country is kg, kz; seen: KG" in tree


def test_the_command_uses_the_data_files_and_tells_nothing_of_them(admin, sale):
    files = ROOT / "core/geo/fixtures/country-flat.mmdb"
    done = command(admin, "/c/sale", "--ip", "192.0.2.1", "--json", TRIBUTARY_ADMIN_GEO__FILES=str(files))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["visitor"]["country"]


def test_the_command_names_a_mistake(admin, sale):
    for arguments, words in (
        ([], "give a URL"),
        (["/c/sale", "--ip", "1.2"], "ip"),
        (["/c/x", "--header", "y"], "NAME"),
    ):
        done = command(admin, *arguments)
        assert done.returncode == 1
        assert words in done.stderr


READ_OF_CLICKS = """
SELECT seq_scan, idx_scan, heap_blks_read + heap_blks_hit AS pages
FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid) WHERE relid = %s::regclass
"""


def test_earlier_visits_are_found_without_reading_all_clicks_of_the_window(database, admin, buyer):
    one, two = add_destination(buyer, "one"), add_destination(buyer, "two")
    campaign = make_campaign(buyer)
    stream = add_stream(buyer, campaign, (one, 1), (two, 1), anti_repeat_window_s=86400)
    day, table = store_clicks(database, campaign["team_id"], campaign["id"], stream, one)
    database.execute("SELECT events.summarize_visits(ARRAY[%s::date])", day)
    database.execute(f"ANALYZE {table}")
    pages = database.value("SELECT pg_relation_size(%s) / 8192", table)
    # A session adds what it read to the statistics when it ends, which is after its client has left.
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
    wait_until(lambda: database.value(others) == 1, "the sessions that stored the clicks to end", 30)
    before = database.rows(READ_OF_CLICKS, table)[0]

    told = explain(buyer, at=f"{day}T13:00:00Z", ip="10.0.78.32", user_agent="browser", url="/c/sale")
    standings = {item["id"]: item["standing"] for item in told["streams"][0]["destinations"]}
    assert standings == {one: "repeated", two: "open"}

    def read():
        after = database.rows(READ_OF_CLICKS, table)[0]
        return after if after != before else None

    sequential, by_index, touched = wait_until(read, "PostgreSQL to have counted what was read", 60)
    assert (sequential, by_index > before[1]) == (before[0], True)
    assert touched - before[2] < pages / 10
