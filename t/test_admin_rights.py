"""Nobody sees or changes what another team owns, gives himself rights, or leaves no trace."""

import json

import pytest

from lib.admin_client import (
    PASSWORD,
    connect,
    log_in,
    made,
    make_campaign,
    make_destination,
    make_team,
    problem,
    routes,
)


def records_of(client):
    """One record of every kind that a team owns: path by collection."""
    destination = make_destination(client, "secret shop")
    campaign = make_campaign(client, "secret-slug")
    stream = made(client.post("/api/v1/streams", json={"campaign_id": campaign["id"]}))
    network = made(client.post("/api/v1/networks", json={"name": "secret", "key": "secret-net"}))
    page = {"name": "secret page", "url": "https://page.example/?t={lander_click}"}
    source = made(client.post("/api/v1/sources", json={"name": "secret source"}))
    partner = made(client.post("/api/v1/partners", json={"name": "secret partner"}))
    outbound = {"name": "secret outbound", "url": "https://peer.example/"}
    link = {"campaign_id": campaign["id"], "partner_id": partner["id"], "name": "secret link"}
    advertiser = made(client.post("/api/v1/advertisers", json={"name": "secret advertiser"}))
    advertised = make_campaign(client, "secret-sale", advertiser_id=advertiser["id"])
    return {
        "campaigns": campaign,
        "streams": stream,
        "destinations": destination,
        "networks": network,
        "landers": made(client.post("/api/v1/landers", json=page)),
        "sources": source,
        "partners": partner,
        "advertisers": advertiser,
        "coupons": made(client.post("/api/v1/coupons", json={"campaign_id": advertised["id"], "code": "secret-1"})),
        "rotations": made(client.post("/api/v1/rotations", json={"name": "secret rotation"})),
        "outbound-templates": made(client.post("/api/v1/outbound-templates", json=outbound)),
        "links": made(client.post("/api/v1/links", json=link)),
        "commissions": made(client.post("/api/v1/commissions", json={"kind": "percent", "amount": "1"})),
    }


@pytest.mark.proves("F67")
def test_no_route_shows_or_changes_what_another_team_owns(admin, root, buyer, database):
    red_team = buyer.get("/api/v1/auth/me").json()["team_id"]
    red_user = buyer.get("/api/v1/auth/me").json()["id"]
    red = records_of(buyer)
    key = made(buyer.post("/api/v1/api-keys", json={"name": "red"}))
    blue = make_team(admin, root, "blue")[1]
    edge = made(root.post("/api/v1/edges", json={"name": "e", "push_url": "http://127.0.0.1:9/x", "number": 7}))
    red["domains"] = made(root.post("/api/v1/domains", json={"host": "secret.example", "team_id": red_team}))
    ids = {name: record["id"] for name, record in red.items()}
    ids |= {"teams": red_team, "users": red_user, "api-keys": key["id"], "edges": edge["number"], "ingestion-errors": 1}
    ids |= {"postbacks": 1, "conversions": 1, "outbox": 1}
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    ids["reattributions"] = buyer.post("/api/v1/reattributions", json=period).json()["id"]
    before = database.rows("SELECT id, version, state FROM config.campaigns ORDER BY id")
    tried = 0
    for route in routes():
        if "{id}" not in route["path"]:
            continue
        collection = route["path"].split("/")[3]
        assert collection in ids, f"add a record of {collection} to this test"
        path = route["path"].replace("{id}", str(ids[collection])).replace("{secret_id}", "1")
        answer = blue.request(route["method"], path, json={"name": "mine"}, headers={"If-Match": "*"})
        listed = answer.status_code == 200 and answer.json() == {"data": [], "next_cursor": None}
        assert answer.status_code in (403, 404, 422) or listed, f"{route} {answer.text}"
        assert "secret" not in answer.text
        tried += 1
    assert tried > 30
    for route in routes():
        if route["method"] == "GET" and "{" not in route["path"] and route["access"] in ("team", "signed_in"):
            text = blue.get(route["path"]).text
            assert "secret" not in text, route
            assert red_user not in text, route
    assert database.rows("SELECT id, version, state FROM config.campaigns ORDER BY id") == before


def test_row_security_alone_keeps_teams_apart(admin, root, buyer, database):
    records_of(buyer)
    team = make_team(admin, root, "blue")[0]
    with database.cluster.connect(database.name, "tributary_admin") as session:
        session.execute("SELECT set_config('tributary.team', %s, false)", (team["id"],))
        for table in ("campaigns", "streams", "destinations", "networks", "network_secrets", "sources"):
            assert session.execute(f"SELECT count(*) FROM config.{table}").fetchone() == (0,), table


@pytest.mark.proves("F68")
def test_nobody_gives_himself_rights(admin, root, buyer):
    other = made(root.post("/api/v1/teams", json={"name": "other"}))
    problem(buyer.post("/api/v1/campaigns", json={"name": "n", "slug": "s", "team_id": other["id"]}), 422)
    me = buyer.get("/api/v1/auth/me").json()
    problem(buyer.patch(f"/api/v1/users/{me['id']}", json={"role": "admin"}, headers={"If-Match": "*"}), 403)
    account = {"email": "x@tests.example", "password": PASSWORD, "role": "admin"}
    problem(connect(admin).post("/api/v1/auth/register", json=account), 422)


def test_a_stream_takes_no_destination_of_another_team(admin, root, buyer):
    blue = make_team(admin, root, "blue")[1]
    foreign = make_destination(blue)
    campaign = make_campaign(buyer)
    body = {"campaign_id": campaign["id"], "destinations": [{"destination_id": foreign["id"]}]}
    assert problem(buyer.post("/api/v1/streams", json=body), 422)["errors"][0]["field"] == "destinations"
    assert buyer.get("/api/v1/streams").json()["data"] == []


@pytest.mark.proves("F68")
@pytest.mark.parametrize("owner", ["campaigns", "rotations"])
def test_streams_of_what_is_not_there_or_of_another_team_are_not_found(admin, root, buyer, owner):
    stranger = make_team(admin, root, "blue")[1]
    record = made(
        buyer.post(f"/api/v1/{owner}", json={"name": "sale", **({"slug": "s"} if owner == "campaigns" else {})})
    )
    path = f"/api/v1/{owner}/{record['id']}"
    assert (
        buyer.get(f"{path}/streams").json() == root.get(f"{path}/streams").json() == {"data": [], "next_cursor": None}
    )
    problem(stranger.get(f"{path}/streams"), 404)
    assert buyer.delete(path, headers={"If-Match": "*"}).status_code == 204
    for client in (buyer, root):
        problem(client.get(f"{path}/streams"), 404)
        problem(client.get(f"/api/v1/{owner}/999999/streams"), 404)


def test_the_last_administrator_stays(admin, root):
    me = root.get("/api/v1/auth/me").json()["id"]
    any_version = {"If-Match": "*"}
    for change in ({"role": "buyer"}, {"state": "blocked"}):
        problem(root.patch(f"/api/v1/users/{me}", json=change, headers=any_version), 409)
    problem(root.delete(f"/api/v1/users/{me}", headers=any_version), 409)
    second = {"email": "second@tests.example", "password": PASSWORD, "role": "admin", "state": "approved"}
    other = log_in(admin, made(root.post("/api/v1/users", json=second))["email"])
    assert other.delete(f"/api/v1/users/{me}", headers=any_version).status_code == 204
    problem(root.get("/api/v1/auth/me"), 401)


def test_every_change_stands_in_the_audit_log_without_secrets(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "net", "secret": "s" * 20}))
    buyer.patch(f"/api/v1/networks/{network['id']}", json={"name": "m"}, headers={"If-Match": "*"})
    entries = buyer.get("/api/v1/audit-log", params={"entity": "network"}).json()["data"]
    assert [entry["action"] for entry in entries] == ["update", "create"]
    assert entries[0]["old_content"]["name"] == "n"
    assert entries[0]["new_content"]["name"] == "m"
    assert "s" * 20 not in json.dumps(entries)
