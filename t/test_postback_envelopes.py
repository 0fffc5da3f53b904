"""Postbacks whose parameters stand in an envelope: the form field of Awin, the encrypted body of ClickBank."""

import base64
import hashlib
import json
import os
import subprocess

import pytest

from lib.admin_client import made, make_campaign
from lib.tools import click_id
from lib.wait import wait_until

FIND = """
SELECT (ARRAY['unmapped', 'lead', 'sale', 'rejected', 'trash', 'rebill', 'custom'])[p.status + 1],
       (p.payout * 1000000)::bigint, (p.revenue * 1000000)::bigint, p.currency, coalesce(p.transaction, ''),
       coalesce(p.event, '')
FROM events.postbacks p WHERE p.verdict < 64
"""

# What Awin posts, and what ClickBank's instant notifications hold, of reference pages of theirs.
AWIN_PUSH = {
    "transactionId": 31337,
    "transactionDate": "2026-11-01 12:00:00",
    "transactionCurrency": "GBP",
    "transactionAmount": "40.00",
    "merchantId": 1001,
    "clickRef": "$",
    "commission": "2.40",
    "commissionGroups": [{"id": 7, "name": "Default", "amount": 40, "commission": 2.4}],
    "products": [],
}
NOTIFICATION = {
    "transactionTime": "20261101T120000-0700",
    "receipt": "CB1234",
    "transactionType": "SALE",
    "vendor": "acme",
    "affiliate": "us",
    "role": "AFFILIATE",
    "totalAccountAmount": 18.4,
    "paymentMethod": "VISA",
    "totalOrderAmount": 39.95,
    "trackingCodes": ["$"],
    "lineItems": [{"itemNo": "1", "productTitle": "A product", "recurring": False}],
    "customer": {"billing": {"firstName": "Ann", "email": "ann@example.com", "address": {"country": "US"}}},
    "upsell": {"upsellFlowId": 55},
    "currency": "USD",
    "version": 6.0,
}
SECRET_KEY = "MYSECRETKEY"


def encrypted(notification, secret=SECRET_KEY):
    """AES-256-CBC under the first 32 hex digits, as text, of the SHA-1 of the secret."""
    key = hashlib.sha1(secret.encode()).hexdigest()[:32].encode()
    iv = os.urandom(16)
    command = ["openssl", "enc", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex()]
    cipher = subprocess.run(command, input=json.dumps(notification).encode(), capture_output=True, check=True).stdout
    return {"notification": base64.b64encode(cipher).decode(), "iv": base64.b64encode(iv).decode()}


class Envelopes:
    def __init__(self, full, preset):
        self.full = full
        full.add_edge()
        url = "https://shop.example.com/?cid={click_id}"
        destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
        campaign = make_campaign(full.buyer, "sale")
        stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
        made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
        self.network = made(full.buyer.post("/api/v1/networks", json={"preset": preset, "key": "net"}))
        self.path = f"/postback/net/{self.network['secret']}"

    def post(self, path=None, **body):
        return self.full.nginx.client.post(path or self.path, **body)

    def wait_stored(self, calls):
        database = self.full.database
        wait_until(lambda: database.value("SELECT count(*) FROM events.postbacks") == calls, f"{calls} calls", 20)
        return database.rows(FIND)


@pytest.mark.proves("A60", "A61", "A70")
def test_a_push_of_awin_counts(full):
    awin = Envelopes(full, "awin")
    full.wait_pushed()
    click = click_id(full.nginx.client.get("/c/sale"))
    push = json.dumps({**AWIN_PUSH, "clickRef": click})
    assert awin.post(data={"AwinTransactionPush": push}).json()["verdict"] == "accepted"
    assert awin.wait_stored(1) == [("lead", 2_400_000, 2_400_000, "GBP", "31337", "")]
    stored = bytes(full.database.value("SELECT body FROM events.postbacks"))
    assert json.loads(stored)["clickRef"] == click
    assert awin.post(data={"AwinTransactionPush": "{"}).json()["verdict"] == "unparsable_body"
    assert awin.post("/postback/net/wrong", data={"AwinTransactionPush": push}).status_code == 404


@pytest.mark.proves("A60", "A61", "A62", "A70")
def test_encrypted_notifications_of_clickbank_count(full):
    clickbank = Envelopes(full, "clickbank")
    secrets = f"/api/v1/networks/{clickbank.network['id']}/hmac-secrets"
    made(full.buyer.post(secrets, json={"secret": SECRET_KEY}))
    full.wait_pushed()
    click = click_id(full.nginx.client.get("/c/sale"))
    sale = {**NOTIFICATION, "trackingCodes": [click]}
    assert clickbank.post(json=encrypted(sale)).json()["verdict"] == "accepted"
    again = {**sale, "transactionType": "BILL", "receipt": "CB1234-B001"}
    assert clickbank.post(json=encrypted(again)).json()["verdict"] == "accepted"
    test = clickbank.post(json=encrypted({**sale, "transactionType": "TEST_SALE"}))
    assert (test.status_code, test.json()["verdict"]) == (200, "unknown_status")
    rows = clickbank.wait_stored(3)
    amount = 18_400_000
    assert sorted(rows) == [
        ("rebill", amount, amount, "USD", "CB1234-B001", ""),
        ("sale", amount, amount, "USD", "CB1234", ""),
    ]
    bodies = [bytes(row[0]) for row in full.database.rows("SELECT body FROM events.postbacks")]
    assert not any(b"Ann" in body or b"notification" in body for body in bodies)
    refund = {**sale, "transactionType": "RFND", "totalAccountAmount": -18.4}
    assert clickbank.post(json=encrypted(refund)).json()["verdict"] == "accepted"
    wait_until(
        lambda: full.database.value("SELECT count(*) FROM events.conversions WHERE status = 3") == 1, "the refund", 20
    )


@pytest.mark.proves("A62")
def test_a_notification_that_does_not_open_is_answered_alike_whatever_is_wrong_with_it(full):
    clickbank = Envelopes(full, "clickbank")
    made(full.buyer.post(f"/api/v1/networks/{clickbank.network['id']}/hmac-secrets", json={"secret": SECRET_KEY}))
    full.wait_pushed()
    good = encrypted(NOTIFICATION)
    other = "A" if good["notification"][-9] != "A" else "B"
    wrong = [
        encrypted(NOTIFICATION, "ANOTHERKEY"),
        {**good, "notification": good["notification"][:-9] + other + good["notification"][-8:]},
        {**good, "notification": good["notification"][:24]},
        {**good, "iv": ""},
        encrypted([NOTIFICATION]),
        encrypted({"receipt": {"deep": [[["x"]]]}})["iv"],
        {},
    ]
    answers = [clickbank.post(json=body) for body in wrong]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert clickbank.post("/postback/net/wrong", json=good).status_code == 404
