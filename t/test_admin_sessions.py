"""Logging in, staying in, and who is refused."""

import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest

from lib.admin import EMAIL
from lib.admin_client import PASSWORD, connect, log_in, made, problem


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


def test_a_cookie_of_a_longer_name_is_not_ours(admin):
    login = connect(admin).post("/api/v1/auth/login", json={"email": EMAIL, "password": admin.password}).json()
    cookies = f"not_tributary_refresh=x; tributary_refresh={login['refresh_token']}; theme=dark"
    assert connect(admin).post("/api/v1/auth/refresh", headers={"Cookie": cookies}).status_code == 200


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
