"""A client of the admin API that checks every answer against the specification, and the records most tests need."""

import json
import subprocess

import httpx

from lib.openapi import Specification
from lib.places import program
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


def routes():
    """What the program says it serves: method, path and access of every route."""
    done = subprocess.run([str(program("tributary-admin")), "routes"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def made(response):
    assert response.status_code == 201, response.text
    return response.json()


def problem(response, status, code=None):
    """The answer is a problem document with this status; returns it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    if code:
        assert document["code"] == code
    return document


def make_team(admin, root, name):
    """A team and a client of a buyer in it."""
    team = made(root.post("/api/v1/teams", json={"name": name}))
    user = {"email": f"{name}@tests.example", "password": PASSWORD, "role": "buyer", "state": "approved"}
    made(root.post("/api/v1/users", json={**user, "team_id": team["id"]}))
    return team, log_in(admin, user["email"])


def make_campaign(client, slug="sale", **fields):
    return made(client.post("/api/v1/campaigns", json={"name": slug, "slug": slug, **fields}))


def make_destination(client, name="shoes"):
    fields = {"name": name, "url": "https://shoes.example.com/?c={clickid}", "payout": "12.50"}
    return made(client.post("/api/v1/destinations", json=fields))


def compile_problems(root):
    """Why the newest generation cannot be published; waits until it was tried."""

    def newest():
        status = root.get("/api/v1/snapshot/status").json()
        return status if status["compiled"]["counter"] == status["counter"] else None

    return wait_until(newest, "the newest generation to be compiled")["compiled"]["problems"]
