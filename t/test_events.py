"""Events of advertisers: authenticated, judged one by one, durable before the answer, counted once, attributed."""

import gzip
import hashlib
import hmac
import json
import time
from decimal import Decimal

import pytest

from lib.admin_client import made, make_team
from lib.shop import Shop
from lib.wait import wait_until

VECTOR_SECRET = "adv_secret_0123456789abcdef"


@pytest.fixture
def shop(full):
    return Shop(full)


def signature(body, secret, when=None):
    at = str(int(time.time()) if when is None else when)
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.{body}'.encode(), hashlib.sha256).hexdigest()}"


@pytest.mark.proves(
    "C32", "C35", "C38", "C41", "C42", "C133", "C134", "C135", "C137", "C139", "C142", "C143", "C31", "C34"
)
def test_events_are_stored_and_attributed_to_the_owner_of_the_link(shop):
    answer = shop.send(
        {"action": "purchase", "value": 49.90, "ref_code": "ana-shop", "properties": {"sku": ["A", 1.50]}}
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["status"], body["duplicate"], body["warnings"]) == (True, "accepted", False, [])
    shop.send({"landing_url": "https://shop.example.com/?a=1&ref_code=ana-shop#x"}, "/event/add_to_cart")
    shop.send({"referrer": "https://shop.example.com/?ref_code=ana-shop"}, "/event/signup")
    columns = (
        "action, matcher, confidence, affiliate, campaign, link, value, currency, properties::text, event_id::text"
    )
    rows = shop.stored(3, columns)
    ids = (shop.partner["id"], shop.campaign["id"], shop.link["id"])
    properties = '{"sku": ["A", 1.5]}'
    assert rows[0] == ("purchase", "ref_code", 95, *ids, Decimal("49.9"), "USD", properties, body["event_id"])
    assert [row[:7] for row in rows[1:]] == [
        ("add_to_cart", "landing_url", 90, *ids, None),
        ("signup", "referrer", 85, *ids, None),
    ]
    view = "SELECT influencer_id, campaign_id, attribution FROM influencer.customer_events"
    assert (ids[0], ids[1], "ref_code") in shop.full.database.rows(view)


@pytest.mark.proves("C25", "C44")
def test_a_click_of_ours_proves_whose_customer_it_was_also_for_later_events(shop):
    target = shop.full.nginx.client.get("/r/ana-shop").headers["location"]
    click = target.split("click_id=")[1].split("&")[0]
    clicks = "SELECT count(*) FROM events.clicks"
    wait_until(lambda: shop.full.database.value(clicks) == 1, "the click to be stored")
    shop.send({"action": "add_to_cart", "click_id": click, "customer_key": "c-1"})
    shop.stored(1)
    shop.send({"action": "purchase", "value": 5, "customer_key": "c-1"})
    rows = shop.stored(2, "matcher, affiliate, link, click IS NOT NULL")
    assert rows == [("click_id", shop.partner["id"], shop.link["id"], True)] * 2


@pytest.mark.proves("C25", "C136")
def test_an_event_without_an_attribution_key_is_stored_with_a_warning_and_belongs_to_nobody(shop):
    assert shop.send({"action": "custom"}).json()["warnings"] == ["no_attribution_key"]
    assert shop.stored(1, "action, verdict, matcher, affiliate, campaign") == [("custom", 2, None, 0, 0)]


@pytest.mark.proves("C33", "C134")
def test_a_drop_off_has_only_its_own_url(shop):
    refused = shop.send({"action": "drop_off", "ref_code": "ana-shop"})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "bad_action", "action")
    assert shop.send({"ref_code": "ana-shop"}, "/event/drop_off").status_code == 200
    assert shop.send({"action": "purchase"}, "/event/drop_off").json()["code"] == "bad_action"
    assert shop.send({}).json()["code"] == "missing_action"
    for path in ("/event/custom", "/event/refund", "/event/purchase/1"):
        assert shop.send({"action": "purchase"}, path).status_code == 404
    assert shop.stored(1) == [("drop_off",)]


@pytest.mark.proves("C36", "C75", "C109", "C110")
def test_only_a_key_of_an_active_advertiser_opens_the_door(shop, full):
    event = {"action": "signup", "event_id": "1"}
    for headers in ({"X_API_KEY": ""}, {"X_API_KEY": "trk_live_wrong"}, {"X_API_KEY": shop.key + "x"}):
        answer = shop.send(event, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    for header in ({"Api_Key": shop.key}, {"Authorization": f"Bearer {shop.key}"}):
        assert shop.send(event, X_API_KEY="", **header).status_code == 200
    fresh = shop.new_key(grace_s=3600)
    [old] = [key for key in full.buyer.get(f"{shop.path}/keys").json()["data"] if key["expires_at"]]
    full.wait_pushed()
    assert shop.send(event).status_code == shop.send(event, X_API_KEY=fresh).status_code == 200
    full.buyer.delete(f"{shop.path}/keys/{old['id']}")
    full.wait_pushed()
    assert shop.send(event).status_code == 401
    full.buyer.patch(shop.path, json={"state": "inactive"}, headers={"If-Match": "*"})
    full.wait_pushed()
    assert shop.send(event, X_API_KEY=fresh).status_code == 403
    user = made(full.buyer.post("/api/v1/api-keys", json={"name": "rest"}))["key"]
    full.wait_pushed()
    assert shop.send(event, X_API_KEY=user).status_code == 401


@pytest.mark.proves("C37", "C76", "C138")
def test_a_signature_must_be_right_and_fresh_and_a_replay_counts_nothing(shop, full):
    full.buyer.post(f"{shop.path}/hmac-secrets", json={"secret": VECTOR_SECRET})
    full.buyer.patch(shop.path, json={"hmac_required": True, "hmac_tolerance_s": 60}, headers={"If-Match": "*"})
    full.wait_pushed()
    body = json.dumps({"action": "purchase", "value": 1, "ref_code": "ana-shop"})
    now = int(time.time())
    wrong = [
        "",
        signature(body + " ", VECTOR_SECRET),
        signature(body, VECTOR_SECRET, now - 90),
        signature(body, VECTOR_SECRET, now + 90),
        signature(body, "another secret of 26 bytes"),
        f"t={now}",
        f"t={now},v1=zz",
        f"t={now}x," + signature(body, VECTOR_SECRET, now).split(",")[1],
    ]
    for header in wrong:
        assert shop.send(body, X_Signature=header).status_code == 401, header
    right = signature(body, VECTOR_SECRET, now)
    first, again = (shop.send(body, X_Signature=right).json() for _ in range(2))
    assert again["event_id"] == first["event_id"]
    # Nothing beside what is signed makes other events of a recorded call.
    for key in ("one", "two"):
        assert shop.send(body, X_Signature=right, Idempotency_Key=key).json()["event_id"] == first["event_id"]

    brought = made(full.buyer.post(f"{shop.path}/hmac-secrets", json={"grace_s": 3600}))["secret"]
    full.wait_pushed()
    unknown = signature(body, "nobody knows this one", now + 1).split(",")[1]
    older = signature(body, VECTOR_SECRET, now + 1).split(",")[1]
    both = ",".join([signature(body, brought, now + 1), unknown, older])
    assert shop.send(body, X_Signature=both).status_code == 200
    for secret in (brought, VECTOR_SECRET):
        assert shop.send(body, X_Signature=signature(body, secret, now + 1)).status_code == 200
    assert shop.send(body, X_Signature=signature(body, VECTOR_SECRET, now + 2)).status_code == 200
    assert shop.stored(3, "verdict") == [(1,)] * 3


@pytest.mark.proves("C39", "C68", "C80")
def test_an_event_counts_once_however_often_it_is_sent(shop):
    event = {"action": "purchase", "value": 3, "event_id": "order-1"}
    answers = [shop.send(event).json() for _ in range(3)]
    assert len({answer["event_id"] for answer in answers}) == 1
    assert answers[2]["duplicate"] is True
    batch = [{"action": "purchase", "event_id": "order-1"}, {"action": "signup"}]
    for _ in range(2):
        assert shop.send(batch, Idempotency_Key="call-1").status_code == 200
    reused = shop.send([{"action": "signup"}], Idempotency_Key="call-1")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    shop.send({"action": "custom"})
    assert sorted(shop.stored(3)) == [("custom",), ("purchase",), ("signup",)]


@pytest.mark.proves("C39", "C78")
@pytest.mark.parametrize("lines", [False, True])
def test_every_event_of_a_call_has_its_own_verdict(shop, lines):
    events = [
        {"action": "purchase", "value": "12.5", "currency": "eur", "ref_code": "ana-shop"},
        {"action": "purchase", "value": -1},
        {"action": "refund"},
        {"action": "signup", "currency": "euros"},
        {"action": "signup", "ref_code": ["ana-shop"]},
        {"action": "signup", "unknown": {"deep": [1]}, "value": None},
    ]
    if lines:
        content = "\n".join([json.dumps(event) for event in events] + ["", "not json"])
        answer = shop.send(content, Content_Type="application/x-ndjson; charset=utf-8")
    else:
        answer = shop.send([*events, 7])
    body = answer.json()
    codes = [item.get("code", item["status"]) for item in body["events"]]
    last = "malformed" if lines else "not_an_object"
    assert codes == ["accepted", "bad_value", "bad_action", "bad_currency", "wrong_type", "accepted", last]
    assert (answer.status_code, body["accepted"], body["refused"], body["duplicates"]) == (200, 2, 5, 0)
    assert shop.stored(2, "action, currency") == [("purchase", "EUR"), ("signup", "USD")]


HOSTILE = [
    ("", 400),
    ("not json", 400),
    ("7", 400),
    ("[]", 400),
    ('{"action":"signup"} {}', 400),
    ('{"action":"signup","value":NaN}', 400),
    ('{"action":"signup","properties":' + '{"a":' * 40 + "1" + "}" * 41, 400),
    ("[" * 100_000, 400),
    ('{"action":"\xff"}'.encode("latin-1"), 400),
    ('{"action":"signup","ref_code":"\\ud800"}', 400),
    ("[" + ",".join(['{"action":"signup"}'] * 1001) + "]", 400),
    ('{"action":"signup","value":1e3}', 422),
    ('{"action":"signup","value":0.12345678901234567890}', 422),
    ('{"action":"signup","value":"NaN"}', 422),
    ('{"action":"signup","value":true}', 422),
    ('{"action":"signup","value":99999999999999}', 422),
    ('{"action":"signup","action":"purchase"}', 422),
    ('{"action":"signup","properties":[]}', 422),
    ('{"action":"signup","properties":{"n":1e9000}}', 422),
    ('{"action":"signup","properties":{"n":' + "1" * 70 + "}}", 422),
    ('{"action":"signup","properties":{"t":"' + "x" * 17_000 + '"}}', 422),
    ('{"action":"signup","ref_code":"' + "x" * 300 + '"}', 422),
    ('{"action":"signup","properties":"' + "x" * (1 << 20) + '"}', 413),
]


@pytest.mark.proves("C78", "C68")
def test_hostile_bodies_leave_no_trace(shop):
    for body, status in HOSTILE:
        assert shop.send(body).status_code == status, body[:80]
    compressed = shop.send(gzip.compress(b'{"action":"signup"}'), Content_Encoding="gzip")
    assert (compressed.status_code, compressed.json()["code"]) == (415, "content_encoding")
    assert shop.full.nginx.client.get("/api/v1/events").headers["allow"] == "POST"
    strange = {
        "action": "custom",
        "ref_code": "'; DROP TABLE events.customer_events; --",
        "coupon_code": "A\u0000B",
        "landing_url": "https://x.example/?ref_code=%00%ff",
        "properties": {"\u0000": "\u0000", "n": 1.5, "é": None, "list": [True, {}, []]},
    }
    assert shop.send(strange).status_code == 200
    [(matcher, coupon, properties)] = shop.stored(1, "matcher, coupon_code, properties")
    assert (matcher, coupon) == (None, "A\ufffdB")
    assert properties == {"\ufffd": "\ufffd", "n": 1.5, "é": None, "list": [True, {}, []]}
    assert shop.full.database.value("SELECT count(*) FROM events.ingestion_errors") == 0


def test_a_link_of_another_advertiser_or_team_proves_nothing(shop, full):
    other = made(full.buyer.post("/api/v1/advertisers", json={"name": "Other"}))
    key = made(full.buyer.post(f"/api/v1/advertisers/{other['id']}/keys"))["key"]
    stranger = make_team(full.admin, full.root, "blue")[1]
    theirs = made(stranger.post("/api/v1/advertisers", json={"name": "Theirs"}))
    their_key = made(stranger.post(f"/api/v1/advertisers/{theirs['id']}/keys"))["key"]
    full.wait_pushed()
    for each in (key, their_key):
        assert shop.send({"action": "purchase", "ref_code": "ana-shop"}, X_API_KEY=each).status_code == 200
    rows = shop.stored(2, "matcher, affiliate, candidates")
    # Whose it is, is not told.
    assert rows == [(None, 0, [{"matcher": "ref_code", "outcome": "foreign"}])] * 2


@pytest.mark.proves("C39")
def test_a_killed_ingestor_neither_loses_nor_repeats_an_event(shop, full):
    for number in range(40):
        assert shop.send({"action": "purchase", "event_id": f"e{number % 30}"}).status_code == 200
        if number == 20:
            full.ingestor.program.kill()
            full.ingestor.start()
    shop.stored(30)


@pytest.mark.proves("C24", "C19", "C141")
def test_a_coupon_has_the_last_word_while_it_is_valid(shop, full):
    ben = made(full.buyer.post("/api/v1/partners", json={"name": "Ben", "kind": "influencer"}))
    mine = {"campaign_id": shop.campaign["id"], "partner_id": ben["id"]}
    own = made(full.buyer.post("/api/v1/coupons", json={**mine, "code": "BEN-10"}))
    generic = made(full.buyer.post("/api/v1/coupons", json={**mine, "partner_id": None, "code": "ANYBODY"}))
    late = {**mine, "code": "LATER", "valid_from": "2100-01-01T00:00:00Z"}
    made(full.buyer.post("/api/v1/coupons", json=late))
    for code in ("ben-10", "anybody", "later", "nobody-knows"):
        shop.send({"action": "purchase", "coupon_code": code, "ref_code": "ana-shop"})
    shop.send({"action": "purchase", "coupon_code": "ANYBODY"})
    shop.stored(5)
    full.buyer.delete(f"/api/v1/coupons/{own['id']}", headers={"If-Match": "*"})
    shop.send({"action": "purchase", "coupon_code": "BEN-10", "ref_code": "ana-shop"})
    ana = shop.partner["id"]
    rows = shop.stored(6, "matcher, confidence, affiliate, coupon, candidates -> 0 ->> 'outcome'")
    assert rows == [
        ("coupon", 100, ben["id"], own["id"], "outranked"),
        ("ref_code", 95, ana, generic["id"], "generic"),
        ("ref_code", 95, ana, 0, "not_yet_valid"),
        ("ref_code", 95, ana, 0, "unknown"),
        ("coupon", 50, 0, generic["id"], None),
        ("ref_code", 95, ana, 0, "expired"),
    ]


@pytest.mark.proves("C4", "C5", "C43", "C47", "C48", "C49", "C50", "C144")
def test_the_funnel_counts_from_landing_to_purchase_by_campaign_and_partner(shop, full):
    for _ in range(3):
        assert full.nginx.client.get("/r/ana-shop").status_code == 302
    full.nginx.client.head("/r/ana-shop")
    reference = {"ref_code": "ana-shop"}
    shop.send(reference, "/event/add_to_cart")
    shop.send(reference, "/event/add_to_cart")
    shop.send(reference, "/event/drop_off")
    shop.send({**reference, "value": "10.5"}, "/event/purchase")
    shop.send({**reference, "value": "2", "currency": "EUR"}, "/event/purchase")
    shop.send({"value": "7"}, "/event/purchase")
    shop.stored(6)
    wait_until(lambda: full.database.value("SELECT count(*) FROM events.clicks") == 4, "the clicks to be stored")

    report = full.buyer.get("/api/v1/reports/funnel", params={"advertiser_id": shop.advertiser["id"]}).json()

    counts = {"carts": 2, "signups": 0, "drop_offs": 1, "customs": 0}
    ours = [{"currency": "EUR", "amount": "2"}, {"currency": "USD", "amount": "10.5"}]
    ids = {"campaign_id": shop.campaign["id"], "partner_id": shop.partner["id"]}
    assert report["rows"][0] == {"landings": 3, **counts, "purchases": 2, "revenue": ours, **ids}
    nobody = report["rows"][1]
    assert (nobody["campaign_id"], nobody["partner_id"], nobody["purchases"], nobody["landings"]) == (None, None, 1, 0)
    assert (report["totals"]["purchases"], report["totals"]["revenue"][1]["amount"]) == (3, "17.5")
    elsewhere = full.buyer.get("/api/v1/reports/funnel", params={"partner_id": 999}).json()
    assert (elsewhere["rows"], elsewhere["totals"]["landings"]) == ([], 0)


@pytest.mark.proves("C139", "C141", "C142")
def test_an_event_is_shown_with_whom_it_is_credited_to_and_what_lost(shop, full):
    ben = made(full.buyer.post("/api/v1/partners", json={"name": "Ben", "kind": "influencer"}))["id"]
    coupon = {"campaign_id": shop.campaign["id"], "partner_id": ben, "code": "BEN-10"}
    coupon = made(full.buyer.post("/api/v1/coupons", json=coupon))["id"]
    evidence = {"coupon_code": "ben-10", "ref_code": "ana-shop", "click_id": "nobody's", "customer_key": "c-9"}
    sent = shop.send({"action": "purchase", "value": "5", "properties": {"sku": "A"}, **evidence}).json()
    shop.send({"action": "custom"})
    shop.stored(2)
    path = "/api/v1/customer-events"

    [event] = full.buyer.get(path, params={"partner_id": ben, "action": "purchase"}).json()["data"]

    own = {name: event[name] for name in evidence}
    assert (own, event["event_id"], event["state"], event["value"]) == (evidence, sent["event_id"], "attributed", "5")
    credit = event["attribution"]
    lost = [(candidate["matcher"], candidate["outcome"]) for candidate in credit.pop("candidates")]
    ids = {"campaign_id": shop.campaign["id"], "partner_id": ben, "link_id": None, "coupon_id": coupon, "click": None}
    assert credit == {"matcher": "coupon", "confidence": 100, **ids}
    assert lost == [("ref_code", "outranked"), ("click_id", "unknown")]
    [nobody] = full.buyer.get(path, params={"matcher": "none"}).json()["data"]
    assert (nobody["action"], nobody["state"], nobody["attribution"]["partner_id"]) == ("custom", "unattributed", None)
    whole = full.buyer.get(f"{path}/{sent['event_id']}").json()
    assert (whole["properties"], whole["history"], whole["address"]) == ({"sku": "A"}, [], "127.0.0.1")
    stranger = make_team(full.admin, full.root, "blue")[1]
    assert stranger.get(path).json()["data"] == []
    for name in (sent["event_id"], "1"):
        assert stranger.get(f"{path}/{name}").status_code == 404
