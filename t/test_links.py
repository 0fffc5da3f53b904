"""Tracking links: /r/{code} of a partner in a campaign, with what the advertiser hands back on conversion."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LINKS = [
    "own-page:1:1:active:https://shop.example/sale?x=1#reviews",
    "land:1:1:active:",
    "off-link:1:1:paused:https://shop.example/",
    "off-partner:1:2:active:https://shop.example/",
    "no-campaign:77:1:active:https://shop.example/",
    "second:2:1:active:",
]


def serve(make_nginx, **options):
    nginx = make_nginx(**options.pop("nginx", {})).start()
    nginx.push(link=LINKS, **options)
    return nginx


def parameters(answer):
    return parse_qs(urlsplit(answer.headers["location"]).query)


@pytest.mark.proves("C132", "B8")
def test_a_link_leads_to_its_page_with_its_code_and_the_click_id(make_nginx):
    answer = serve(make_nginx).client.get("/r/own-page")
    assert answer.status_code == 302
    assert re.fullmatch(
        r"https://shop\.example/sale\?x=1&ref_code=own-page&click_id=[0-9a-hjkmnp-tv-z]{32}#reviews",
        answer.headers["location"],
    )
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.proves("C28", "C131")
def test_the_click_of_a_link_names_partner_campaign_and_link(make_nginx):
    nginx = serve(make_nginx)
    nginx.client.get("/r/land?sub1=blue")
    [click] = nginx.wait_recorded(1)
    assert (click["type"], click["affiliate"], click["link"], click["sub1"]) == ("click", 1, 2, "blue")


@pytest.mark.proves("C132")
def test_without_a_page_of_its_own_it_leads_to_the_page_of_the_campaign(make_nginx):
    answer = serve(make_nginx, landing="https://brand.example/?c={campaign_id}").client.get("/r/land")
    assert answer.headers["location"].startswith("https://brand.example/?c=1&ref_code=land&click_id=")


def test_without_any_page_it_is_routed_by_the_streams_of_the_campaign(make_nginx):
    nginx = serve(make_nginx, url="https://destination.example/offer?cid={click_id}#end")
    answer = nginx.client.get("/r/land")
    [cid] = parameters(answer)["cid"]
    assert answer.headers["location"] == (
        f"https://destination.example/offer?cid={cid}&ref_code=land&click_id={cid}#end"
    )
    [click] = nginx.wait_recorded(1)
    assert (click["stream"], click["destination"], click["link"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("unknown", "unknown_link"),
        ("", "unknown_link"),
        ("OWN-PAGE", "unknown_link"),
        ("own-page%00", "unknown_link"),
        ("own-page%0d%0aX:1", "unknown_link"),
        ("x" * 5000, "unknown_link"),
        ("off-link", "link_paused"),
        ("off-partner", "link_paused"),
        ("no-campaign", "unknown_campaign"),
    ],
)
def test_what_is_no_open_link_goes_to_trafficback_or_is_not_found(make_nginx, code, reason):
    nginx = serve(make_nginx)
    answer = nginx.client.get(f"/r/{code}")
    if code == "own-page%00":  # nginx itself refuses a NUL in a path
        assert answer.status_code == 400
        return
    assert answer.status_code == 404
    [event] = nginx.wait_recorded(1)
    assert (event["type"], event["reason"]) == ("trafficback", reason)
    nginx.push(link=LINKS, global_trafficback="https://all.example/")
    answer = nginx.client.get(f"/r/{code}")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://all.example/?tributary_hop=")


def test_a_link_of_a_paused_campaign_goes_to_its_trafficback(make_nginx):
    nginx = serve(make_nginx, state="paused", trafficback="https://back.example/")
    for code in ("own-page", "land"):
        assert nginx.client.get(f"/r/{code}").headers["location"].startswith("https://back.example/?tributary_hop=")


@pytest.mark.proves("A57")
@pytest.mark.parametrize("parameter", ["url", "ref_code", "click_id", "redirect_url"])
def test_no_parameter_of_a_link_reaches_the_target(make_nginx, parameter):
    answer = serve(make_nginx).client.get(f"/r/own-page?{parameter}=https://evil.example/%0d%0aX:1")
    assert urlsplit(answer.headers["location"]).hostname == "shop.example"
    assert parameters(answer)["ref_code"] == ["own-page"]
    assert len(parameters(answer)["click_id"]) == 1
    assert "evil" not in answer.headers["location"]


def test_a_link_is_redirected_as_its_stream_says(make_nginx):
    answer = serve(make_nginx, redirect_kind="json").client.get("/r/land")
    assert "ref_code=land" in answer.json()["url"]
