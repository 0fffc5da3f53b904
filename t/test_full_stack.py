"""Everything together: configured over REST, clicked, converted, ingested, reported."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from lib.admin import EMAIL, Admin
from lib.ingestor import Ingestor
from lib.nginx import Nginx
from lib.wait import wait_until

PASSWORD = "correct horse battery"
PARAMETERS = [
    {"field": "click_id", "names": ["cid"]},
    {"field": "transaction", "names": ["txid"]},
    {"field": "payout", "names": ["payout"]},
    {"field": "status", "names": ["status"]},
]
CLICKS = 40
CONVERSIONS = 5


class FullStack:
    """admin-api, one edge that takes its pushes, an ingestor."""

    def __init__(self, workspace, database):
        self.admin = Admin(workspace, database)
        self.admin.command("user", "create", "--email", EMAIL, "--password-file", str(self.admin.password_file))
        self.admin.start()
        self.nginx = Nginx(workspace)
        self.nginx.keys = self.admin.keys
        self.nginx.start()
        self.ingestor = Ingestor(workspace, database, self.nginx).start()
        self.root = self.log_in(EMAIL, self.admin.password)

    def log_in(self, email, password):
        answer = httpx.post(
            f"{self.admin.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=f"{self.admin.url}/api/v1", headers=headers, timeout=30)

    def buyer(self):
        """Somebody who works in a team."""
        team = made(self.root.post("/teams", json={"name": "red"}))
        user = {"email": "red@tests.example", "password": PASSWORD, "role": "buyer", "state": "approved"}
        made(self.root.post("/users", json={**user, "team_id": team["id"]}))
        return self.log_in(user["email"], PASSWORD)

    def wait_pushed(self):
        def pushed():
            edges = self.root.get("/snapshot/status").json()["edges"]
            return edges and all(edge["acknowledged"] and edge["lag"] == 0 for edge in edges)

        wait_until(pushed, "the edge to acknowledge the last change")

    def finish(self):
        try:
            self.ingestor.stop()
            self.admin.stop()
        finally:
            self.nginx.finish()


def made(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def full(workspace, database):
    stack = FullStack(workspace, database)
    yield stack
    stack.finish()


def configure(full, buyer):
    """A campaign with one destination and a network; returns (campaign, path of postbacks)."""
    made(full.root.post("/edges", json={"name": "test", "number": 1, "push_url": full.nginx.url + "/tributary/config"}))
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(buyer.post("/destinations", json={"name": "shop", "url": url}))
    campaign = made(buyer.post("/campaigns", json={"name": "sale", "slug": "sale", "currency": "USD"}))
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(buyer.post(f"/campaigns/{campaign['id']}/streams", json=stream))
    network = made(buyer.post("/networks", json={"name": "net", "key": "net", "parameters": PARAMETERS}))
    full.wait_pushed()
    return campaign, f"/postback/net/{network['secret']}"


@pytest.mark.proves("A2", "A3", "A4", "A12", "A19", "A20", "A21", "A23", "A25", "A68", "A74", "A89", "A98", "B1")
def test_from_configuration_to_report(full):
    buyer = full.buyer()
    campaign, postback = configure(full, buyer)
    clicks = [full.nginx.client.get(f"/c/sale?sub1=n{n}&cost=0.10").headers["location"] for n in range(CLICKS)]
    for n, location in enumerate(clicks[:CONVERSIONS]):
        click_id = parse_qs(urlsplit(location).query)["cid"][0]
        answer = full.nginx.client.get(postback, params={"cid": click_id, "txid": f"t{n}", "payout": "2.5"})
        assert answer.json()["verdict"] == "accepted", answer.text

    def report():
        totals = buyer.get("/reports/overview").json()["totals"]
        return totals if totals["clicks"] == CLICKS and totals["sales"] == CONVERSIONS else None

    totals = wait_until(report, "the report to show what happened")
    assert totals["money"][0]["cost"] == "4"
    assert totals["money"][0]["payout"] == "12.5"
    campaigns = buyer.get("/reports/overview").json()["campaigns"]
    assert [(row["campaign_id"], row["clicks"]) for row in campaigns] == [(campaign["id"], CLICKS)]


@pytest.mark.proves("A30", "A45")
def test_a_paused_campaign_stops_on_the_edge_within_seconds(full):
    buyer = full.buyer()
    campaign, _ = configure(full, buyer)
    assert full.nginx.client.get("/c/sale").status_code == 302
    changed = buyer.patch(f"/campaigns/{campaign['id']}", json={"state": "paused"}, headers={"If-Match": "*"})
    assert changed.status_code == 200
    wait_until(lambda: full.nginx.client.get("/c/sale").status_code == 404, "the pause to reach the edge", 5)


def test_the_edge_serves_on_without_admin_api_and_postgresql(full, postgres):
    configure(full, full.buyer())
    full.admin.program.kill()
    postgres.stop()
    try:
        assert full.nginx.client.get("/c/sale").status_code == 302
    finally:
        postgres.ensure_running()
        full.admin.start()
