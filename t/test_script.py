"""No-redirect tracking: a page loads our script, and the script reports the click."""

import json
import subprocess
from urllib.parse import urlsplit

import pytest

from lib.wait import wait_until

# The few things of a browser that the script uses. Prints the requests that it makes and what the page sees.
BROWSER = """
const seen = {fetched: [], images: [], events: []};
const failing = %(failing)s;
global.window = {
  location: {search: %(search)s},
  fetch: %(fetch)s && ((url, options) => {
    seen.fetched.push([url, options]);
    return failing ? Promise.reject(new Error("blocked"))
                   : Promise.resolve({ok: true, json: () => Promise.resolve({click_id: "id32"})});
  }),
};
global.document = {
  referrer: "https://search.example/?q=a&b=c#d",
  currentScript: {src: "https://track.example/t.js", getAttribute: (name) => (%(attributes)s)[name] || null},
  dispatchEvent: (event) => seen.events.push([event.type, event.detail]),
};
global.Image = class { set src(url) { seen.images.push(url); } };
global.CustomEvent = class { constructor(type, options) { this.type = type; this.detail = options.detail; } };
require(%(script)s);
setTimeout(() => console.log(JSON.stringify({...seen, page: window.tributary})), 0);
"""


def run_script(nginx, workspace, search="?gclid=1&sub1=a%20b", failing=False, fetch=True, campaign="c1"):
    script = workspace.disk / "t.js"
    script.write_text(nginx.client.get("/t.js").text)
    source = BROWSER % {
        "failing": json.dumps(failing),
        "fetch": json.dumps(fetch),
        "search": json.dumps(search),
        "script": json.dumps(str(script)),
        "attributes": json.dumps({"data-campaign": campaign}),
    }
    done = subprocess.run(["node", "-e", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def path_of(url):
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "track.example")
    return f"{parts.path}?{parts.query}"


def test_the_script_is_small_and_may_be_cached(nginx):
    answer = nginx.client.get("/t.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(answer.content) < 2048
    assert nginx.client.post("/t.js").status_code == 405


@pytest.mark.proves("C27")
def test_what_the_script_asks_for_is_a_click_with_the_referrer_of_the_page(stack, workspace):
    nginx = stack.nginx
    seen = run_script(nginx, workspace)
    assert (seen["page"], seen["events"]) == ({"click_id": "id32"}, [["tributary:click", {"click_id": "id32"}]])
    [[url, options]] = seen["fetched"]
    assert options["credentials"] == "omit"
    answer = nginx.client.get(
        path_of(url), headers={"Origin": "https://shop.example", "Referer": "https://shop.example/"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"click_id", "url", "reason", "campaign_id", "stream_id", "destination_id"}
    query = "SELECT campaign, stream, reason, status, referrer, sub_ids FROM events.clicks"
    row = wait_until(lambda: stack.database.rows(query), "the row of the click")[0]
    assert row == (1, 0, 4, 200, "https://search.example/?q=a&b=c#d", ["a b"])


def test_where_fetch_is_blocked_or_missing_a_picture_reports_the_click(nginx, workspace):
    [blocked] = run_script(nginx, workspace, failing=True)["images"]
    assert nginx.client.get(path_of(blocked)).status_code == 200
    [image] = run_script(nginx, workspace, fetch=False)["images"]
    answer = nginx.client.get(path_of(image))
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content.startswith(b"GIF89a")
    assert len(answer.content) == 43
    assert [event["reason"] for event in nginx.wait_recorded(2)] == ["direct", "direct"]


def test_a_page_without_a_query_or_with_a_strange_campaign_is_no_harm(nginx, workspace):
    [[url, _]] = run_script(nginx, workspace, search="", campaign="x?y=</script>")["fetched"]
    assert nginx.client.get(path_of(url)).status_code == 404
    [[url, _]] = run_script(nginx, workspace, search="?" + "x" * 20000)["fetched"]
    assert len(url) < 6000
    assert nginx.client.get(path_of(url)).status_code == 200


def test_a_server_or_page_may_post_a_click(nginx):
    assert nginx.client.post("/t/c1", content=b"ignored").status_code == 200
    assert [event["reason"] for event in nginx.wait_recorded(1)] == ["direct"]


def test_an_unknown_campaign_is_no_click_and_any_page_may_read_that(nginx):
    answer = nginx.client.get("/t/nobody")
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {"success": False, "status": "error", "message": "Invalid campaign"}
    assert nginx.client.put("/t/c1").status_code == 405
    assert nginx.journal() == []


def test_head_and_prefetch_of_the_script_click_are_labelled(nginx):
    nginx.client.head("/t/c1")
    nginx.client.get("/t/c1", headers={"Purpose": "prefetch"})
    assert sorted(event["labels"] for event in nginx.wait_recorded(2)) == [2, 4]
