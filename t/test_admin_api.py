"""The admin API against a running server: sessions, records, errors, isolation of teams, pushes to edges."""

import base64
import hashlib
import hmac
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from lib.admin import EMAIL, Admin
from lib.fake_edge import FakeEdge
from lib.openapi import Specification
from lib.places import ROOT, program
from lib.wait import wait_until

SPEC = Specification()
PASSWORD = "correct horse battery"


class Client(httpx.Client):
    """Checks every answer against the specification."""

    def request(self, *arguments, **options):
        response = super().request(*arguments, **options)
        return SPEC.check(response)


def connect(admin, **headers):
    return Client(base_url=admin.url, headers=headers, timeout=30)


def log_in(admin, email, password=PASSWORD):
    answer = connect(admin).post("/api/v1/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return connect(admin, Authorization=f"Bearer {answer.json()['access_token']}")


@pytest.fixture
def admin(workspace, database):
    server = Admin(workspace, database)
    server.command("user", "create", "--email", EMAIL, "--password-file", str(server.password_file))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def root(admin):
    """An administrator."""
    return log_in(admin, EMAIL, admin.password)


def made(response):
    assert response.status_code == 201, response.text
    return response.json()


def make_team(admin, root, name):
    """A team and a client of a buyer in it."""
    team = made(root.post("/api/v1/teams", json={"name": name}))
    user = {"email": f"{name}@tests.example", "password": PASSWORD, "role": "buyer", "state": "approved"}
    made(root.post("/api/v1/users", json={**user, "team_id": team["id"]}))
    return team, log_in(admin, user["email"])


@pytest.fixture
def buyer(admin, root):
    return make_team(admin, root, "red")[1]


def make_campaign(client, slug="sale", **fields):
    return made(client.post("/api/v1/campaigns", json={"name": slug, "slug": slug, **fields}))


def make_destination(client, name="shoes"):
    fields = {"name": name, "url": "https://shoes.example.com/?c={clickid}", "payout": "12.50"}
    return made(client.post("/api/v1/destinations", json=fields))


def problem(response, status, code=None):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    if code:
        assert document["code"] == code
    return document


# --- the contract


def routes():
    done = subprocess.run([str(program("tributary-admin")), "routes"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.proves("C107", "C66")
def test_specification_and_routes_are_the_same():
    assert {(route["method"], route["path"]) for route in routes()} == SPEC.operations()


@pytest.mark.proves("C107")
def test_specification_is_served_as_yaml_and_json(admin):
    client = connect(admin)
    assert client.get("/api/v1/openapi.yaml").text == (ROOT / "schema/openapi.yaml").read_text()
    assert client.get("/api/v1/openapi.json").json() == SPEC.document


@pytest.mark.proves("C103", "C104")
def test_every_route_refuses_a_stranger_with_a_problem_document(admin):
    for route in routes():
        path = route["path"].replace("{id}", "1").replace("{secret_id}", "1")
        response = httpx.request(route["method"], admin.url + path, timeout=30)
        if route["access"] == "open":
            assert response.status_code != 404, path
        else:
            assert response.status_code == 401, path
            assert response.json()["code"] == "unauthenticated"
            assert response.headers["x-request-id"]


def test_unknown_paths_and_methods(admin):
    assert httpx.get(f"{admin.url}/nothing").status_code == 404
    answer = httpx.put(f"{admin.url}/api/v1/campaigns")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.proves("C69")
def test_health_readiness_and_metrics(admin):
    client = connect(admin)
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"status": "ready"}
    text = client.get("/metrics").text
    assert "# TYPE tributary_admin_requests_total counter" in text
    problem(client.get("/metrics", headers={"X-Real-IP": "203.0.113.9"}), 403)


# --- sessions


@pytest.mark.proves("A17", "C60", "C67", "C105", "C106")
def test_a_session_is_refreshed_and_ended(admin):
    client = connect(admin)
    session = client.post("/api/v1/auth/login", json={"email": EMAIL, "password": admin.password}).json()
    cookie = client.cookies.jar
    assert any(c.name == "tributary_refresh" and c.has_nonstandard_attr("HttpOnly") for c in cookie)
    client.headers["Authorization"] = f"Bearer {session['access_token']}"
    assert client.get("/api/v1/auth/me").json()["email"] == EMAIL
    fresh = client.post("/api/v1/auth/refresh", json={"refresh_token": session["refresh_token"]}).json()
    assert fresh["refresh_token"] != session["refresh_token"]
    client.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert client.post("/api/v1/auth/logout", json={"refresh_token": fresh["refresh_token"]}).status_code == 204
    problem(client.get("/api/v1/auth/me"), 401, "unauthenticated")


def test_a_refresh_token_used_twice_ends_the_whole_session(admin):
    client = connect(admin)
    first = client.post("/api/v1/auth/login", json={"email": EMAIL, "password": admin.password}).json()
    second = client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    problem(client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}), 401)
    problem(client.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]}), 401)
    client.headers["Authorization"] = f"Bearer {second['access_token']}"
    problem(client.get("/api/v1/auth/me"), 401)


@pytest.mark.proves("F72")
def test_the_cookie_refreshes_only_for_our_own_origin(admin):
    client = connect(admin)
    client.post("/api/v1/auth/login", json={"email": EMAIL, "password": admin.password})
    problem(client.post("/api/v1/auth/refresh", headers={"Origin": "https://evil.example"}), 403)
    assert client.post("/api/v1/auth/refresh", headers={"Origin": admin.url}).status_code == 200


@pytest.mark.proves("C79")
def test_failed_logins_are_limited(admin):
    client = connect(admin)
    body = {"email": "nobody@tests.example", "password": "wrong password"}
    statuses = [client.post("/api/v1/auth/login", json=body).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


@pytest.mark.proves("A18")
def test_a_registered_user_works_only_after_approval(admin, root):
    client = connect(admin)
    account = {"email": "new@tests.example", "password": PASSWORD}
    assert client.post("/api/v1/auth/register", json=account).status_code == 202
    problem(client.post("/api/v1/auth/login", json=account), 403, "not_approved")
    user = root.get("/api/v1/users", params={"email": account["email"]}).json()["data"][0]
    assert user["state"] == "pending"
    team = made(root.post("/api/v1/teams", json={"name": "green"}))
    approval = {"state": "approved", "team_id": team["id"]}
    headers = {"If-Match": f'"{user["version"]}"'}
    assert root.patch(f"/api/v1/users/{user['id']}", json=approval, headers=headers).status_code == 200
    worker = log_in(admin, account["email"])
    assert worker.get("/api/v1/campaigns").json()["data"] == []
    blocked = root.patch(f"/api/v1/users/{user['id']}", json={"state": "blocked"}, headers={"If-Match": "*"})
    assert blocked.status_code == 200
    problem(worker.get("/api/v1/campaigns"), 401)


def encode(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged_tokens(token, secret):
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))

    def signed(head, body, key=secret):
        text = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(body).encode())}"
        return f"{text}.{encode(hmac.digest(key, text.encode(), hashlib.sha256))}"

    ours = json.loads(base64.urlsafe_b64decode(header + "=="))
    none = encode(b'{"alg":"none","typ":"JWT"}')
    yield f"{none}.{payload}."
    yield f"{none}.{payload}.{signature}"
    yield f"{header}.{payload}."
    yield signed({"alg": "RS256", "typ": "JWT"}, claims)
    yield signed({**ours, "kid": "../../../../etc/passwd"}, claims)
    yield signed({**ours, "jku": "https://evil.example/keys"}, claims)
    yield signed(ours, claims, b"x" * 32)
    yield signed(ours, {**claims, "exp": int(time.time()) - 1})
    yield signed(ours, {**claims, "iat": int(time.time()) + 3600})
    yield signed(ours, {**claims, "aud": "another"})
    yield "." * 3000


@pytest.mark.proves("F66")
def test_forged_access_tokens_are_refused(admin, root):
    token = root.headers["Authorization"].removeprefix("Bearer ")
    secret = (admin.keys / "jwt.secret").read_text().strip().encode()
    for forged in forged_tokens(token, secret):
        answer = httpx.get(f"{admin.url}/api/v1/auth/me", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401, forged


def test_an_api_key_works_in_three_headers_until_it_is_revoked(admin, buyer):
    key = made(buyer.post("/api/v1/api-keys", json={"name": "script"}))
    headers = [{"Authorization": f"Bearer {key['key']}"}, {"X-API-KEY": key["key"]}, {"Api-Key": key["key"]}]
    for header in headers:
        assert connect(admin, **header).get("/api/v1/campaigns").status_code == 200
    assert "key" not in buyer.get("/api/v1/api-keys").json()["data"][0]
    assert buyer.delete(f"/api/v1/api-keys/{key['id']}").status_code == 204
    for header in headers:
        problem(connect(admin, **header).get("/api/v1/campaigns"), 401)


# --- records


@pytest.mark.proves("A19", "A20", "A21", "A23")
def test_a_campaign_with_streams_and_destinations(buyer):
    destination = make_destination(buyer)
    assert destination["payout"] == "12.5"
    campaign = make_campaign(buyer, cost="0.050000")
    assert campaign["cost"] == "0.05"
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 70}]}
    created = made(buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    assert created["destinations"] == stream["destinations"]
    listed = buyer.get(f"/api/v1/campaigns/{campaign['id']}/streams").json()["data"]
    assert [item["id"] for item in listed] == [created["id"]]
    path = f"/api/v1/streams/{created['id']}"
    changed = buyer.patch(path, json={"destinations": []}, headers={"If-Match": "*"})
    assert changed.json()["destinations"] == []
    assert changed.json()["version"] > created["version"]
    assert buyer.delete(path, headers={"If-Match": "*"}).status_code == 204
    problem(buyer.get(path), 404)


def test_a_network_secret_is_shown_once_and_rotated(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "net-1"}))
    assert len(network["secret"]) == 32
    path = f"/api/v1/networks/{network['id']}"
    assert "secret" not in buyer.get(path).json()
    fresh = made(buyer.post(f"{path}/secrets", json={"grace_s": 60}))["secret"]
    secrets = buyer.get(f"{path}/secrets").json()["data"]
    assert [secret["hint"] for secret in secrets] == [network["secret"][-4:], fresh[-4:]]
    assert secrets[0]["expires_at"] is not None
    assert secrets[1]["expires_at"] is None
    assert buyer.delete(f"{path}/secrets/{secrets[0]['id']}").status_code == 204
    assert len(buyer.get(f"{path}/secrets").json()["data"]) == 1


def test_lists_are_paged_by_cursor(buyer):
    expected = [make_destination(buyer, f"d{number}")["id"] for number in range(7)]
    seen, cursor = [], None
    while True:
        page = buyer.get("/api/v1/destinations", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected
    problem(buyer.get("/api/v1/destinations", params={"cursor": "x' OR 1=1"}), 400)


@pytest.mark.proves("F74")
def test_two_editors_do_not_overwrite_each_other(buyer):
    campaign = make_campaign(buyer)
    path = f"/api/v1/campaigns/{campaign['id']}"
    tag = buyer.get(path).headers["etag"]
    assert buyer.patch(path, json={"name": "first"}, headers={"If-Match": tag}).status_code == 200
    problem(buyer.patch(path, json={"name": "second"}, headers={"If-Match": tag}), 412, "changed")
    problem(buyer.patch(path, json={"name": "third"}), 428, "if_match_needed")
    problem(buyer.delete(path), 428)
    assert buyer.get(path).json()["name"] == "first"


def test_a_repeated_post_creates_once(buyer):
    headers = {"Idempotency-Key": "abc"}
    body = {"name": "n", "key": "net-once"}
    first = made(buyer.post("/api/v1/networks", json=body, headers=headers))
    again = buyer.post("/api/v1/networks", json=body, headers=headers)
    assert again.status_code == 201
    assert again.json()["id"] == first["id"]
    assert "secret" not in again.json()
    assert again.headers["idempotency-replayed"] == "true"
    problem(buyer.post("/api/v1/networks", json={**body, "name": "m"}, headers=headers), 422, "idempotency_key_reused")


def test_simultaneous_repeats_create_once(admin, buyer):
    def post(_):
        headers = {"Idempotency-Key": "race", "Authorization": buyer.headers["Authorization"]}
        return httpx.post(f"{admin.url}/api/v1/sources", json={"name": "s"}, headers=headers, timeout=30)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.proves("C78", "F61")
def test_every_wrong_field_is_named(buyer):
    body = {
        "name": "",
        "slug": "a/b",
        "cost": "1,5",
        "currency": "usd ",
        "stream_order": "random",
        "trafficback": "javascript:alert(1)",
        "starts_at": "tomorrow",
        "source_id": 0,
        "team_id_": 1,
        "id": 5,
    }
    errors = problem(buyer.post("/api/v1/campaigns", json=body), 422)["errors"]
    assert {error["field"] for error in errors} == set(body)
    for cost in (1.5, "-1", "1e3", "0.0000001", "١", "1" * 30):
        problem(buyer.post("/api/v1/campaigns", json={"name": "n", "slug": "s", "cost": cost}), 422)


def test_a_slug_is_taken_once_per_host(buyer):
    campaign = make_campaign(buyer)
    problem(buyer.post("/api/v1/campaigns", json={"name": "other", "slug": "sale"}), 409, "conflict")
    make_campaign(buyer, host="go.example.com")
    assert buyer.delete(f"/api/v1/campaigns/{campaign['id']}", headers={"If-Match": "*"}).status_code == 204
    make_campaign(buyer)


@pytest.mark.proves("F60")
def test_hostile_json_is_refused(admin, buyer):
    documents = [
        b'{"name":"a","name":"b"}',
        b'{"name":{"a":1,"a":1}}',
        b"[" * 100_000,
        b'{"name":' * 1000,
        b'{"name":NaN}',
        b'{"position":1e400}',
        b'{"name":"a"} {}',
        b'\xef\xbb\xbf{"name":"a"}',
        '{"name":"a"}'.encode("utf-16"),
        b'{"name":"\xff"}',
        b'{"name":"a\\u0000"}',
        b"{",
        b"",
    ]
    headers = {"Content-Type": "application/json", "Authorization": buyer.headers["Authorization"]}
    for document in documents:
        answer = httpx.post(f"{admin.url}/api/v1/campaigns", content=document, headers=headers, timeout=30)
        assert answer.status_code == 400, document[:50]
        assert answer.json()["code"] == "malformed_json"
    huge = httpx.post(f"{admin.url}/api/v1/campaigns", content=b"x" * 2_000_000, headers=headers, timeout=30)
    assert huge.status_code == 413
    text = httpx.post(f"{admin.url}/api/v1/campaigns", content=b"{}", headers={**headers, "Content-Type": "text/plain"})
    assert text.status_code == 415


@pytest.mark.proves("F64")
def test_query_arguments_are_values_and_never_sql(buyer):
    make_campaign(buyer)
    answer = buyer.get("/api/v1/campaigns", params={"slug": "sale' OR 'a'='a"})
    assert answer.json()["data"] == []
    for name in ("slug;--", "t.slug", "order"):
        problem(buyer.get("/api/v1/campaigns", params={name: "sale"}), 400)
    problem(buyer.get("/api/v1/reports/overview", params={"tz": "UTC'; DROP TABLE config.users"}), 400)
    problem(buyer.get("/api/v1/reports/overview", params={"from": "2026-13-45"}), 400)


# --- who may what


def records_of(client):
    """One record of every kind that a team owns: path by collection."""
    destination = make_destination(client, "secret shop")
    campaign = make_campaign(client, "secret-slug")
    stream = made(client.post("/api/v1/streams", json={"campaign_id": campaign["id"]}))
    network = made(client.post("/api/v1/networks", json={"name": "secret", "key": "secret-net"}))
    source = made(client.post("/api/v1/sources", json={"name": "secret source"}))
    return {
        "campaigns": campaign,
        "streams": stream,
        "destinations": destination,
        "networks": network,
        "sources": source,
    }


@pytest.mark.proves("F67")
def test_no_route_shows_or_changes_what_another_team_owns(admin, root, buyer, database):
    red_team = buyer.get("/api/v1/auth/me").json()["team_id"]
    red_user = buyer.get("/api/v1/auth/me").json()["id"]
    red = records_of(buyer)
    key = made(buyer.post("/api/v1/api-keys", json={"name": "red"}))
    blue = make_team(admin, root, "blue")[1]
    edge = made(root.post("/api/v1/edges", json={"name": "e", "push_url": "http://127.0.0.1:9/x", "number": 7}))
    ids = {name: record["id"] for name, record in red.items()}
    ids |= {"teams": red_team, "users": red_user, "api-keys": key["id"], "edges": edge["number"], "ingestion-errors": 1}
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


# --- reports


@pytest.mark.proves("A25")
def test_overview_adds_rollup_and_deltas_in_the_zone_of_the_reader(admin, root, buyer, database):
    campaign = make_campaign(buyer)
    team = buyer.get("/api/v1/auth/me").json()["team_id"]
    for table, batch in (("rollup_campaign", ""), ("rollup_delta", ", batch")):
        database.execute(
            f"INSERT INTO events.{table} (bucket, campaign, team, currency, clicks, sales, cost, revenue{batch})"
            f" VALUES ('2026-03-01 22:00Z', %s, %s, 'USD', 10, 1, 0.5, 12.25{', 1' if batch else ''})",
            campaign["id"],
            team,
        )
    period = {"from": "2026-03-01", "to": "2026-03-02"}
    report = buyer.get("/api/v1/reports/overview", params=period).json()
    assert report["totals"]["clicks"] == 20
    money = {"currency": "USD", "cost": "1", "revenue": "24.5", "payout": "0", "profit": "23.5"}
    assert report["totals"]["money"] == [money]
    assert [(c["campaign_id"], c["name"], c["sales"]) for c in report["campaigns"]] == [(campaign["id"], "sale", 2)]
    assert [day["clicks"] for day in report["days"]] == [20, 0]
    almaty = buyer.get("/api/v1/reports/overview", params={**period, "tz": "Asia/Almaty"}).json()
    assert [day["clicks"] for day in almaty["days"]] == [0, 20]
    blue = make_team(admin, root, "blue")[1]
    assert blue.get("/api/v1/reports/overview", params=period).json()["totals"]["clicks"] == 0


@pytest.mark.proves("A28")
def test_an_ingestion_error_is_listed_and_queued_for_another_try(root, database):
    database.execute(
        "INSERT INTO events.ingestion_errors (journal, position, next_position, batch, reason, bytes)"
        " VALUES (1, 0, 16, 1, 'damaged', 'abc')"
    )
    error = root.get("/api/v1/ingestion-errors").json()["data"][0]
    assert (error["reason"], error["size"]) == ("damaged", 3)
    assert root.post(f"/api/v1/ingestion-errors/{error['id']}/redrive").status_code == 202
    assert database.value("SELECT state FROM events.ingestion_errors") == "queued"


# --- edges


@pytest.fixture
def edge(admin, root):
    fake = FakeEdge(admin.keys)
    made(root.post("/api/v1/edges", json={"name": fake.name, "push_url": fake.url, "number": fake.number}))
    yield fake
    fake.close()


def acknowledged(root):
    status = root.get("/api/v1/snapshot/status").json()
    return status if all(edge["acknowledged"] for edge in status["edges"]) and status["edges"] else None


@pytest.mark.proves("A30")
def test_a_change_reaches_the_edge_signed_and_is_acknowledged(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    before = edge.generation
    make_campaign(buyer)
    wait_until(lambda: edge.generation > before and acknowledged(root), "the change to be acknowledged")
    assert edge.pushes[-1][2][4:8] == b"TRBS"
    assert root.get("/api/v1/snapshot/status").json()["edges"][0]["lag"] == 0


def test_an_edge_is_pushed_to_until_it_takes_it(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.unavailable = True
    make_campaign(buyer)

    def reported():
        return root.get("/api/v1/snapshot/status").json()["edges"][0]["last_error"]

    assert "503" in wait_until(reported, "the failure to be shown")
    assert not acknowledged(root)
    edge.unavailable = False
    wait_until(lambda: acknowledged(root), "the edge to be up to date", seconds=40)


def test_an_edge_counts_only_when_all_its_workers_have_the_generation(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.workers_behind = True
    pushes = len(edge.pushes)
    make_campaign(buyer)
    wait_until(lambda: len(edge.pushes) > pushes, "the push")
    assert not acknowledged(root)
    edge.workers_behind = False
    wait_until(lambda: acknowledged(root), "the acknowledgement")


def test_an_edge_that_lost_its_state_gets_it_again(root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    newest = edge.generation
    edge.forget()
    wait_until(lambda: edge.generation == newest, "the edge to be served again", seconds=30)


def test_a_restarted_server_brings_edges_up_to_date_and_sends_the_same_bytes(admin, root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    first = edge.pushes[-1]
    admin.stop()
    edge.forget()
    admin.start()
    wait_until(lambda: edge.generation == first[:2], "the push of the restarted server")
    assert edge.pushes[-1] == first


def test_another_edge_behind_the_same_url_is_refused(admin, root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.number = 5

    def clone():
        return root.get("/api/v1/snapshot/status").json()["edges"][0]["last_error"]

    assert "number 5 answers there" in wait_until(clone, "the clone to be noticed")


def test_what_cannot_be_compiled_is_shown_and_edges_keep_what_they_have(root, buyer, edge, database):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    destination = make_destination(buyer)
    campaign = make_campaign(buyer)
    body = {"campaign_id": campaign["id"], "destinations": [{"destination_id": destination["id"]}]}
    made(buyer.post("/api/v1/streams", json=body))
    wait_until(lambda: acknowledged(root), "the good configuration")
    pushed = edge.generation
    database.execute("UPDATE config.destinations SET url = 'https://{clickid}.example.com/'")

    def problems():
        return root.get("/api/v1/snapshot/status").json()["compiled"]["problems"]

    found = wait_until(problems, "the problem to be shown")
    assert f"destination {destination['id']}" in found[0]["entity"]
    assert edge.generation == pushed


# --- commands


@pytest.mark.proves("C102")
def test_migrating_twice_changes_nothing_and_changed_files_are_refused(admin, database):
    assert admin.command("migrate").strip() == "0 migrations applied"
    assert "missing" not in admin.command("migrate", "--dry-run")
    database.execute("UPDATE config.schema_migrations SET sha256 = 'other' WHERE number = 1")
    command = [str(program("tributary-admin")), "check", "--config", str(admin.settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "was changed after it was applied" in done.stderr


def test_the_demo_is_seeded_once(admin, root):
    assert "0 records" not in admin.command("seed", str(ROOT / "conf/demo.yaml"))
    assert admin.command("seed", str(ROOT / "conf/demo.yaml")).startswith("0 records")
    slugs = {campaign["slug"] for campaign in root.get("/api/v1/campaigns").json()["data"]}
    assert slugs == {"summer-sale", "travel", "nobody"}
    wait_until(lambda: root.get("/api/v1/snapshot/status").json()["compiled"]["counter"], "the demo to be compiled")
    assert root.get("/api/v1/snapshot/status").json()["compiled"]["problems"] == []


def test_click_keys_rotate(admin, database):
    admin.command("click-key", "rotate", "--delay", "5", "--valid-days", "30")
    rows = database.rows("SELECT id, valid_until IS NULL, mint_from > now() FROM config.click_keys ORDER BY id")
    assert rows == [(0, False, False), (1, True, True)]


@pytest.mark.proves("C101")
def test_settings_come_from_files_and_the_environment(workspace):
    for name in ("admin-api", "admin-api.development", "admin-api.staging", "admin-api.production"):
        command = [str(program("tributary-admin")), "--config", str(ROOT / f"conf/{name}.yaml"), "check"]
        environment = {"TRIBUTARY_ADMIN_POSTGRES__URL": "postgresql:///?host=/nonexistent"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert "/nonexistent" in done.stderr or "url_file" in done.stderr, done.stderr
    insecure = {"TRIBUTARY_ADMIN_COOKIES__SECURE": "false"}
    command = [str(program("tributary-admin")), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=insecure)
    assert "cookies.secure" in done.stderr
