"""Presets of networks and trackers: what they really send becomes the canonical conversion."""

import json

import pytest

from lib.admin_client import made, make_campaign, problem
from lib.places import ROOT
from lib.tools import click_id
from lib.wait import wait_until

# Payloads as each network or tracker fills in its macros, of reference pages of theirs: preset, what is sent, and what
# it means: status, amount in millionths, currency, transaction, event.
SAMPLES = [
    ("keitaro", "subid=$&status=sale&payout=10&currency=USD&tid=K-1", ("sale", 10_000_000, "USD", "K-1", "")),
    ("keitaro", "subid=$&tid=K-2&payout=4&status=lead&sub_id_1=banner", ("lead", 4_000_000, "USD", "K-2", "")),
    ("voluum", "cid=$&payout=1.5&txid=V-1&et=deposit", ("sale", 1_500_000, "USD", "V-1", "deposit")),
    ("binom", "cnv_id=$&payout=2.25&cnv_status=approve", ("sale", 2_250_000, "USD", "", "")),
    ("redtrack", "clickid=$&sum=7&type=Purchase&sub1=x", ("sale", 7_000_000, "USD", "", "Purchase")),
    ("peerclick", "cid=$&payout=3&status=lead&txid=P-1", ("lead", 3_000_000, "USD", "P-1", "")),
    ("bemob", "cid=$&payout=0.75&txid=B-1", ("sale", 750_000, "USD", "B-1", "")),
    (
        "tune",
        "click_id=$&payout=12.50&currency=EUR&txid=102f&status=approved",
        ("sale", 12_500_000, "EUR", "102f", ""),
    ),
    ("everflow", "sub1=$&payout_amount=5&transaction_id=abc", ("sale", 5_000_000, "USD", "abc", "")),
    ("cake", "s2=$&price=9.00&tid=998", ("sale", 9_000_000, "USD", "998", "")),
    ("affise", "sub1=$&sum=11&status=5&transactionid=5d&goal=1", ("lead", 11_000_000, "USD", "5d", "1")),
    ("affise", "sub1=$&sum=11&status=1&transactionid=5e", ("sale", 11_000_000, "USD", "5e", "")),
    (
        "impact",
        {"SubId1": "$", "Payout": 4.2, "Status": "REVERSED", "ActionId": "77"},
        ("rejected", 4_200_000, "USD", "77", ""),
    ),
    (
        "awin",
        "clickRef=$&commission=1.10&transactionCurrency=GBP&transactionId=31",
        ("lead", 1_100_000, "GBP", "31", ""),
    ),
    (
        "clickbank",
        "tid=$&affiliate_earnings=18.40&event_type=PURCHASE&event_id=e1",
        ("sale", 18_400_000, "USD", "e1", ""),
    ),
    ("maxbounty", "s2=$&rate=30", ("sale", 30_000_000, "USD", "", "")),
    (
        "admitad",
        "subid=$&payment_sum=99,5&currency=RUB&order_id=O1&payment_status=declined",
        ("rejected", 99_500_000, "RUB", "O1", ""),
    ),
    ("adcombo", "clickid=$&revenue=15&trans_id=A1&status=hold", ("lead", 15_000_000, "USD", "A1", "")),
    ("adworkmedia", "sid=$&amount=2&leadID=L&status=2", ("rejected", 2_000_000, "USD", "L", "")),
    (
        "mylead",
        "ml_sub1=$&payout=6&currency=PLN&status=pre_approved&transaction_id=m",
        ("lead", 6_000_000, "PLN", "m", ""),
    ),
    ("terraleads", "sub_id=$&cost=8&status=confirm", ("sale", 8_000_000, "USD", "", "")),
    ("kma", "data1=$&sum=5&status=A", ("sale", 5_000_000, "USD", "", "")),
    ("altercpa", "subid=$&id=77&cash=3&stage=cancel", ("rejected", 3_000_000, "USD", "77", "")),
    ("zeydoo", "ymid=$&amount=0.5", ("sale", 500_000, "USD", "", "")),
    ("generic", "click_id=$&payout=1&status=chargeback", ("rejected", 1_000_000, "USD", "", "")),
]
FIND = """
SELECT p.network, (ARRAY['unmapped', 'lead', 'sale', 'rejected', 'trash', 'rebill', 'custom'])[p.status + 1],
       (p.payout * 1000000)::bigint, (p.revenue * 1000000)::bigint, p.currency, coalesce(p.transaction, ''),
       coalesce(p.event, '')
FROM events.postbacks p WHERE p.verdict < 64
"""


def post(nginx, network, click, payload):
    path = f"/postback/{network['key']}/{network['secret']}"
    if isinstance(payload, dict):
        filled = {name: click if value == "$" else value for name, value in payload.items()}
        return nginx.client.post(path, json=filled)
    return nginx.client.get(f"{path}?{payload.replace('$', click)}")


@pytest.mark.proves("A60", "A61", "A70", "A24")
def test_what_networks_and_trackers_send_becomes_the_canonical_conversion(full, database):
    full.add_edge()
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    campaign = make_campaign(full.buyer, "sale")
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    networks = {
        preset: made(full.buyer.post("/api/v1/networks", json={"preset": preset, "key": f"net-{preset}"}))
        for preset in {sample[0] for sample in SAMPLES}
    }
    full.wait_pushed()
    expected = []
    for preset, payload, (status, micros, *names) in SAMPLES:
        click = click_id(full.nginx.client.get("/c/sale"))
        answer = post(full.nginx, networks[preset], click, payload)
        assert answer.json()["verdict"] == "accepted", (preset, answer.text)
        expected.append((networks[preset]["id"], status, micros, micros, *names))
    wait_until(lambda: database.value("SELECT count(*) FROM events.postbacks") == len(SAMPLES), "every call in the log")
    assert sorted(database.rows(FIND)) == sorted(expected)
    assert len({sample[0] for sample in SAMPLES}) >= 15


def test_every_preset_makes_a_network_that_can_be_published(buyer):
    presets = buyer.get("/api/v1/network-presets").json()["data"]
    assert {preset["preset"] for preset in presets} == {
        file.stem for file in (ROOT / "conf/presets/networks").glob("*.yaml")
    }
    for preset in presets:
        network = made(buyer.post("/api/v1/networks", json={"preset": preset["preset"], "key": preset["preset"]}))
        same = ("preset", "parameters", "statuses", "default_status")
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
