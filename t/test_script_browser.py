"""No-redirect tracking in a real browser: pages of one origin, our script and clicks of another."""

import pytest

from lib.browser import Browser
from lib.tools import click_identity

PAGE = """<!doctype html><html><head><title>shop</title><link rel="icon" href="data:,">
<script src="page.js"></script>{tags}</head><body>{body}</body></html>
"""
# What a page of an advertiser would do with the id.
PAGE_SCRIPT = """
window.heard = [];
document.addEventListener("tributary:click", (event) => window.heard.push(event.detail.click_id));
"""
SERVER = """
location /pages/ {{
    alias {pages}/;
    types {{ text/html html; text/javascript js; }}
    add_header Content-Security-Policy "{policy}";
}}
"""
POLICY = "default-src 'none'; script-src 'self' http://{tracker}; img-src data:{image}; connect-src {connect}"


class Shop:
    """Pages at shop.example, search.example ...: the browser finds every host here. The tracker is track.example."""

    def __init__(self, make_nginx, workspace):
        self.pages = workspace.directory("pages")
        self.nginx = make_nginx()
        self.tracker = f"track.example:{self.nginx.port}"
        self.write("page.js", PAGE_SCRIPT)
        self.write_page("landing.html", self.tag())
        self.write_page("found.html", body=f'<a href="{self.url("landing.html")}?gclid=7&sub1=a%20b">shop</a>')
        self.started = False

    def tag(self, campaign="c1"):
        return f'<script async src="http://{self.tracker}/t.js" data-campaign="{campaign}"></script>'

    def write(self, name, text):
        (self.pages / name).write_text(text)

    def write_page(self, name, tags="", body=""):
        self.write(name, PAGE.format(tags=tags, body=body))

    def url(self, page, host="shop.example"):
        return f"http://{host}:{self.nginx.port}/pages/{page}"

    def serve(self, connect=None, image=""):
        """With a policy that names exactly what docs/script.md says."""
        policy = POLICY.format(tracker=self.tracker, connect=connect or f"http://{self.tracker}", image=image)
        self.nginx.options["server"] = SERVER.format(pages=self.pages, policy=policy)
        self.nginx.start()
        self.nginx.push()
        return self

    def clicks(self):
        return [event for event in self.nginx.journal() if event["type"] == "click"]


@pytest.fixture
def shop(make_nginx, workspace):
    return Shop(make_nginx, workspace)


@pytest.fixture
def browser(workspace):
    chromium = Browser(workspace)
    yield chromium
    chromium.close()


def click_id_of(page):
    return page.wait(lambda: page.evaluate("window.tributary ? window.tributary.click_id : ''"), "the click id")


@pytest.mark.proves("C27")
def test_a_visitor_who_comes_by_a_link_is_one_click_with_query_and_referrer(shop, browser):
    page = browser.page()
    shop.serve()
    page.open(shop.url("found.html", host="search.example"))
    page.evaluate("document.querySelector('a').click()")
    click = click_id_of(page)
    assert page.evaluate("window.heard") == [click]
    assert page.evaluate("location.search") == "?gclid=7&sub1=a%20b"
    [recorded] = shop.nginx.wait_recorded(1)
    assert recorded["click"] == click_identity(click).hex
    assert (recorded["sub1"], recorded["reason"], recorded["labels"]) == ("a b", "direct", 0)
    assert recorded["referrer"] == f"http://search.example:{shop.nginx.port}/"
    assert page.asked("/t/c1") == [("GET", "Fetch")]
    assert page.complaints() == []


def test_every_load_is_a_click_of_its_own_and_a_tag_that_stands_twice_is_not(shop, browser):
    shop.serve()
    shop.write_page("landing.html", shop.tag() + shop.tag())
    page = browser.page()
    page.open(shop.url("landing.html"))
    first = click_id_of(page)
    page.open(shop.url("landing.html"))
    second = click_id_of(page)
    assert first != second
    shop.nginx.wait_recorded(2)
    assert page.asked("/t/c1") == [("GET", "Fetch")] * 2
    assert page.evaluate("window.heard") == [second]
    assert page.complaints() == []


def test_an_unknown_campaign_breaks_no_page(shop, browser):
    shop.serve()
    shop.write_page("landing.html", shop.tag("nobody"))
    page = browser.page()
    page.open(shop.url("landing.html"))
    page.wait(lambda: 404 in page.answers("/t/nobody"), "the answer to the script")
    assert page.evaluate("[typeof window.tributary, window.heard.length, document.title]") == ["undefined", 0, "shop"]
    assert page.of("Runtime.exceptionThrown") == []
    assert shop.clicks() == []


def test_where_a_policy_forbids_to_connect_a_picture_reports_the_click(shop, browser):
    shop.serve(connect="'none'", image=f" http://{shop.tracker}")
    page = browser.page()
    page.open(shop.url("landing.html"))
    [recorded] = shop.nginx.wait_recorded(1)
    assert recorded["reason"] == "direct"
    assert ("GET", "Image") in page.asked("tr_answer=gif")
    assert page.of("Runtime.exceptionThrown") == []
