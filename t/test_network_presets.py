"""Presets of networks and trackers: what they really send becomes the canonical conversion."""

import json

import pytest

from lib.admin_client import made, make_campaign, problem
from lib.network_payloads import COUNTED, QUARANTINED
from lib.places import ROOT
from lib.tools import click_id, click_identity
from lib.wait import wait_until

WORDS = "(ARRAY['unmapped', 'lead', 'sale', 'rejected', 'trash', 'rebill', 'custom'])[status + 1]"
CALL = f"""
    SELECT network, {WORDS}, payout, revenue, currency, transaction, event, raw_status, custom
    FROM events.postbacks WHERE click = %s AND verdict < 64
"""
CONVERSION = f"""
    SELECT network, {WORDS}, payout, revenue, currency, transaction, nullif(event, ''), raw_status
    FROM events.conversions WHERE click = %s
"""


def post(nginx, network, click, payload):
    path = f"/postback/{network['key']}/{network['secret']}"
    if isinstance(payload, dict):
        filled = {name: click if value == "$" else value for name, value in payload.items()}
        return nginx.client.post(path, json=filled)
    return nginx.client.get(f"{path}?{payload.replace('$', click)}")


@pytest.fixture
def networks(full):
    """A network of every preset that has a payload, and a campaign to click."""
    full.add_edge()
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    campaign = make_campaign(full.buyer, "sale")
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    found = {
        preset: made(full.buyer.post("/api/v1/networks", json={"preset": preset, "key": f"net-{preset}"}))
        for preset in {payload.preset for payload in COUNTED}
    }
    full.wait_pushed()
    return found


def canonical(network, payload):
    custom = [payload.custom.get(n + 1) for n in range(max(payload.custom, default=0))]
    amounts = (payload.payout, payload.payout, payload.currency)
    return (network["id"], payload.status, *amounts, payload.transaction, payload.event, payload.word, custom or None)


@pytest.mark.proves("A60", "A61", "A70", "A24")
def test_what_networks_and_trackers_send_becomes_the_canonical_conversion(full, networks, database):
    assert len(networks) >= 15
    clicks = []
    for payload in COUNTED:
        clicks.append(click_id(full.nginx.client.get("/c/sale")))
        answer = post(full.nginx, networks[payload.preset], clicks[-1], payload.sent)
        assert answer.json()["verdict"] == "accepted", (payload, answer.text)
    wait_until(lambda: database.value("SELECT count(*) FROM events.postbacks") == len(COUNTED), "every call in the log")
    for payload, click in zip(COUNTED, clicks, strict=True):
        *conversion, custom = canonical(networks[payload.preset], payload)
        assert database.rows(CALL, click_identity(click)) == [(*conversion, custom)], payload
        assert database.rows(CONVERSION, click_identity(click)) == [tuple(conversion)], payload


@pytest.mark.proves("A65")
def test_what_a_preset_does_not_understand_is_kept_and_not_guessed(full, networks, database):
    for preset, sent, verdict in QUARANTINED:
        answer = post(full.nginx, networks[preset], click_id(full.nginx.client.get("/c/sale")), sent)
        assert (answer.status_code, answer.json()["verdict"]) == (200, verdict), (preset, sent)
    logged = "SELECT count(*) FROM events.postbacks WHERE verdict >= 64"
    wait_until(lambda: database.value(logged) == len(QUARANTINED), "every call in the log")
    assert database.value("SELECT count(*) FROM events.conversions") == 0


def test_every_preset_makes_a_network_that_can_be_published(buyer):
    presets = buyer.get("/api/v1/network-presets").json()["data"]
    assert {preset["preset"] for preset in presets} == {
        file.stem for file in (ROOT / "conf/presets/networks").glob("*.yaml")
    }
    for preset in presets:
        network = made(buyer.post("/api/v1/networks", json={"preset": preset["preset"], "key": preset["preset"]}))
        same = ("preset", "parameters", "statuses", "default_status", "envelope")
        assert {field: network[field] for field in same} == {field: preset[field] for field in same}
        assert network["name"] == preset["title"]
        mapped = [name for mapping in preset["parameters"] for name in mapping["names"]]
        suffix = [part.split("=")[0] for part in preset["postback_suffix"].split("&")]
        assert set(suffix) <= set(mapped)
        assert suffix[0] == preset["parameters"][0]["names"][0]


def test_what_is_given_with_a_preset_replaces_what_it_says(buyer):
    given = {"preset": "everflow", "key": "ef", "name": "Mine", "statuses": {"x": "lead"}, "currency": "KZT"}
    network = made(buyer.post("/api/v1/networks", json=given))
    assert {field: network[field] for field in given} == given
    assert "payout_amount" in json.dumps(network["parameters"])


def test_a_preset_that_does_not_exist_is_refused(buyer):
    answer = buyer.post("/api/v1/networks", json={"preset": "nobody", "key": "n"})
    assert [error["field"] for error in problem(answer, 422)["errors"]] == ["preset"]
