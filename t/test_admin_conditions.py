"""Conditions of streams: stored as given, refused with the place of the mistake, compiled into what is pushed."""

import pytest

from lib.admin_client import compile_problems, made, make_campaign, problem
from lib.fake_edge import FakeEdge
from lib.wait import wait_until

ANY_VERSION = {"If-Match": "*"}
COUNTRY = {"kind": "country", "negated": True, "argument": "", "accepted": ["KZ", "KG"]}
ZONE = {"kind": "parameter", "negated": False, "argument": "zone", "accepted": ["12", "Straße*", ""]}
LIMIT = {"kind": "click_limit", "negated": False, "argument": "day Asia/Almaty", "accepted": ["1000"]}


def make_stream(buyer, conditions, campaign=None):
    campaign = campaign or make_campaign(buyer)
    path = f"/api/v1/campaigns/{campaign['id']}/streams"
    return buyer.post(path, json={"name": "some", "conditions": conditions})


def change(buyer, stream, conditions):
    return buyer.patch(f"/api/v1/streams/{stream['id']}", json={"conditions": conditions}, headers=ANY_VERSION)


def slots(database, stream):
    """Places of the counters of a stream's click limits, in their order."""
    sql = (
        "SELECT cap_slot FROM config.stream_conditions WHERE stream_id = %s AND cap_slot IS NOT NULL ORDER BY position"
    )
    return [slot for (slot,) in database.rows(sql, stream["id"])]


@pytest.mark.proves("A50")
def test_conditions_are_kept_in_their_order_and_changed(root, buyer):
    stream = made(make_stream(buyer, [COUNTRY, ZONE, LIMIT]))
    assert stream["conditions"] == [COUNTRY, ZONE, LIMIT]
    assert change(buyer, stream, [LIMIT, COUNTRY]).json()["conditions"] == [LIMIT, COUNTRY]
    renamed = buyer.patch(f"/api/v1/streams/{stream['id']}", json={"name": "other"}, headers=ANY_VERSION)
    assert renamed.json()["conditions"] == [LIMIT, COUNTRY]
    assert change(buyer, stream, []).json()["conditions"] == []
    short = change(buyer, stream, [{"kind": "bot"}]).json()["conditions"]
    assert short == [{"kind": "bot", "negated": False, "argument": "", "accepted": []}]
    assert compile_problems(root) == []


def test_every_kind_is_listed_with_an_example_that_is_accepted(buyer):
    kinds = buyer.get("/api/v1/conditions").json()["data"]
    assert len({kind["kind"] for kind in kinds}) == 40
    examples = [kind["example"] for kind in kinds]
    assert made(make_stream(buyer, examples))["conditions"] == examples
    for kind in kinds:
        assert (kind["argument"] == "none") == (kind["argument_syntax"] == "") == (kind["example"]["argument"] == "")
        assert kind["value_syntax"]
    negated = [{**kind["example"], "negated": True} for kind in kinds]
    refused = problem(make_stream(buyer, negated, {"id": 1}), 422)["errors"]
    wanted = [f"conditions[{place}].negated" for place, kind in enumerate(kinds) if not kind["can_be_negated"]]
    assert [error["field"] for error in refused] == wanted == ["conditions[39].negated"]


REFUSED = {
    "a wrong value": (
        [COUNTRY, LIMIT, {"kind": "country", "accepted": ["KZ"] * 5 + ["KAZ"]}],
        "conditions[2].accepted[5]",
        "must be a code of two letters",
    ),
    "no value": ([{"kind": "city", "accepted": []}], "conditions[0].accepted", "is empty: give at least one value"),
    "a kind that does not exist": (
        [{"kind": "shoe_size", "accepted": ["44"]}],
        "conditions[0].kind",
        '"shoe_size" is not a kind of condition',
    ),
    "a zone that does not exist": (
        [{**LIMIT, "argument": "day Asia/Atlantis"}],
        "conditions[0].argument",
        '"Asia/Atlantis" is not a time zone: give a name like Asia/Almaty',
    ),
    "an argument too many": ([{**COUNTRY, "argument": "x"}], "conditions[0].argument", "must be empty for this kind"),
    "a number for a text": ([{**ZONE, "accepted": ["1", 12]}], "conditions[0].accepted[1]", "must be a text"),
    "a field that does not exist": ([{**COUNTRY, "values": []}], "conditions[0].values", "is not known"),
    "no kind": ([{"accepted": ["KZ"]}], "conditions[0].kind", "is required"),
    "no list": ({"kind": "country"}, "conditions", "must be a list of at most 64 objects"),
    "too many": ([COUNTRY] * 65, "conditions", "must be a list of at most 64 objects"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_told_with_its_place(buyer, case):
    conditions, field, reason = REFUSED[case]
    assert problem(make_stream(buyer, conditions), 422)["errors"] == [{"field": field, "reason": reason}]
    assert buyer.get("/api/v1/streams").json()["data"] == []


def test_a_click_limit_keeps_its_counter_until_period_or_zone_change(buyer, database):
    weekly = {**LIMIT, "argument": "week"}
    stream = made(make_stream(buyer, [LIMIT, COUNTRY, weekly]))
    daily_slot, weekly_slot = slots(database, stream)
    assert daily_slot != weekly_slot
    change(buyer, stream, [weekly, {**LIMIT, "accepted": ["5"]}])
    assert slots(database, stream) == [weekly_slot, daily_slot]
    change(buyer, stream, [weekly, {**LIMIT, "argument": "day Europe/Berlin"}])
    kept, fresh = slots(database, stream)
    assert kept == weekly_slot
    assert fresh not in (daily_slot, weekly_slot)
    change(buyer, stream, [weekly, LIMIT])
    assert slots(database, stream)[1] not in (daily_slot, weekly_slot, fresh), "no number is used twice"


def test_thousands_of_values_are_taken(root, buyer):
    numbers = [str(number) for number in range(40_000)]
    stream = made(make_stream(buyer, [{**ZONE, "accepted": numbers}]))
    assert buyer.get(f"/api/v1/streams/{stream['id']}").json()["conditions"][0]["accepted"] == numbers
    assert compile_problems(root) == []


def test_conditions_are_compiled_into_what_edges_get(admin, root, buyer):
    edge = FakeEdge(admin.keys)
    try:
        made(root.post("/api/v1/edges", json={"name": edge.name, "push_url": edge.url, "number": edge.number}))
        made(make_stream(buyer, [{"kind": "city", "accepted": ["Qyzylorda"]}, LIMIT]))
        wait_until(lambda: edge.pushes and b"qyzylorda" in edge.pushes[-1][2], "the condition to be pushed")
        assert b"Asia/Almaty" in edge.pushes[-1][2]
    finally:
        edge.close()
