"""Campaigns on the domains of teams: reached there, and nothing of others with them."""

import pytest

from lib.admin_client import compile_problems, made, make_campaign, make_team, problem
from lib.raw_http import exchange

ANY_VERSION = {"If-Match": "*"}


def get(nginx, host, path):
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return exchange(nginx.port, request.encode())


@pytest.fixture
def domains(make_nginx):
    """Campaigns of team 1; own.example is its, with campaign 2 as the default one; other.example is of team 2."""
    nginx = make_nginx(server="location / { tributary_redirect; }").start()
    nginx.push(campaigns=2, domain=["own.example:1:2", "bare.example:1:0", "other.example:2:1"])
    return nginx


@pytest.mark.proves("A48")
def test_a_campaign_is_reached_by_its_name_on_the_domain_of_its_team(domains):
    for path in ("/c1", "/c1?x=y", "/c1/more", "/c/c1"):
        assert get(domains, "own.example", path).status == 302


@pytest.mark.proves("A48", "C132")
def test_links_and_affiliates_are_known_on_domains_of_their_team_and_on_hosts_of_nobody(make_nginx):
    nginx = make_nginx().start()
    nginx.push(link=["land:1:1:active:https://shop.example/"], domain=["own.example:1:0", "other.example:2:0"])
    called = "/click?affiliate_id=1&campaign_id=1&click_id="
    for number, host in enumerate(["own.example", "127.0.0.1"]):
        assert get(nginx, host, "/r/land").location.startswith("https://shop.example/?ref_code=land")
        assert get(nginx, host, f"{called}{number}").status == 200
    there, nowhere = get(nginx, "other.example", "/r/land"), get(nginx, "other.example", "/r/nothing")
    assert there.status == nowhere.status == 404
    assert there.body == nowhere.body
    refused = get(nginx, "other.example", f"{called}x")
    assert (refused.status, b"Invalid affiliate" in refused.body) == (404, True)
    reasons = [event["reason"] for event in nginx.wait_recorded(6) if event["type"] == "trafficback"]
    assert reasons == ["unknown_link"] * 2


def test_a_request_without_a_name_gets_the_default_campaign(domains):
    seen = get(domains, "OWN.example:80", "/?sub1=x")
    assert seen.status == 302
    assert seen.location.startswith("https://destination.example/")
    assert get(domains, "bare.example", "/").status == 404


def test_the_domain_of_another_team_says_nothing_of_a_campaign(domains):
    there = get(domains, "other.example", "/c1")
    nowhere = get(domains, "other.example", "/nobody")
    assert there.status == nowhere.status == 404
    assert there.body == nowhere.body
    assert get(domains, "other.example", "/").status == 404


@pytest.mark.parametrize(
    "host",
    ["own.example.evil.example", "xown.example", "own.example@evil.example", "own.example..", "[::1]", "a" * 300],
)
def test_a_hostile_host_reaches_no_domain(domains, host):
    assert get(domains, host, "/").status in (400, 404)


def test_a_domain_is_given_to_a_team_by_an_administrator(admin, root, buyer):
    team, member = make_team(admin, root, "blue")
    campaign = make_campaign(member)
    problem(member.post("/api/v1/domains", json={"host": "own.example"}), 403)
    given = {"host": "own.example", "team_id": team["id"], "default_campaign_id": campaign["id"]}
    domain = made(root.post("/api/v1/domains", json=given))
    assert member.get(f"/api/v1/domains/{domain['id']}").json()["host"] == "own.example"
    problem(buyer.get(f"/api/v1/domains/{domain['id']}"), 404)
    assert compile_problems(root) == []
    path = f"/api/v1/domains/{domain['id']}"
    changed = root.patch(path, json={"default_campaign_id": None}, headers=ANY_VERSION).json()
    assert changed["default_campaign_id"] is None
    assert root.delete(path, headers=ANY_VERSION).status_code == 204
    made(root.post("/api/v1/domains", json=given))


def test_nobody_takes_names_on_the_domain_of_another_team(admin, root, buyer):
    team, owner = make_team(admin, root, "blue")
    domain = {"host": "own.example", "team_id": team["id"]}
    squatter = make_campaign(buyer, "sale", host="own.example")
    refused = problem(root.post("/api/v1/domains", json=domain), 409)
    assert refused["detail"].startswith(f"campaigns of other teams have this host: {squatter['id']}:")
    path = f"/api/v1/campaigns/{squatter['id']}"
    assert buyer.patch(path, json={"host": ""}, headers=ANY_VERSION).status_code == 200
    made(root.post("/api/v1/domains", json=domain))
    foreign = [{"field": "host", "reason": "is a domain of another team"}]
    assert problem(buyer.patch(path, json={"host": "own.example"}, headers=ANY_VERSION), 422)["errors"] == foreign
    taken = buyer.post("/api/v1/campaigns", json={"name": "x", "slug": "other", "host": "own.example"})
    assert problem(taken, 422)["errors"] == foreign
    assert make_campaign(owner, "sale", host="own.example")["host"] == "own.example"


@pytest.mark.parametrize("host", ["Own.example", "own.example:80", "own.example.", "..", "a b", "own_example/"])
def test_what_is_no_host_is_refused(admin, root, host):
    team, _ = make_team(admin, root, "blue")
    fields = problem(root.post("/api/v1/domains", json={"host": host, "team_id": team["id"]}), 422)["errors"]
    assert [field["field"] for field in fields] == ["host"]


def test_a_default_campaign_of_another_team_is_refused(admin, root, buyer):
    team, _ = make_team(admin, root, "blue")
    fields = {"host": "own.example", "team_id": team["id"], "default_campaign_id": make_campaign(buyer)["id"]}
    assert root.post("/api/v1/domains", json=fields).status_code in (409, 422)
