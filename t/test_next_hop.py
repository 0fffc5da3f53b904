"""A click tracker that shows where it leads: the next hop in the URL, honoured only where the campaign allows it."""

import re
from urllib.parse import quote, urlsplit

import pytest

ALLOWED = ["https://shop.example/sale", "https://brand.example"]


@pytest.fixture
def open_nginx(make_nginx):
    nginx = make_nginx().start()
    nginx.push(next_hop=ALLOWED)
    return nginx


@pytest.mark.parametrize(
    "url",
    ["https://shop.example/sale", "https://shop.example/sale/a?x=1&y=2#part", "https://brand.example/?gclid=1"],
)
def test_an_allowed_next_hop_is_where_the_click_goes(open_nginx, url):
    answer = open_nginx.client.get(f"/c/c1?sub1=blue&url={quote(url, safe='')}")
    assert answer.status_code == 302
    before, hash_sign, fragment = url.partition("#")
    divider = "&" if "?" in before else "?"
    pattern = f"{re.escape(before + divider)}click_id=[0-9a-hjkmnp-tv-z]{{32}}{hash_sign}{fragment}"
    assert re.fullmatch(pattern, answer.headers["location"])
    [click] = open_nginx.wait_recorded(1)
    assert (click["reason"], click["stream"], click["sub1"]) == ("direct", 0, "blue")


@pytest.mark.proves("A57")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/",
        "//shop.example/sale",
        "https://shop.example/sales",
        "https://shop.example/sale/../admin",
        "https://shop.example/sale/%2e%2e/admin",
        "https://shop.example@evil.example/sale",
        "https://shop.example\\@evil.example/sale",
        "https://brand.example.evil.example/",
        "https://brand.example:8443/",
        "http://brand.example/",
        "javascript:alert(1)//https://brand.example/",
        "https://brand.example/\r\nSet-Cookie: a=b",
        "https://brand.example/\x00",
        "https://brand.example/ x",
        "https://brand.example/" + "x" * 5000,
    ],
)
def test_any_other_is_ignored_and_the_click_is_routed(open_nginx, url):
    answer = open_nginx.client.get(f"/c/c1?url={quote(url, safe='')}&url=https://brand.example/")
    assert answer.status_code == 302
    assert urlsplit(answer.headers["location"]).hostname == "destination.example"
    assert "set-cookie" not in answer.headers


@pytest.mark.proves("A57")
def test_a_campaign_that_allows_none_honours_none(nginx):
    answer = nginx.client.get("/c/c1?url=https://shop.example/sale")
    assert urlsplit(answer.headers["location"]).hostname == "destination.example"


def test_a_paused_campaign_has_no_next_hop(make_nginx):
    nginx = make_nginx().start()
    nginx.push(next_hop=ALLOWED, state="paused")
    assert nginx.client.get("/c/c1?url=https://brand.example/").status_code == 404
