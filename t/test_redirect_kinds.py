"""How a visitor gets to the URL: status, page, script, without referrer, or as a decision for another server."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

# {sub1:raw} lets through whatever a URL may hold.
URL = "https://destination.example/offer?cid={click_id}&sub={sub1:raw}#it's"
HOSTILE = [
    "plain",
    "\"'><script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "&amp;&quot;&#34;;url=https://evil.example/",
    '\\");alert(1);//',
    "\r\nLocation: https://evil.example/\r\n\r\n<html>",
    "\u2028\u2029\x00\x7f",
    "%0d%0aSet-Cookie:a=b",
    "javascript:alert(1)",
]


class Page(HTMLParser):
    """What a browser makes of the page: its tags, and the URLs that it leads to."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.links = []
        self.refresh = []
        self.referrer = None
        self.script = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(values["href"])
        if values.get("http-equiv") == "refresh":
            self.refresh.append(values["content"].removeprefix("0;url="))
        if values.get("name") == "referrer":
            self.referrer = values["content"]

    def handle_data(self, data):
        if self.tags and self.tags[-1] == "script":
            self.script += data


def serve(make_nginx, kind, **options):
    nginx = make_nginx(**options.pop("nginx", {})).start()
    nginx.push(url=URL, redirect_kind=kind, **options)
    return nginx


def assert_same_target(url, sub):
    parts = urlsplit(url)
    target = (parts.scheme, parts.hostname, parts.path, parts.fragment)
    assert target == ("https", "destination.example", "/offer", "it's"), sub
    assert not re.search(r"[\x00-\x20\x7f]", url)


@pytest.mark.proves("A40")
@pytest.mark.parametrize("status", [301, 302, 303, 307])
def test_a_stream_chooses_the_status(make_nginx, status):
    answer = serve(make_nginx, "http", redirect_status=status).client.get("/c/c1")
    assert answer.status_code == status
    # Without it a browser keeps a 301 for ever and sends no second click.
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.proves("A54", "A57")
@pytest.mark.parametrize("kind", ["meta", "hide_referrer"])
def test_a_page_leads_to_the_destination_whatever_the_values_hold(make_nginx, kind):
    nginx = serve(make_nginx, kind)
    for sub in HOSTILE:
        answer = nginx.client.get("/c/c1", params={"sub1": sub})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
        page = Page(answer.text)
        assert set(page.tags) == {"html", "head", "meta", "title", "body", "a"}, sub
        assert page.refresh == page.links
        assert_same_target(page.links[0], sub)


@pytest.mark.proves("A54", "A57")
def test_a_script_leads_to_the_destination_whatever_the_values_hold(make_nginx):
    nginx = serve(make_nginx, "javascript")
    for sub in HOSTILE:
        page = Page(nginx.client.get("/c/c1", params={"sub1": sub}).text)
        assert page.tags.count("script") == 1, sub
        [text] = re.fullmatch(r"location\.replace\((\".*\")\)", page.script).groups()
        assert json.loads(text) == page.links[0] == page.refresh[0]
        assert_same_target(page.links[0], sub)


def test_the_referrer_is_hidden_by_header_and_page(make_nginx):
    answer = serve(make_nginx, "hide_referrer").client.get("/c/c1")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert Page(answer.text).referrer == "no-referrer"


def test_another_server_gets_the_decision_as_json(make_nginx):
    nginx = serve(make_nginx, "json")
    for sub in HOSTILE:
        answer = nginx.client.get("/c/c1", params={"sub1": sub})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        decision = answer.json()
        assert set(decision) == {"click_id", "url", "reason", "campaign_id", "stream_id", "destination_id"}
        assert f"cid={decision['click_id']}" in decision["url"]
        assert decision["reason"] == "regular"
        assert_same_target(decision["url"], sub)


def test_a_trafficback_of_a_json_stream_is_json_too(make_nginx):
    nginx = serve(make_nginx, "json", trafficback="https://back.example/?s={sub1}", click_cap=1)
    nginx.client.get("/c/c1")
    decision = nginx.client.get("/c/c1?sub1=blue").json()
    assert decision["url"].startswith("https://back.example/?s=blue&tributary_hop=")
    assert decision["reason"] == "capped"
    assert decision["destination_id"] == 0


@pytest.mark.parametrize("kind", ["http", "meta", "javascript", "hide_referrer", "json"])
def test_head_is_answered_without_a_body_and_labelled(make_nginx, kind):
    nginx = serve(make_nginx, kind)
    answer = nginx.client.head("/c/c1")
    assert answer.status_code == (302 if kind == "http" else 200)
    assert answer.content == b""
    [event] = nginx.wait_recorded(1)
    assert (event["type"], event["labels"], event["status"]) == ("click", 4, answer.status_code)


@pytest.mark.parametrize("kind", ["http", "meta", "json"])
def test_prefetch_and_bots_get_the_same_answer_and_a_label(make_nginx, kind):
    nginx = serve(make_nginx, kind)
    visitor = nginx.client.get("/c/c1")
    prefetch = nginx.client.get("/c/c1", headers={"Sec-Purpose": "prefetch;prerender"})
    assert prefetch.status_code == visitor.status_code
    assert len(prefetch.content) == len(visitor.content)
    assert sorted(event["labels"] for event in nginx.wait_recorded(2)) == [0, 2]
