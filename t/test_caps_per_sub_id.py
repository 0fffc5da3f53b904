"""Caps that allow so much for each value of a sub id."""

from collections import Counter
from urllib.parse import urlsplit

import pytest

from lib.admin_client import compile_problems, made, make_campaign
from lib.full_stack import FullStack
from lib.wait import wait_until

ANY_VERSION = {"If-Match": "*"}
AMOUNT = 5
CAP = {"measure": "clicks", "period": "day", "amount": str(AMOUNT), "time_zone": "Asia/Kolkata", "per": 3}


@pytest.fixture
def full(workspace, database):
    stack = FullStack(workspace, database, settings={"facts": ["caps_interval_ms: 100", "clicks_interval_ms: 100"]})
    yield stack
    stack.finish()


class Offer:
    """A destination with these caps, which overflows into a second."""

    def __init__(self, full, *caps):
        self.full = full
        full.add_edge()
        self.spare = self.destination("spare")
        self.first = self.destination("first", caps=list(caps), overflow_id=self.spare)
        campaign = make_campaign(full.buyer, "sale")
        stream = {"name": "all", "destinations": [{"destination_id": self.first}]}
        made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
        full.wait_pushed()

    def destination(self, name, **fields):
        fields = {"name": name, "url": f"https://{name}.example.com/?cid={{click_id}}", **fields}
        return made(self.full.buyer.post("/api/v1/destinations", json=fields))["id"]

    def taken(self, clicks, query=""):
        return sum(self.goes_to(query) == "first" for _ in range(clicks))

    def goes_to(self, query):
        answer = self.full.nginx.client.get(f"/c/sale{query}")
        return urlsplit(answer.headers["location"]).netloc.removesuffix(".example.com")

    def get(self, path, **params):
        return self.full.buyer.get(f"/api/v1/{path}", params=params).json()["data"]


@pytest.mark.proves("A38")
def test_every_value_has_the_amount_for_itself_and_the_absent_one_too(full):
    offer = Offer(full, CAP)
    for query in ("?sub3=a", "?sub3=b", "?sub3=A", "", "?sub2=a", "?sub3=%FF", "?sub3=" + "x" * 200):
        assert offer.taken(AMOUNT + 3, query) == (0 if query == "?sub2=a" else AMOUNT), query
    # Labelled clicks use none, and the cap is full for them too.
    assert full.nginx.client.head("/c/sale?sub3=c").status_code == 302
    assert offer.taken(AMOUNT + 1, "?sub3=c") == AMOUNT
    head = full.nginx.client.head("/c/sale?sub3=c")
    assert urlsplit(head.headers["location"]).netloc == "spare.example.com"


def test_caps_of_all_and_of_several_sub_ids_stand_side_by_side(full):
    everybody = {**CAP, "amount": "8", "per": None}
    offer = Offer(full, everybody, CAP, {**CAP, "amount": "3", "per": 4})
    assert offer.taken(9, "?sub3=a&sub4=x") == 3
    assert offer.taken(9, "?sub3=a&sub4=y") == 2
    assert offer.taken(9, "?sub3=b&sub4=x") == 0
    assert offer.taken(9, "?sub3=b&sub4=y") == 1
    assert offer.taken(9, "?sub3=b&sub4=z") == 2, "what another cap refused was given back"


def test_the_fullest_value_is_shown_and_there_is_one_alert_for_all_of_them(full):
    offer = Offer(full, CAP)
    for value, clicks in (("a", 2), ("b", AMOUNT), ("c", AMOUNT)):
        offer.taken(clicks, f"?sub3={value}")
    wait_until(lambda: offer.get(f"destinations/{offer.first}/caps")[0]["reached"], "the cap to be counted")
    (standing,) = offer.get(f"destinations/{offer.first}/caps")
    assert (standing["per"], standing["value"], standing["used"]) == (3, "b", str(AMOUNT))
    (alert,) = offer.get("cap-alerts", destination_id=offer.first)
    assert (alert["per"], alert["value"], alert["used"], alert["amount"]) == (3, "b", str(AMOUNT), str(AMOUNT))


def test_a_soft_one_only_tells(full):
    offer = Offer(full, {**CAP, "hard": False})
    assert offer.taken(AMOUNT + 3, "?sub3=a") == AMOUNT + 3
    wait_until(lambda: len(offer.get("cap-alerts")) == 1, "the alert")


def test_counts_stay_over_a_reload_to_a_larger_table_and_a_binary_upgrade(full):
    offer = Offer(full, CAP)
    assert offer.taken(2, "?sub3=a") == 2
    full.nginx.options["http"] += " tributary_cap_values size=8m;"
    full.nginx.write()
    full.nginx.reload()
    assert offer.taken(1, "?sub3=a") == 1
    full.nginx.upgrade()
    assert offer.taken(9, "?sub3=a") == AMOUNT - 3


def test_a_cap_begins_anew_with_another_sub_id_and_goes_on_with_another_amount(full, database):
    offer = Offer(full, CAP)

    def change(**fields):
        path = f"/api/v1/destinations/{offer.first}"
        answer = full.buyer.patch(path, json={"caps": [{**CAP, **fields}]}, headers=ANY_VERSION)
        assert answer.status_code == 200, answer.text
        full.wait_pushed()
        return database.value("SELECT slot FROM config.destination_caps")

    number = database.value("SELECT slot FROM config.destination_caps")
    assert offer.taken(4, "?sub3=a&sub4=a") == 4
    assert change(amount="6") == number
    assert offer.taken(9, "?sub3=a&sub4=a") == 2
    assert change(per=4) != number
    assert offer.taken(9, "?sub3=a&sub4=a") == AMOUNT
    assert compile_problems(full.root) == []


def test_recorded_clicks_are_explained_with_their_value_and_count(full, database):
    offer = Offer(full, CAP)
    went = [(value, offer.goes_to(f"?sub3={value}")) for value in "aabbabaabbbba" for _ in range(1)]
    went += [("%FF", offer.goes_to("?sub3=%FF")) for _ in range(AMOUNT + 1)]
    stored = "SELECT id::text, sub_ids[3] FROM events.clicks ORDER BY id"
    wait_until(lambda: len(database.rows(stored)) == len(went), "the clicks to be stored")
    before = Counter()
    for (value, destination), (id, text) in zip(went, database.rows(stored), strict=True):
        told = full.root.post("/api/v1/explain", json={"click": id}).json()
        assert told["same"], told
        (cap,) = next(one["caps"] for one in told["streams"][0]["destinations"] if one["id"] == offer.first)
        assert (cap["per"], cap["value"], cap["count"]) == (3, text, before[value])
        assert (destination == "first") == (cap["answer"] == "room")
        before[value] += destination == "first"
    assert {destination for _, destination in went} == {"first", "spare"}
