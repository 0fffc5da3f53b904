"""Everything together: configured over REST, clicked, converted, ingested, reported."""

from decimal import Decimal

import httpx
import pytest

from lib.admin_client import made, make_campaign
from lib.tools import click_id
from lib.wait import wait_until

PARAMETERS = [
    {"field": "click_id", "names": ["cid"]},
    {"field": "transaction", "names": ["txid"]},
    {"field": "payout", "names": ["payout"]},
    {"field": "revenue", "names": ["revenue"]},
    {"field": "status", "names": ["status"]},
]
CLICKS = 40
CONVERSIONS = 5


def configure(full, edge_address=None):
    """A campaign with one destination and a network; returns (campaign, path of postbacks)."""
    full.add_edge(edge_address)
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    campaign = make_campaign(full.buyer, "sale", currency="USD")
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    network = made(full.buyer.post("/api/v1/networks", json={"name": "net", "key": "net", "parameters": PARAMETERS}))
    full.wait_pushed()
    return campaign, f"/postback/net/{network['secret']}"


@pytest.mark.proves("A2", "A74", "A89")
def test_from_configuration_to_report(full):
    campaign, postback = configure(full)
    clicks = [full.nginx.client.get(f"/c/sale?sub1=n{n}&cost=0.10") for n in range(CLICKS)]
    for n, click in enumerate(clicks[:CONVERSIONS]):
        conversion = {"cid": click_id(click), "txid": f"t{n}", "payout": "2.5", "revenue": "4"}
        answer = full.nginx.client.get(postback, params=conversion)
        assert answer.json()["verdict"] == "accepted", answer.text

    def report():
        found = full.buyer.get("/api/v1/reports/overview").json()
        totals = found["totals"]
        return found if totals["clicks"] == CLICKS and totals["sales"] == CONVERSIONS else None

    found = wait_until(report, "the report to show what happened")
    money = {"currency": "USD", "cost": "4", "payout": "12.5", "revenue": "20", "profit": "16"}
    assert found["totals"]["money"] == [money]
    assert [(row["campaign_id"], row["clicks"]) for row in found["campaigns"]] == [(campaign["id"], CLICKS)]


@pytest.mark.proves("A30", "A45")
def test_a_paused_campaign_stops_on_the_edge_within_seconds(full):
    campaign, _ = configure(full)
    assert full.nginx.client.get("/c/sale").status_code == 302
    path = f"/api/v1/campaigns/{campaign['id']}"
    assert full.buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    wait_until(lambda: full.nginx.client.get("/c/sale").status_code == 404, "the pause to reach the edge", 5)


@pytest.mark.proves("A30")
def test_an_edge_takes_pushes_over_a_unix_socket(full):
    configure(full, f"unix:{full.socket}:")
    assert full.nginx.client.get("/c/sale").status_code == 302
    status = full.root.get("/api/v1/snapshot/status").json()
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(full.socket)), base_url="http://localhost") as client:
        served = client.get("/tributary/config").json()
    assert (served["epoch"], served["counter"]) == (status["epoch"], status["counter"])
    assert served["acknowledged"]


@pytest.mark.proves("A46")
def test_the_edge_serves_on_without_admin_api_and_postgresql(full, postgres):
    configure(full)
    full.admin.program.kill()
    postgres.stop()
    try:
        assert full.nginx.client.get("/c/sale").status_code == 302
    finally:
        postgres.ensure_running()
        full.admin.start()


@pytest.mark.parametrize(("model", "cost"), [("cpc", "2.5"), ("cpm", "0.0025"), ("auto", "2.5"), ("none", "0")])
def test_the_cost_model_decides_what_a_click_costs(full, model, cost):
    campaign, _ = configure(full)
    path = f"/api/v1/campaigns/{campaign['id']}"
    change = {"cost_model": model, "cost": "2.5"}
    assert full.buyer.patch(path, json=change, headers={"If-Match": "*"}).status_code == 200
    full.wait_pushed()
    assert full.nginx.client.get("/c/sale").status_code == 302

    def totals():
        found = full.buyer.get("/api/v1/reports/overview").json()["totals"]
        return found if found["clicks"] == 1 else None

    found = wait_until(totals, "the report to show the click")
    assert sum(Decimal(row["cost"]) for row in found["money"]) == Decimal(cost)


@pytest.mark.proves("C26", "C28", "C132", "B15", "B19")
def test_links_and_calls_of_partners_reach_the_edge_and_become_their_clicks(full, database):
    campaign, _ = configure(full)
    partner = made(full.buyer.post("/api/v1/partners", json={"name": "Ana", "kind": "influencer"}))
    owned = {"campaign_id": campaign["id"], "partner_id": partner["id"]}
    link = made(full.buyer.post("/api/v1/links", json=owned))
    full.wait_pushed()
    target = full.nginx.client.get(f"/r/{link['code']}").headers["location"]
    assert target.startswith("https://shop.example.com/?cid=")
    assert f"&ref_code={link['code']}&click_id=" in target
    call = {"affiliate_id": partner["id"], "campaign_id": campaign["id"], "click_id": "abc123"}
    assert full.nginx.client.get("/click", params=call).json()["success"]

    def rows():
        found = database.rows("SELECT tracking_link_id, influencer_id, campaign_id FROM influencer.click_events")
        return sorted(found) if len(found) == 2 else None

    ids = (partner["id"], campaign["id"])
    assert wait_until(rows, "both clicks") == [(0, *ids), (link["id"], *ids)]
    [(number, *known)] = database.rows("SELECT id, affiliate_id, campaign_id, click_id FROM affiliate.clicks")
    assert known == [*ids, "abc123"]
    assert 0 < number < 2**53
    path = f"/api/v1/links/{link['id']}"
    assert full.buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).status_code == 200
    wait_until(lambda: full.nginx.client.get(f"/r/{link['code']}").status_code == 404, "the pause to reach the edge", 5)


@pytest.mark.proves("C63", "C28")
def test_a_regenerated_link_has_a_new_code_and_the_old_one_keeps_its_clicks(full, database):
    campaign, _ = configure(full)
    partner = made(full.buyer.post("/api/v1/partners", json={"name": "Ana"}))
    old = made(full.buyer.post("/api/v1/links", json={"campaign_id": campaign["id"], "partner_id": partner["id"]}))
    full.wait_pushed()
    assert full.nginx.client.get(f"/r/{old['code']}").status_code == 302
    new = made(full.buyer.post(f"/api/v1/links/{old['id']}/regenerate"))
    full.wait_pushed()
    assert full.nginx.client.get(f"/r/{old['code']}").status_code == 404
    assert f"ref_code={new['code']}&" in full.nginx.client.get(f"/r/{new['code']}").headers["location"]

    def clicks():
        found = database.rows("SELECT tracking_link_id FROM influencer.click_events WHERE influencer_id IS NOT NULL")
        return sorted(found) if len(found) == 2 else None

    assert wait_until(clicks, "both clicks") == [(old["id"],), (new["id"],)]


@pytest.mark.proves("A21")
def test_a_destination_says_how_visitors_get_there_whatever_the_stream_says(full):
    campaign, _ = configure(full)
    [stream] = full.buyer.get(f"/api/v1/campaigns/{campaign['id']}/streams").json()["data"]
    path = f"/api/v1/destinations/{stream['destinations'][0]['destination_id']}"
    assert full.buyer.get(path).json()["redirect_kind"] is None

    def change(**fields):
        changed = full.buyer.patch(path, json=fields, headers={"If-Match": "*"}).json()
        assert {field: changed[field] for field in fields} == fields
        full.wait_pushed()
        decision = full.buyer.post("/api/v1/explain", json={"url": "http://t.example/c/sale"}).json()["decision"]
        answer = full.nginx.client.get("/c/sale")
        assert answer.status_code == decision["status"]
        return decision["redirect_kind"], answer

    kind, answer = change(redirect_kind="hide_referrer")
    assert (kind, answer.headers["referrer-policy"]) == ("hide_referrer", "no-referrer")
    kind, answer = change(redirect_kind="http", redirect_status=303)
    assert (kind, answer.status_code) == ("http", 303)
    kind, answer = change(redirect_kind=None)
    assert (kind, answer.status_code) == ("http", 302)


@pytest.mark.proves("A20")
def test_a_stream_says_how_visitors_are_redirected(full):
    campaign, _ = configure(full)
    [stream] = full.buyer.get(f"/api/v1/campaigns/{campaign['id']}/streams").json()["data"]
    assert stream["redirect_kind"] == "http"
    changed = full.buyer.patch(
        f"/api/v1/streams/{stream['id']}", json={"redirect_kind": "meta"}, headers={"If-Match": "*"}
    )
    assert changed.json()["redirect_kind"] == "meta"
    wait_until(lambda: "http-equiv" in full.nginx.client.get("/c/sale").text, "the change to reach the edge", 5)
