"""Streams that many campaigns have together: made over the API, compiled once, counted by every campaign for itself."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from lib.admin_client import compile_problems, made, make_campaign, make_destination, make_team, problem
from lib.wait import wait_until

ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def rotation(buyer):
    return made(buyer.post("/api/v1/rotations", json={"name": "Nutra"}))


def add_stream(buyer, rotation, destinations, **fields):
    shares = [{"destination_id": one, "weight": weight} for one, weight in destinations]
    return made(buyer.post(f"/api/v1/rotations/{rotation['id']}/streams", json={"destinations": shares, **fields}))


def test_a_rotation_has_streams_and_says_how_many_campaigns_have_it(root, buyer, rotation):
    stream = add_stream(buyer, rotation, [(make_destination(buyer)["id"], 1)], name="all")
    assert (stream["rotation_id"], stream["campaign_id"]) == (rotation["id"], None)
    other = made(buyer.post("/api/v1/streams", json={"rotation_id": rotation["id"], "position": 1}))
    listed = buyer.get(f"/api/v1/rotations/{rotation['id']}/streams").json()["data"]
    assert [item["id"] for item in listed] == [stream["id"], other["id"]]
    campaign = make_campaign(buyer, rotation_id=rotation["id"])
    assert campaign["rotation_id"] == rotation["id"]
    path = f"/api/v1/rotations/{rotation['id']}"
    assert buyer.get(path).json()["campaigns"] == 1
    assert compile_problems(root) == []
    refused = problem(buyer.delete(path, headers=ANY_VERSION), 409)
    assert refused["detail"] == f"1 campaigns have it as rotation_id: {campaign['id']}"
    campaign_path = f"/api/v1/campaigns/{campaign['id']}"
    assert buyer.patch(campaign_path, json={"rotation_id": None}, headers=ANY_VERSION).json()["rotation_id"] is None
    assert buyer.delete(path, headers=ANY_VERSION).status_code == 204
    problem(buyer.get(path), 404)
    errors = problem(buyer.patch(campaign_path, json={"rotation_id": rotation["id"]}, headers=ANY_VERSION), 422)[
        "errors"
    ]
    assert [error["field"] for error in errors] == ["rotation_id"]


@pytest.mark.parametrize(
    ("owner", "field"),
    [
        ({}, "campaign_id"),
        ({"campaign_id": None}, "campaign_id"),
        ({"campaign_id": 1, "rotation_id": 1}, "rotation_id"),
        ({"rotation_id": "x"}, "rotation_id"),
    ],
)
def test_a_stream_is_part_of_a_campaign_or_of_a_rotation(buyer, rotation, owner, field):
    make_campaign(buyer)
    assert [error["field"] for error in problem(buyer.post("/api/v1/streams", json=owner), 422)["errors"]] == [field]


def test_a_stream_that_cannot_be_published_is_refused_also_where_no_campaign_has_the_rotation(buyer, rotation):
    broken = {"destinations": [{"destination_id": make_destination(buyer)["id"], "weight": 0}]}
    refused = buyer.post(f"/api/v1/rotations/{rotation['id']}/streams", json=broken)
    assert [error["field"] for error in problem(refused, 422)["errors"]] == ["weight"]


def test_a_rotation_has_64_streams_at_most_and_one_default(buyer, rotation):
    for position in range(64):
        last = add_stream(buyer, rotation, [], position=position)
    path = f"/api/v1/rotations/{rotation['id']}/streams"
    assert problem(buyer.post(path, json={}), 422)["errors"][0]["reason"] == "has 64 streams already"
    assert buyer.delete(f"/api/v1/streams/{last['id']}", headers=ANY_VERSION).status_code == 204
    add_stream(buyer, rotation, [], kind="default")
    first = buyer.get(path).json()["data"][0]
    problem(buyer.patch(f"/api/v1/streams/{first['id']}", json={"kind": "default"}, headers=ANY_VERSION), 409)


def test_rotations_stay_in_their_team(admin, root, buyer, rotation):
    blue = make_team(admin, root, "blue")[1]
    problem(blue.get(f"/api/v1/rotations/{rotation['id']}"), 404)
    problem(blue.post("/api/v1/streams", json={"rotation_id": rotation["id"]}), 404)
    theirs = {"name": "x", "slug": "x", "rotation_id": rotation["id"]}
    assert problem(blue.post("/api/v1/campaigns", json=theirs), 422)["errors"][0]["field"] == "rotation_id"
    foreign = {"destinations": [{"destination_id": make_destination(blue)["id"]}]}
    path = f"/api/v1/rotations/{rotation['id']}/streams"
    assert problem(buyer.post(path, json=foreign), 422)["errors"][0]["field"] == "destinations"


def test_every_campaign_has_a_counter_of_its_own_for_every_stream(buyer, rotation, database):
    add_stream(buyer, rotation, [])
    for n in range(3):
        make_campaign(buyer, f"c{n}", rotation_id=rotation["id"])
    with ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(add_stream, buyer, rotation, [], position=n) for n in range(6)]
        calls += [pool.submit(make_campaign, buyer, f"d{n}", rotation_id=rotation["id"]) for n in range(3)]
        for call in calls:
            call.result()
    slots = [row[0] for row in database.rows("SELECT slots FROM config.campaign_rotation_slots")]
    assert [len(own) for own in slots] == [7] * 6
    own = [row[0] for row in database.rows("SELECT rotation_slot FROM config.streams WHERE rotation_slot IS NOT NULL")]
    every = [slot for of_campaign in slots for slot in of_campaign] + own
    assert len(set(every)) == len(every)


def hosts(full, slug, clicks):
    answers = [full.nginx.client.get(f"/c/{slug}").headers["location"] for _ in range(clicks)]
    return Counter(urlsplit(answer).hostname for answer in answers)


def make_shop(full, name):
    return made(full.buyer.post("/api/v1/destinations", json={"name": name, "url": f"https://{name}.example/"}))["id"]


def test_a_change_of_a_rotation_reaches_all_its_campaigns_and_each_keeps_its_shares(full):
    full.add_edge()
    rotation = made(full.buyer.post("/api/v1/rotations", json={"name": "Nutra"}))
    shops = [make_shop(full, name) for name in ("a", "b", "c")]
    stream = add_stream(full.buyer, rotation, [(shops[0], 3), (shops[1], 1)])
    for slug in ("one", "two"):
        make_campaign(full.buyer, slug, rotation_id=rotation["id"])
    full.wait_pushed()
    for _ in range(5):
        assert hosts(full, "one", 8) == {"a.example": 6, "b.example": 2}
        assert hosts(full, "two", 4) == {"a.example": 3, "b.example": 1}
    explained = full.buyer.post("/api/v1/explain", json={"url": "http://t.example/c/two"}).json()
    assert explained["rotation_id"] == rotation["id"]
    assert explained["decision"]["stream"] == stream["id"]
    before = full.root.get("/api/v1/snapshot/status").json()["counter"]
    change = {"destinations": [{"destination_id": shops[2]}]}
    assert full.buyer.patch(f"/api/v1/streams/{stream['id']}", json=change, headers=ANY_VERSION).status_code == 200
    full.wait_pushed()
    assert full.root.get("/api/v1/snapshot/status").json()["counter"] == before + 1
    assert hosts(full, "one", 2) == hosts(full, "two", 2) == {"c.example": 2}


def test_streams_of_its_own_rest_while_a_campaign_has_a_rotation(full):
    full.add_edge()
    rotation = made(full.buyer.post("/api/v1/rotations", json={"name": "Nutra"}))
    campaign = make_campaign(full.buyer)
    own = {"destinations": [{"destination_id": make_shop(full, "own")}]}
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=own))
    add_stream(full.buyer, rotation, [(make_shop(full, "shared"), 1)])
    path = f"/api/v1/campaigns/{campaign['id']}"
    for wanted, host in ((rotation["id"], "shared.example"), (None, "own.example"), (rotation["id"], "shared.example")):
        assert full.buyer.patch(path, json={"rotation_id": wanted}, headers=ANY_VERSION).status_code == 200
        full.wait_pushed()
        assert hosts(full, "sale", 2) == {host: 2}


def test_a_click_limit_of_a_rotation_is_used_up_by_all_its_campaigns(full):
    full.add_edge()
    rotation = made(full.buyer.post("/api/v1/rotations", json={"name": "Nutra"}))
    limit = [{"kind": "click_limit", "argument": "total", "accepted": ["5"]}]
    add_stream(full.buyer, rotation, [(make_shop(full, "few"), 1)], conditions=limit)
    add_stream(full.buyer, rotation, [(make_shop(full, "rest"), 1)], kind="default")
    for slug in ("one", "two"):
        make_campaign(full.buyer, slug, rotation_id=rotation["id"])
    full.wait_pushed()
    assert hosts(full, "one", 3) == {"few.example": 3}
    assert hosts(full, "two", 4) == {"few.example": 2, "rest.example": 2}


def test_landers_of_a_rotation_are_shown_and_left_in_every_campaign(full):
    """Turns among pages are the stream's, those among destinations each campaign's own."""
    full.add_edge()
    rotation = made(full.buyer.post("/api/v1/rotations", json={"name": "Nutra"}))
    pages = [
        {"lander_id": made(full.buyer.post("/api/v1/landers", json={"name": name, "url": url}))["id"], "weight": weight}
        for name, weight in (("one", 2), ("two", 1))
        for url in [f"https://{name}.example/?lander_click={{lander_click}}&keyword={{keyword}}"]
    ]
    cap = {"measure": "clicks", "period": "total", "amount": "8"}
    fields = {"name": "few", "url": "https://few.example/?k={keyword}&c={campaign_id}", "caps": [cap]}
    few = made(full.buyer.post("/api/v1/destinations", json=fields))["id"]
    add_stream(full.buyer, rotation, [(few, 1), (make_shop(full, "shop"), 1)], landers=pages)
    campaigns = {slug: make_campaign(full.buyer, slug, rotation_id=rotation["id"])["id"] for slug in ("one", "two")}
    full.wait_pushed()
    shown, sent = Counter(), {"one": Counter(), "two": Counter()}
    for turn in range(12):
        for slug, id in campaigns.items():
            page = urlsplit(full.nginx.client.get(f"/c/{slug}?keyword=k{turn}").headers["location"])
            shown[page.hostname] += 1
            went = urlsplit(full.nginx.client.get(f"/lp?{page.query}").headers["location"])
            sent[slug][went.hostname] += 1
            if went.hostname == "few.example":
                assert went.query == f"k=k{turn}&c={id}"
    assert shown == {"one.example": 16, "two.example": 8}
    assert sum(count["few.example"] for count in sent.values()) == 8, "the cap is the destination's, of both campaigns"
    assert sum(sent["one"].values()) == sum(sent["two"].values()) == 12
    for table in ("clicks", "lander_clicks"):
        counts = f"SELECT campaign, count(*) FROM events.{table} GROUP BY campaign"
        wait_until(
            lambda counts=counts: dict(full.database.rows(counts)) == dict.fromkeys(campaigns.values(), 12),
            f"{table} of both campaigns to be stored",
        )
    for (id,) in full.database.rows("SELECT id::text FROM events.lander_clicks"):
        told = full.root.post("/api/v1/explain", json={"click": id}).json()
        assert (told["rotation_id"], told["decision"]["reason"]) == (rotation["id"], "regular")
