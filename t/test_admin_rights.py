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


EVENTS_OF_A_TEAM = """
INSERT INTO events.conversions (id, first_received_at, last_received_at, batch, key_owner, key_kind, key_subject, team)
VALUES (1, now(), now(), 1, 1, 1, 'secret transaction', '{team}');
SELECT events.ensure_partition('2026-01-01');
INSERT INTO events.clicks (time, position, batch, journal, campaign, edge, slot, reason, status, id, team)
VALUES ('2026-01-01T12:00Z', 1, 1, 1, {campaign}, 1, 1, 1, 302, gen_random_uuid(), '{team}');
INSERT INTO events.postbacks
  (time, conversion_id, position, batch, journal, edge, slot, verdict, status, verified, team, transaction, method, uri)
VALUES ('2026-01-01T12:00Z', 1, 1, 1, 1, 1, 1, 1, 2, true, '{team}', 'secret transaction', 'GET', '/postback/secret');
INSERT INTO events.outbox (team, conversion, template, status, payload) VALUES ('{team}', 1, {template}, 2, '{{}}');
INSERT INTO events.ingestion_errors (journal, position, next_position, batch, reason, bytes, team)
VALUES (1, 1, 2, 1, 'clock', 'secret', '{team}');
INSERT INTO events.customer_events
  (time, id, position, batch, journal, advertiser, edge, slot, verdict, team, event_id, action, customer_key)
VALUES ('2026-01-01T12:00Z', 1, 1, 1, 1, 1, 1, 1, 1, '{team}', '{event}', 'signup', 'secret');
INSERT INTO events.customer_event_keys (event_id, time, advertiser, batch)
VALUES ('{event}', '2026-01-01T12:00Z', 1, 1);
"""
EVENT = "01234567-89ab-cdef-0123-456789abcdef"


def everything_of(admin, root, buyer, database):
    """A record of every kind that belongs to the team of `buyer`: id by collection."""
    me = buyer.get("/api/v1/auth/me").json()
    red = records_of(buyer)
    team = me["team_id"]
    red["domains"] = made(root.post("/api/v1/domains", json={"host": "secret.example", "team_id": team}))
    red["api-keys"] = made(buyer.post("/api/v1/api-keys", json={"name": "secret"}))
    user = {"email": "secret@tests.example", "password": PASSWORD, "role": "buyer", "team_id": team}
    red["users"] = made(root.post("/api/v1/users", json=user))
    edge = made(root.post("/api/v1/edges", json={"name": "e", "push_url": "http://127.0.0.1:9/x", "number": 7}))
    numbers = {"template": red["outbound-templates"]["id"], "campaign": red["campaigns"]["id"]}
    for statement in EVENTS_OF_A_TEAM.format(team=team, event=EVENT, **numbers).split(";")[:-1]:
        database.execute(statement)
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    red["reattributions"] = buyer.post("/api/v1/reattributions", json=period).json()
    ids = {name: record["id"] for name, record in red.items()} | {"teams": team, "edges": edge["number"]}
    ids["customer-events"] = EVENT
    for events in ("postbacks", "conversions", "outbox", "ingestion-errors"):
        table = events.replace("-", "_")
        ids[events] = database.value(
            f"SELECT min({'conversion_id' if events == 'postbacks' else 'id'}) FROM events.{table}"
        )
    return ids


COST = {"start_date": "2026-01-01", "end_date": "2026-01-02", "timezone": "UTC", "cost": 1}
# What a call needs to be right in all but who makes it. The others need nothing, or a name (PATCH).
BODIES = {
    "PATCH /api/v1/users/{id}": {"state": "approved"},
    "PATCH /api/v1/domains/{id}": {"default_campaign_id": None},
    "PATCH /api/v1/coupons/{id}": {"valid_until": "2030-01-01T00:00:00Z"},
    "PATCH /api/v1/commissions/{id}": {"amount": "2"},
    "POST /api/v1/campaigns/{id}/streams": {"name": "mine"},
    "POST /api/v1/rotations/{id}/streams": {"name": "mine"},
    "POST /api/v1/campaigns/{id}/partners": {"partner_id": "{partners}"},
    "POST /api/v1/campaigns/{id}/update_costs": COST,
    "POST /admin_api/v1/campaigns/{id}/update_costs": COST,
    "POST /api/v1/partners/{id}/ledger": {"kind": "adjusted", "amount": "1", "currency": "USD", "reference": "r"},
    "POST /api/v1/conversions/{id}/status": {"status": "rejected"},
}
# What holds others goes last.
LAST = ["landers", "sources", "campaigns", "rotations", "destinations", "networks", "partners", "advertisers"]
LAST += ["outbound-templates", "edges", "domains", "api-keys", "users", "teams"]


def in_order(route):
    collection = route["path"].split("/")[3]
    method = ["GET", "PATCH", "POST", "DELETE"].index(route["method"])
    return method, -route["path"].count("/"), LAST.index(collection) if collection in LAST else -1


def child_of(owner, path):
    """The path with a child that can be deleted: the oldest secret or key, or the assigned partner."""
    if "{" not in path:
        return path
    parent, name = path.split("/{")
    found = owner.get(parent).json()["data"]
    return f"{parent}/{min(child['partner_id' if name == 'partner_id}' else 'id'] for child in found)}"


def filled(body, ids):
    return {name: ids[value[1:-1]] if value == "{partners}" else value for name, value in body.items()}


def refused(answer):
    """The caller learns no more than of something that is not there."""
    listed = answer.request.method == "GET" and answer.status_code == 200
    return answer.status_code in (403, 404) or (listed and answer.json() == {"data": [], "next_cursor": None})


@pytest.mark.proves("F67")
def test_no_route_shows_or_changes_what_another_team_owns(admin, root, buyer, database):
    """Each call is tried by a stranger and then by the owner, who succeeds: so only the rights had stopped it."""
    ids = everything_of(admin, root, buyer, database)
    blue = make_team(admin, root, "blue")[1]
    tried, wrong = 0, []  # calls that the owner may not make either, so that they prove nothing
    for route in sorted((route for route in routes() if "{id}" in route["path"]), key=in_order):
        collection = route["path"].split("/")[3]
        assert collection in ids, f"add a record of {collection} to this test"
        owner = root if route["access"] == "admin" else buyer
        path = child_of(owner, route["path"].replace("{id}", str(ids[collection])))
        usual = {"name": "mine"} if route["method"] == "PATCH" else {}
        body = filled(BODIES.get(f"{route['method']} {route['path']}", usual), ids)
        call = {"json": body, "headers": {"If-Match": "*"}}
        answer = blue.request(route["method"], path, **call)
        assert refused(answer), f"{route} {answer.text}"
        assert "secret" not in answer.text, route
        database.execute("UPDATE events.reattributions SET state = 'ready'")  # no ingestor computes it here
        answer = owner.request(route["method"], path, **call)
        if answer.status_code not in (200, 201, 202, 204):
            wrong.append(f"{route['method']} {path} {body}: {answer.text}")
        elif path.endswith("/regenerate"):
            ids[collection] = answer.json()["id"]  # what took its place
        tried += 1
    assert wrong == []
    assert tried > 60


OF_NOBODY = {"/api/v1/network-presets"}  # the same for everybody; speaks of secrets


def test_lists_show_nothing_of_another_team(admin, root, buyer, database):
    everything_of(admin, root, buyer, database)
    red_user = buyer.get("/api/v1/auth/me").json()["id"]
    blue = make_team(admin, root, "blue")[1]
    for route in routes():
        listing = route["method"] == "GET" and "{" not in route["path"] and route["path"] not in OF_NOBODY
        if listing and route["access"] in ("team", "signed_in"):
            text = blue.get(route["path"]).text
            assert "secret" not in text, route
            assert red_user not in text, route


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
