"""A click is routed, signed, recorded and redirected by the worker that took it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.tools import click_id, click_identity

CLICK_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{32}")


def location(answer):
    return urlsplit(answer.headers["location"])


@pytest.mark.proves("A31", "A40", "A46", "A47", "A48", "A55")
def test_a_campaign_url_redirects_to_its_destination(nginx):
    answer = nginx.client.get("/c/c1?sub1=blue")
    assert answer.status_code == 302
    assert location(answer).hostname == "destination.example"
    assert parse_qs(location(answer).query)["sub"] == ["blue"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get_list("content-length") == ["0"]


@pytest.mark.proves("A32", "B7")
def test_every_click_has_an_id_of_its_own(nginx):
    ids = {click_id(nginx.client.get("/c/c1")) for _ in range(200)}
    assert len(ids) == 200
    assert all(CLICK_ID.fullmatch(identity) for identity in ids)


@pytest.mark.proves("A44", "A56")
def test_what_was_answered_is_in_the_journal(nginx):
    answered = {click_identity(click_id(nginx.client.get(f"/c/c1?sub1=n-{n}"))).hex for n in range(50)}
    recorded = {item["click"] for item in nginx.wait_recorded(50) if item["type"] == "click"}
    assert recorded == answered


@pytest.mark.proves("A57")
@pytest.mark.parametrize("parameter", ["url", "redirect_url", "redirect", "next", "destination", "u"])
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:alert(1)"]
)
def test_no_parameter_chooses_the_target(nginx, parameter, target):
    answer = nginx.client.get(f"/c/c1?{parameter}={target}&sub1={target}")
    assert location(answer).scheme == "https"
    assert location(answer).hostname == "destination.example"


@pytest.mark.proves("A39")
def test_weighted_destinations_get_their_exact_shares(make_nginx):
    nginx = make_nginx().start()
    nginx.push(destinations=3, url="https://destination.example/%d?cid={click_id}")
    paths = [location(nginx.client.get("/c/c1")).path for _ in range(600)]
    for number, expected in ((1, 100), (2, 200), (3, 300)):
        assert abs(paths.count(f"/{number}") - expected) <= 1


def test_the_first_stream_by_priority_is_used(make_nginx):
    nginx = make_nginx(server="add_header X-Stream $tributary_stream always;").start()
    nginx.push(streams=3)
    assert {nginx.client.get("/c/c1").headers["x-stream"] for _ in range(20)} == {"3"}


def test_an_unknown_campaign_is_not_found(nginx):
    assert nginx.client.get("/c/nobody").status_code == 404


@pytest.mark.proves("C81")
def test_an_unknown_campaign_goes_to_the_fallback(make_nginx):
    nginx = make_nginx(server="tributary_fallback https://fallback.example/none;").start()
    nginx.push()
    answer = nginx.client.get("/c/nobody?sub1=x")
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://fallback.example/none"


def test_a_fallback_may_be_a_status(make_nginx):
    nginx = make_nginx(server="tributary_fallback =410;").start()
    nginx.push()
    assert nginx.client.get("/c/nobody").status_code == 410


@pytest.mark.proves("A41")
def test_a_paused_campaign_sends_its_traffic_back(make_nginx):
    nginx = make_nginx().start()
    nginx.push(state="paused", trafficback="https://back.example/?s={sub1}")
    answer = nginx.client.get("/c/c1?sub1=blue")
    assert answer.status_code == 302
    assert location(answer).hostname == "back.example"
    assert parse_qs(location(answer).query)["s"] == ["blue"]
    assert nginx.wait_recorded(1)[0]["type"] == "trafficback"


@pytest.mark.proves("A41")
def test_without_a_trafficback_of_its_own_the_one_of_the_installation_is_used(make_nginx):
    nginx = make_nginx().start()
    nginx.push(global_trafficback="https://all.example/")
    assert location(nginx.client.get("/c/nobody")).hostname == "all.example"


@pytest.mark.proves("C81")
def test_without_a_snapshot_clicks_are_unavailable_or_go_to_the_fallback(make_nginx):
    nginx = make_nginx().start()
    assert nginx.client.get("/c/c1").status_code == 503


def test_head_is_redirected_and_labelled(nginx):
    answer = nginx.client.head("/c/c1")
    assert answer.status_code == 302
    assert CLICK_ID.fullmatch(click_id(answer))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(nginx, method):
    assert nginx.client.request(method, "/c/c1").status_code == 405


def test_variables_say_what_happened(make_nginx):
    nginx = make_nginx(
        server="add_header X-Seen '$tributary_outcome $tributary_campaign $tributary_stream $tributary_destination "
        "$tributary_generation' always;"
    ).start()
    nginx.push()
    seen = nginx.client.get("/c/c1").headers["x-seen"].split()
    assert seen[:4] == ["redirected", "1", "1", "1"]
    assert seen[4].endswith("1")
    assert nginx.client.get("/c/nobody").headers["x-seen"].split()[0] != "redirected"


@pytest.mark.proves("A34")
def test_the_client_address_comes_from_trusted_proxies_only(make_nginx):
    nginx = make_nginx(
        server="set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; add_header X-Address $remote_addr always;"
    ).start()
    nginx.push(url="https://destination.example/?cid={click_id}&ip={ip}")
    answer = nginx.client.get("/c/c1", headers={"X-Forwarded-For": "203.0.113.9"})
    assert parse_qs(location(answer).query)["ip"] == ["203.0.113.9"]
