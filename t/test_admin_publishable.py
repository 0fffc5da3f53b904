"""What is stored can be published: the API refuses, with field and reason, what the snapshot builder would refuse."""

import pytest

from lib.admin_client import made, make_campaign, make_destination, problem

ANY_VERSION = {"If-Match": "*"}


def make_stream(buyer, campaign, **fields):
    return buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json={"name": "all", **fields})


def make_network(buyer, **fields):
    return buyer.post("/api/v1/networks", json={"name": "net", "key": "net", **fields})


def change(buyer, collection, record, **fields):
    return buyer.patch(f"/api/v1/{collection}/{record['id']}", json=fields, headers=ANY_VERSION)


def zero_weights(buyer):
    destinations = [{"destination_id": make_destination(buyer)["id"], "weight": 0}]
    return make_stream(buyer, make_campaign(buyer), destinations=destinations)


REFUSED = {
    "a currency taken from a campaign with a cost": (
        lambda buyer: change(buyer, "campaigns", make_campaign(buyer, cost="1", currency="EUR"), currency=""),
        "currency",
        "must be an ISO 4217 code such as USD",
    ),
    "a host that no request can have": (
        lambda buyer: buyer.post("/api/v1/campaigns", json={"name": "n", "slug": "n", "host": ".."}),
        "host",
        '".." is not a host name in lower case without port',
    ),
    "weights that choose nothing": (zero_weights, "weight", "is 0 for all destinations"),
    "a selector that there is not": (
        lambda buyer: make_stream(buyer, make_campaign(buyer), selector="best"),
        "selector",
        "must be one of weighted waterfall round_robin sticky best_roi",
    ),
    "more than everybody exploring": (
        lambda buyer: make_stream(buyer, make_campaign(buyer), exploration_percent=101),
        "exploration_percent",
        "must be an integer from 0 to 100",
    ),
    "a sample below nothing": (
        lambda buyer: make_stream(buyer, make_campaign(buyer), minimum_sample=-1),
        "minimum_sample",
        "must be an integer from 0 to 1000000000",
    ),
    "a visitor remembered for ever by a stream": (
        lambda buyer: make_stream(buyer, make_campaign(buyer), anti_repeat_window_s=31_622_401),
        "anti_repeat_window_s",
        "must be an integer from 0 to 31622400",
    ),
    "a visitor remembered for ever by a campaign": (
        lambda buyer: change(buyer, "campaigns", make_campaign(buyer), uniqueness_window_s=31_622_401),
        "uniqueness_window_s",
        "must be an integer from 0 to 31622400",
    ),
    "an authentication that edges do not know": (
        lambda buyer: make_network(buyer, auth="basic"),
        "auth",
        "must be one of token ip hmac none",
    ),
    "a token without a secret": (
        lambda buyer: change(buyer, "networks", made(make_network(buyer, auth="none")), auth="token"),
        "secrets",
        "are missing: auth token needs at least one",
    ),
    "a parameter name that no request can have": (
        lambda buyer: make_network(buyer, parameters=[{"field": "payout", "names": ["a\nb"]}]),
        "parameters",
        "a mapping has more than 64 names, an empty one, or control characters",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_published_is_refused_with_field_and_reason(root, buyer, case):
    attempt, field, reason = REFUSED[case]
    assert problem(attempt(buyer), 422)["errors"] == [{"field": field, "reason": reason}]
    assert root.get("/api/v1/snapshot/status").json()["compiled"]["problems"] == []


def test_a_destination_is_not_deleted_from_under_its_streams(buyer):
    chosen, spare = make_destination(buyer), make_destination(buyer, "boots")
    weights = [{"destination_id": chosen["id"], "weight": 1}, {"destination_id": spare["id"], "weight": 0}]
    campaign = make_campaign(buyer)
    stream = made(make_stream(buyer, campaign, destinations=weights))
    path = f"/api/v1/destinations/{chosen['id']}"
    errors = problem(buyer.delete(path, headers=ANY_VERSION), 422)["errors"]
    assert errors[0]["field"] == f"stream {stream['id']} of campaign {campaign['id']}: weight"
    assert change(buyer, "streams", stream, destinations=[{"destination_id": spare["id"]}]).status_code == 200
    assert buyer.delete(path, headers=ANY_VERSION).status_code == 204


def test_streams_that_share_a_destination_with_many_rules_reach_the_edge(full):
    """Each stream leads to the same chain of destinations; the edge looks at every rule once for every stream."""
    full.add_edge()
    zone = {"time_zone": "Asia/Almaty"}
    schedules = [{"weekdays": [day], "opens": "08:00", "closes": "20:00", **zone} for day in range(1, 8)]
    caps = [{"measure": "clicks", "period": period, "amount": "1000", **zone} for period in ("hour", "day", "month")]
    last = None
    for name in ("third", "second", "first"):
        fields = {"name": name, "url": "https://shop.example/", "schedules": schedules, "caps": caps}
        last = made(full.buyer.post("/api/v1/destinations", json={**fields, "overflow_id": last}))["id"]
    campaign = make_campaign(full.buyer)
    for _ in range(40):
        made(make_stream(full.buyer, campaign, destinations=[{"destination_id": last}]))
    full.wait_pushed()
