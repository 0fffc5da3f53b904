"""What the API says of streams and campaigns decides on the edge: selectors, anti-repeat, uniqueness."""

from urllib.parse import urlsplit

import pytest

from lib.admin_client import made, make_campaign
from lib.wait import wait_until

URL = "https://{name}.example.com/?cid={{click_id}}"
NAMES = ("shoes", "boots", "hats")


def configure(full, stream, **campaign):
    """A campaign whose one stream has three destinations; returns the campaign."""
    full.add_edge()
    destinations = [
        made(full.buyer.post("/api/v1/destinations", json={"name": name, "url": URL.format(name=name)}))["id"]
        for name in NAMES
    ]
    campaign = make_campaign(full.buyer, "sale", **campaign)
    shares = [{"destination_id": one, "weight": 1} for one in destinations]
    path = f"/api/v1/campaigns/{campaign['id']}/streams"
    made(full.buyer.post(path, json={"name": "all", "destinations": shares, **stream}))
    full.wait_pushed()
    return campaign


def click(full, visitor):
    """Where one click of a visitor leads; "" is a trafficback."""
    answer = full.nginx.client.get("/c/sale", headers={"user-agent": f"visitor {visitor}"})
    return urlsplit(answer.headers.get("location", "")).netloc.removesuffix(".example.com")


@pytest.mark.proves("A37")
def test_sticky_sends_a_visitor_to_the_same_destination_and_spreads_visitors(full):
    configure(full, {"selector": "sticky"})
    chosen = {visitor: click(full, visitor) for visitor in range(40)}
    assert set(chosen.values()) == set(NAMES)
    full.nginx.reload()
    assert {visitor: click(full, visitor) for visitor in range(40)} == chosen


@pytest.mark.proves("A37")
def test_anti_repeat_shows_every_destination_once(full):
    configure(full, {"anti_repeat_window_s": 3600})
    assert {click(full, "a") for _ in range(3)} == set(NAMES)
    assert [click(full, "a") for _ in range(3)] == [""] * 3
    assert click(full, "b") in NAMES


@pytest.mark.parametrize(("fields", "expected"), [({}, 2), ({"uniqueness_window_s": 0}, 0)])
def test_the_report_counts_visitors_that_came_for_the_first_time(full, fields, expected):
    campaign = configure(full, {}, **fields)
    assert campaign["uniqueness_window_s"] == fields.get("uniqueness_window_s", 86_400)
    for visitor in ("a", "a", "b", "a"):
        assert click(full, visitor) in NAMES

    def totals():
        found = full.buyer.get("/api/v1/reports/overview").json()["totals"]
        return found if found["clicks"] == 4 else None

    assert wait_until(totals, "the report to show the clicks")["unique_clicks"] == expected
