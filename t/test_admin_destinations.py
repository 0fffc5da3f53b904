"""When and how much destinations take, and where the rest goes: stored, refused, and compiled into what is pushed."""

import pytest

from lib.admin_client import compile_problems, made, make_campaign, make_destination, problem
from lib.fake_edge import FakeEdge
from lib.wait import wait_until

ANY_VERSION = {"If-Match": "*"}
OFFICE = {
    "weekdays": [1, 2, 3, 4, 5],
    "opens": "09:00",
    "closes": "18:30",
    "first_day": "2026-12-01",
    "last_day": None,
    "time_zone": "Asia/Almaty",
}
DAILY = {
    "measure": "clicks",
    "period": "day",
    "amount": "500",
    "currency": None,
    "time_zone": "Asia/Almaty",
    "hard": True,
    "per": None,
}
PER_SUB = {**DAILY, "amount": "100", "per": 3}
PAID = {
    "measure": "payout",
    "period": "month",
    "amount": "1000.5",
    "currency": "EUR",
    "time_zone": "UTC",
    "hard": False,
    "per": None,
}


def make(buyer, name="shoes", **fields):
    return buyer.post("/api/v1/destinations", json={"name": name, "url": f"https://{name}.example.com/", **fields})


def change(buyer, destination, **fields):
    return buyer.patch(f"/api/v1/destinations/{destination['id']}", json=fields, headers=ANY_VERSION)


def send_to(buyer, destination):
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"]}]}
    return made(buyer.post(f"/api/v1/campaigns/{make_campaign(buyer)['id']}/streams", json=stream))


def slots(database, destination):
    """Places of the counters of its caps, by measure."""
    sql = "SELECT measure, slot FROM config.destination_caps WHERE destination_id = %s"
    return dict(database.rows(sql, destination["id"]))


def test_schedules_and_caps_are_kept_and_changed(root, buyer):
    destination = made(make(buyer, schedules=[OFFICE], caps=[DAILY, PAID]))
    send_to(buyer, destination)
    assert destination["schedules"] == [OFFICE]
    assert destination["caps"] == [DAILY, PAID]
    defaults = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00"}
    always = {**defaults, "first_day": None, "last_day": None, "time_zone": "UTC"}
    changed = change(buyer, destination, schedules=[{}, OFFICE], caps=[PAID]).json()
    assert changed["schedules"] == [always, OFFICE]
    assert changed["caps"] == [PAID]
    assert change(buyer, destination, name="other").json()["caps"] == [PAID]
    assert compile_problems(root) == []
    assert change(buyer, destination, schedules=[], caps=[]).json()["schedules"] == []
    assert compile_problems(root) == []


REFUSED = {
    "a day that is none": ({"schedules": [{**OFFICE, "weekdays": [8]}]}, "schedules[0].weekdays"),
    "no day": ({"schedules": [{}, {**OFFICE, "weekdays": []}]}, "schedules[1].weekdays"),
    "a time that is none": ({"schedules": [{**OFFICE, "closes": "25:00"}]}, "schedules[0].closes"),
    "an opening at the end of the day": ({"schedules": [{**OFFICE, "opens": "24:00"}]}, "schedules[0].opens"),
    "a date that is none": ({"schedules": [{**OFFICE, "first_day": "2026-02-30"}]}, "schedules[0].first_day"),
    "an end before the beginning": ({"schedules": [{**OFFICE, "last_day": "2026-11-30"}]}, "schedules[0].last_day"),
    "a zone that is none": ({"schedules": [{**OFFICE, "time_zone": "Mars"}]}, "schedules[0].time_zone"),
    "a zone of a cap that is none": ({"caps": [{**DAILY, "time_zone": "../UTC"}]}, "caps[0].time_zone"),
    "half a click": ({"caps": [{**DAILY, "amount": "0.5"}]}, "caps[0].amount"),
    "more clicks than can be counted": ({"caps": [{**DAILY, "amount": "4294967296"}]}, "caps[0].amount"),
    "less than nothing": ({"caps": [{**PAID, "amount": "-1"}]}, "caps[0].amount"),
    "a number for an amount": ({"caps": [{**DAILY, "amount": 500}]}, "caps[0].amount"),
    "an amount without currency": ({"caps": [{**PAID, "currency": None}]}, "caps[0].currency"),
    "clicks in a currency": ({"caps": [{**DAILY, "currency": "EUR"}]}, "caps[0].currency"),
    "two caps of one kind": ({"caps": [DAILY, {**DAILY, "time_zone": "UTC"}]}, "caps[1].period"),
    "a sub id that is none": ({"caps": [{**DAILY, "per": 31}]}, "caps[0].per"),
    "two caps of one sub id": ({"caps": [DAILY, PER_SUB, {**PER_SUB, "hard": False}]}, "caps[2].period"),
    "payout per sub id": ({"caps": [{**PAID, "per": 3}]}, "caps[0].per"),
    "more than is counted per sub id": ({"caps": [{**PER_SUB, "amount": "1048576"}]}, "caps[0].amount"),
    "a measure that is none": ({"caps": [{**DAILY, "measure": "shoes"}]}, "caps[0].measure"),
    "an amount that is missing": ({"caps": [{"measure": "clicks", "period": "day"}]}, "caps[0].amount"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_told_with_its_place(buyer, case):
    fields, field = REFUSED[case]
    errors = problem(make(buyer, **fields), 422)["errors"]
    assert [error["field"] for error in errors] == [field]
    assert buyer.get("/api/v1/destinations").json()["data"] == []


def test_a_cap_keeps_its_counter_until_period_zone_or_currency_change(buyer, database):
    destination = made(make(buyer, caps=[DAILY, PAID]))
    first = slots(database, destination)
    assert len(set(first.values())) == 2
    change(buyer, destination, caps=[PAID, {**DAILY, "amount": "7", "hard": False}])
    assert slots(database, destination) == first
    change(buyer, destination, caps=[PAID, {**DAILY, "period": "hour"}])
    hourly = slots(database, destination)
    assert hourly["payout"] == first["payout"]
    assert hourly["clicks"] not in first.values()
    change(buyer, destination, caps=[{**PAID, "currency": "USD"}, {**DAILY, "time_zone": "UTC"}])
    again = slots(database, destination)
    used = {*first.values(), *hourly.values()}
    assert not used & set(again.values()), "no number is used twice"


def test_a_refused_change_uses_up_no_counter(buyer, database):
    destination = made(make(buyer, caps=[DAILY]))
    behind = made(make(buyer, "behind", overflow_id=destination["id"]))
    for _ in range(3):
        problem(change(buyer, destination, caps=[DAILY, PAID], overflow_id=behind["id"]), 422)
    change(buyer, destination, caps=[DAILY, PAID])
    assert sorted(slots(database, destination).values()) == [0, 1]


def test_caps_and_click_limits_never_share_a_counter(root, buyer, database):
    limit = {"kind": "click_limit", "argument": "day", "accepted": ["5"]}
    stream = send_to(buyer, made(make(buyer, caps=[DAILY, PAID])))
    path = f"/api/v1/streams/{stream['id']}"
    assert buyer.patch(path, json={"conditions": [limit]}, headers=ANY_VERSION).status_code == 200
    sql = "SELECT slot FROM config.destination_caps UNION ALL SELECT cap_slot FROM config.stream_conditions"
    places = [place for (place,) in database.rows(sql)]
    assert len(places) == len(set(places)) == 3
    assert compile_problems(root) == []


def test_overflow_never_leads_back(root, buyer):
    third = made(make(buyer, "third"))
    second = made(make(buyer, "second", overflow_id=third["id"]))
    first = made(make(buyer, "first", overflow_id=second["id"]))
    send_to(buyer, first)
    for target in (first, second, third):
        errors = problem(change(buyer, third, overflow_id=target["id"]), 422)["errors"]
        assert [error["field"] for error in errors] == ["overflow_id"]
    loop = f"leads back to this destination: {third['id']} -> {first['id']} -> {second['id']} -> {third['id']}"
    assert problem(change(buyer, third, overflow_id=first["id"]), 422)["errors"][0]["reason"] == loop
    problem(buyer.delete(f"/api/v1/destinations/{second['id']}", headers=ANY_VERSION), 409)
    assert change(buyer, first, overflow_id=None).json()["overflow_id"] is None
    assert buyer.delete(f"/api/v1/destinations/{second['id']}", headers=ANY_VERSION).status_code == 204
    problem(change(buyer, first, overflow_id=second["id"]), 422)
    assert change(buyer, third, overflow_id=first["id"]).status_code == 200
    assert compile_problems(root) == []


def test_a_chain_of_overflows_is_bounded_from_both_ends(buyer):
    chain = [made(make(buyer, "d0"))]
    for number in range(1, 7):
        chain.append(made(make(buyer, f"d{number}", overflow_id=chain[-1]["id"])))
    errors = problem(make(buyer, "d7", overflow_id=chain[-1]["id"]), 422)["errors"]
    assert errors == [{"field": "overflow_id", "reason": "makes a chain of more than 6 overflows"}]
    end = made(make(buyer, "end"))
    problem(change(buyer, chain[0], overflow_id=end["id"]), 422)


def test_overflow_stays_in_the_team(admin, root, buyer):
    team = made(root.post("/api/v1/teams", json={"name": "blue"}))
    theirs = made(make(root, "theirs", team_id=team["id"]))
    expected = [{"field": "overflow_id", "reason": "names no record of the team"}]
    assert problem(make(buyer, overflow_id=theirs["id"]), 422)["errors"] == expected
    assert problem(change(buyer, made(make(buyer)), overflow_id=theirs["id"]), 422)["errors"] == expected


def test_rules_of_destinations_are_compiled_into_what_edges_get(admin, root, buyer):
    edge = FakeEdge(admin.keys)
    try:
        made(root.post("/api/v1/edges", json={"name": edge.name, "push_url": edge.url, "number": edge.number}))
        spare = make_destination(buyer, "spare")
        send_to(buyer, made(make(buyer, schedules=[OFFICE], caps=[DAILY, PAID], overflow_id=spare["id"])))
        wait_until(lambda: edge.pushes and b"Asia/Almaty" in edge.pushes[-1][2], "the rules to be pushed")
        assert b"EUR" in edge.pushes[-1][2]
        assert b"https://shoes.example.com/?c=" in edge.pushes[-1][2], "what it overflows into comes along"
    finally:
        edge.close()
