"""Postbacks that networks and affiliates sign: believed by the signature, read as far as it reaches, counted once."""

import hashlib
import hmac
import json
import time

import pytest

from lib.admin_client import made, make_campaign, problem
from lib.tools import click_id
from lib.wait import wait_until

WORD = "a-word-of-the-network"
CONVERSIONS = "SELECT transaction, postbacks, verified FROM events.conversions ORDER BY transaction"


def hex_of(message, secret=WORD, algorithm=hashlib.sha256):
    return hmac.new(secret.encode(), message.encode(), algorithm).hexdigest()


def query_of(secret=WORD, **parameters):
    """Signed as sorted pairs, sent in the order in which they are given."""
    pairs = [f"{name}={value}" for name, value in parameters.items()]
    return "&".join([*pairs, f"signature={hex_of('&'.join(sorted(pairs)), secret)}"])


class Signed:
    def __init__(self, full):
        self.full = full
        full.add_edge()
        url = "https://shop.example.com/?cid={click_id}"
        destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
        campaign = make_campaign(full.buyer, "sale")
        stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
        made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))

    def network(self, **fields):
        given = {"name": "Acme", "key": "acme", "auth": "hmac", "secret": WORD, **fields}
        network = made(self.full.buyer.post("/api/v1/networks", json=given))
        self.full.wait_pushed()
        return network

    def click(self):
        return click_id(self.full.nginx.client.get("/c/sale"))

    def call(self, query, method="GET", path="/postback/acme", **options):
        return self.full.nginx.client.request(method, f"{path}?{query}", **options)

    def wait_stored(self, calls):
        stored = "SELECT count(*) FROM events.postbacks"
        wait_until(lambda: self.full.database.value(stored) == calls, f"{calls} calls in the log", 20)


@pytest.fixture
def signed(full):
    return Signed(full)


@pytest.mark.proves("A62", "A64")
def test_a_signed_call_counts_once_however_often_it_is_sent(signed):
    signed.network(duplicates="count")
    click = signed.click()
    query = query_of(tid="7", click_id=click, payout="1.5", status="sale")
    for _ in range(3):
        assert signed.call(query).json()["success"] is True
    shuffled = "&".join(reversed(query.split("&")))
    assert signed.call(shuffled).json()["success"] is True
    assert signed.call(query_of(tid="7", click_id=click, payout="2", status="sale")).json()["success"] is True
    signed.wait_stored(5)
    assert signed.full.database.rows(CONVERSIONS) == [("7", 1, True), ("7", 1, True)]
    assert signed.full.database.value("SELECT sum(revenue) FROM events.conversions") == 3.5


@pytest.mark.proves("A62")
def test_a_call_without_the_right_signature_looks_like_one_of_an_unknown_network(signed):
    signed.network()
    parameters = {"tid": "7", "click_id": signed.click(), "payout": "1"}
    right = query_of(**parameters)
    wrong = [
        query_of("another-word-of-theirs", **parameters),
        right.replace("payout=1", "payout=1000"),
        right + "&status=sale",
        right[:-1],
        right.replace("signature=", "signature=00"),
        right.split("&signature")[0] + f"&token={WORD}",
        right.split("&signature")[0],
    ]
    answers = [signed.call(query) for query in wrong]
    answers.append(signed.call(right, path="/postback/nobody"))
    answers.append(signed.call("&".join(wrong[5].split("&")[:-1]), path=f"/postback/acme/{WORD}"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert signed.call(right).json()["verdict"] == "accepted"


@pytest.mark.proves("A62")
def test_what_the_signature_does_not_cover_is_not_read(signed):
    signed.network(signature={"scheme": "body", "carrier": "X-Hub-Signature-256"})
    body = json.dumps({"click_id": signed.click(), "tid": "7", "payout": 2})
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={hex_of(body)}"}
    answer = signed.call("payout=1000&status=rejected", "POST", content=body, headers=headers)
    assert answer.json()["data"]["amount"] == 2
    signed.wait_stored(1)
    assert signed.full.database.rows("SELECT status, payout FROM events.conversions") == [(2, 2)]


@pytest.mark.proves("A62")
def test_old_and_future_signatures_are_refused(signed):
    signature = {"parameters": ["click_id", "tid", "ts"], "time": "ts", "tolerance_s": 60, "carrier": "sig"}
    signed.network(signature={**signature, "algorithm": "sha1"})
    click = signed.click()

    def status(moment):
        message = f"click_id={click}&tid=7&ts={moment}"
        return signed.call(f"{message}&sig={hex_of(message, algorithm=hashlib.sha1)}").status_code

    now = int(time.time())
    assert [status(now), status(now - 40), status(now + 40)] == [200, 200, 200]
    assert [status(now - 100), status(now + 160), status("x"), status(0)] == [404, 404, 404, 404]


@pytest.mark.proves("A62")
def test_an_affiliate_may_sign_body_and_time(signed):
    fields = {"name": "Aff", "auth": "hmac", "signature": {"scheme": "timed_body"}}
    partner = made(signed.full.buyer.post("/api/v1/partners", json=fields))
    assert len(partner["secret"]) == 32
    signed.full.wait_pushed()
    body = f"click_id={signed.click()}&amount=3"
    at = str(int(time.time()))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers["X-Signature"] = f"t={at},v1={hex_of(f'{at}.{body}', partner['secret'])}"
    path = f"affiliate_id={partner['id']}"
    answer = signed.call(path, "POST", path="/postback", content=body, headers=headers)
    assert answer.json()["verdict"] == "accepted"
    headers["X-Signature"] = f"t={at},v1={hex_of(f'{at}.{body}')}"
    assert signed.call(path, "POST", path="/postback", content=body, headers=headers).status_code == 404


@pytest.mark.proves("A62")
def test_the_previous_secret_signs_while_its_grace_lasts(signed):
    network = signed.network()
    secrets = f"/api/v1/networks/{network['id']}/hmac-secrets"
    given = {"secret": "their new one", "grace_s": 3600}
    assert made(signed.full.buyer.post(secrets, json=given))["secret"] == "their new one"
    signed.full.wait_pushed()
    click = signed.click()
    for secret in (WORD, "their new one"):
        assert signed.call(query_of(secret, tid=len(secret), click_id=click)).status_code == 200
    newest = made(signed.full.buyer.post(secrets, json={"grace_s": 0}))
    signed.full.wait_pushed()
    statuses = [
        signed.call(query_of(secret, tid=len(secret), click_id=click)).status_code
        for secret in (WORD, "their new one", newest["secret"])
    ]
    assert statuses == [404, 404, 200]
    listed = signed.full.buyer.get(secrets).json()["data"]
    assert [item["expires_at"] is None for item in listed] == [False, False, True]
    assert "secret" not in listed[0]


def change_auth(buyer, owner, auth):
    return buyer.patch(owner, json={"auth": auth}, headers={"If-Match": "*"})


OWNERS = {"network": ("networks", {"name": "Acme", "key": "acme"}), "affiliate": ("partners", {"name": "Aff"})}


@pytest.mark.proves("A62")
@pytest.mark.parametrize("owner", OWNERS)
def test_the_last_secret_that_signs_and_does_not_end_stays(buyer, owner):
    path, fields = OWNERS[owner]
    record = made(buyer.post(f"/api/v1/{path}", json={**fields, "auth": "hmac", "secret": WORD}))
    record_path = f"/api/v1/{path}/{record['id']}"
    secrets = f"{record_path}/hmac-secrets"
    made(buyer.post(secrets, json={"grace_s": 3600}))
    ending, lasting = buyer.get(secrets).json()["data"]
    refused = problem(buyer.delete(f"{secrets}/{lasting['id']}"), 409)
    assert "the last one that does not end" in refused["detail"]
    assert [item["id"] for item in buyer.get(secrets).json()["data"]] == [ending["id"], lasting["id"]]
    assert buyer.delete(f"{secrets}/{ending['id']}").status_code == 204
    problem(buyer.delete(f"{secrets}/{lasting['id']}"), 409)
    assert change_auth(buyer, record_path, "none").status_code == 200
    assert buyer.delete(f"{secrets}/{lasting['id']}").status_code == 204


@pytest.mark.proves("A62")
@pytest.mark.parametrize("owner", OWNERS)
def test_nobody_is_asked_for_signatures_that_no_secret_can_make(buyer, owner):
    path, fields = OWNERS[owner]
    record = made(buyer.post(f"/api/v1/{path}", json=fields))
    record_path = f"/api/v1/{path}/{record['id']}"
    missing = {"field": "hmac_secrets", "reason": "are missing: auth hmac needs one that does not end"}
    assert problem(change_auth(buyer, record_path, "hmac"), 422)["errors"] == [missing]
    assert buyer.get(record_path).json()["auth"] == "token"
    made(buyer.post(f"{record_path}/hmac-secrets", json={}))
    assert change_auth(buyer, record_path, "hmac").status_code == 200


@pytest.mark.proves("A62", "A64")
def test_a_signed_call_that_was_redriven_counts_once_too(signed):
    network = signed.network(duplicates="count")
    query = query_of(click_id=signed.click(), tid="7", status="odd", payout="1")
    assert signed.call(query).json()["verdict"] == "unknown_status"
    signed.wait_stored(1)
    buyer = signed.full.buyer
    changed = buyer.patch(
        f"/api/v1/networks/{network['id']}", json={"statuses": {"odd": "sale"}}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200, changed.text
    signed.full.wait_pushed()
    assert signed.call(query).json()["verdict"] == "accepted"
    answer = buyer.post("/api/v1/postback-redrives", json={"network_id": network["id"]})
    assert answer.json()["queued"] == 1, answer.text
    done = "SELECT count(*) FROM events.postback_redrives WHERE state = 'done'"
    wait_until(lambda: signed.full.database.value(done) == 1, "the redriven call to be stored", 20)
    signed.wait_stored(2)
    assert signed.full.database.rows(CONVERSIONS) == [("7", 1, True)]


@pytest.mark.parametrize(
    ("signature", "field"),
    [
        ({"scheme": "fields"}, "signature.parameters"),
        ({"parameters": ["tid"], "time": "ts"}, "signature.time"),
        ({"algorithm": "crc32"}, "signature.algorithm"),
        ({"tolerance_s": 0}, "signature.tolerance_s"),
        ({"carrier": "x" * 65}, "signature.carrier"),
        ({"parameters": [""]}, "signature.parameters"),
        ({"what": 1}, "signature.what"),
        ([], "signature"),
    ],
)
def test_rules_of_a_signature_that_cannot_hold_are_refused(buyer, signature, field):
    answer = buyer.post("/api/v1/networks", json={"name": "n", "key": "n", "auth": "hmac", "signature": signature})
    assert [error["field"] for error in problem(answer, 422)["errors"]] == [field]
