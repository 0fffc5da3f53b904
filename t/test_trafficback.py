"""What fits nowhere is sent back, with a reason; a loop ends, and nobody else can end a way or keep it going."""

from urllib.parse import parse_qs, urlsplit

import pytest

from lib.raw_http import exchange

HOP = "tributary_hop"


def hop(url):
    return parse_qs(urlsplit(url).query).get(HOP, [None])[-1]


def path(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def follow(nginx, start, most=20):
    """The answers on the way of a browser that follows every redirect to this edge."""
    answers = [nginx.client.get(start)]
    while answers[-1].has_redirect_location and len(answers) < most:
        assert urlsplit(answers[-1].headers["location"]).port == nginx.port
        answers.append(nginx.client.get(path(answers[-1].headers["location"])))
    return answers


def send_to_itself(make_nginx, **options):
    nginx = make_nginx(**options).start()
    nginx.push(state="paused", trafficback=f"{nginx.url}/c/c1?s={{sub1}}#top")
    return nginx


@pytest.mark.proves("A42")
def test_a_campaign_that_sends_back_to_itself_ends_after_three_hops(make_nginx):
    nginx = send_to_itself(make_nginx)
    answers = follow(nginx, "/c/c1?sub1=blue")
    assert [answer.status_code for answer in answers] == [302, 302, 302, 404]
    assert parse_qs(urlsplit(answers[0].headers["location"]).query)["s"] == ["blue"]
    items = nginx.wait_recorded(4)
    assert [item["hops"] for item in items] == [0, 1, 2, 3]
    assert [item["reason"] for item in items] == ["campaign_paused"] * 3 + ["loop"]
    assert [item["status"] for item in items] == [302, 302, 302, 404]


@pytest.mark.proves("A42")
def test_the_number_of_hops_is_a_setting_and_the_fallback_gives_the_status(make_nginx):
    nginx = send_to_itself(make_nginx, server="tributary_trafficback_hops 1; tributary_fallback =410;")
    assert [answer.status_code for answer in follow(nginx, "/c/c1")] == [302, 410]


@pytest.mark.proves("A42")
def test_a_fallback_url_does_not_keep_a_loop_going(make_nginx):
    nginx = send_to_itself(make_nginx, server="tributary_trafficback_hops 2; tributary_fallback /c/c1;")
    assert [answer.status_code for answer in follow(nginx, "/c/c1")] == [302, 302, 404]


@pytest.mark.proves("A42")
def test_a_loop_over_a_destination_ends_too(make_nginx):
    """Campaign 1 leads to a name that does not exist on the same edge, whose trafficback leads to campaign 1."""
    nginx = make_nginx().start()
    nginx.push(url=f"{nginx.url}/c/nobody?cid={{click_id}}", global_trafficback=f"{nginx.url}/c/c1")
    answers = follow(nginx, "/c/nobody")
    assert [answer.status_code for answer in answers] == [302] * 6 + [404]


def test_another_destination_does_not_see_the_count(make_nginx):
    nginx = make_nginx().start()
    nginx.push(global_trafficback=f"{nginx.url}/c/c1")
    back = nginx.client.get("/c/nobody").headers["location"]
    assert hop(back)
    assert hop(nginx.client.get(path(back)).headers["location"]) is None


@pytest.mark.proves("A42")
def test_a_count_that_we_did_not_sign_is_none(make_nginx):
    nginx = send_to_itself(make_nginx, server="tributary_trafficback_hops 1;")
    signed = hop(nginx.client.get("/c/c1").headers["location"])
    assert nginx.client.get(f"/c/c1?{HOP}={signed}").status_code == 404
    other_end = "0" if signed[-1] != "0" else "1"
    forged = ["9", "", "zzzzzzzzzzzzzzzz", "0" * 16, "-1", "%00" * 16, signed[:-1] + other_end]
    for value in [*forged, signed.replace(signed[3], "u", 1), signed + "0", signed[:15]]:
        assert nginx.client.get(f"/c/c1?{HOP}={value}").status_code == 302, value
    many = "&".join(f"{HOP}={value}" for value in forged)
    assert nginx.client.get(f"/c/c1?{many}&{HOP}={signed}&{many}").status_code == 404


def test_a_count_of_other_keys_is_none(make_nginx):
    nginx = send_to_itself(make_nginx, server="tributary_trafficback_hops 1;")
    signed = hop(nginx.client.get("/c/c1").headers["location"])
    nginx.push(state="paused", trafficback=f"{nginx.url}/c/c1", click_key="another-16-bytes")
    assert nginx.client.get(f"/c/c1?{HOP}={signed}").status_code == 302


@pytest.mark.proves("A41", "A57")
@pytest.mark.parametrize("host", ["evil.example", "back.example", "127.0.0.1", "a.back.example"])
@pytest.mark.parametrize("sub", ["//evil.example", "https://evil.example/", "%0d%0aSet-Cookie:x", "\\\\evil.example"])
def test_nothing_in_a_request_chooses_where_it_is_sent_back_to(nginx, host, sub):
    nginx.push(state="paused", trafficback="https://back.example/{sub1:raw}?s={sub1}")
    request = f"GET /c/c1?sub1={sub}&url={sub}&{HOP}={sub} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = exchange(nginx.port, request.encode())
    assert answer.status == 302
    target = urlsplit(answer.location)
    assert (target.scheme, target.netloc) == ("https", "back.example")
    assert answer.header("set-cookie") is None


@pytest.mark.proves("A42")
@pytest.mark.parametrize("way", ["a link", "the page of a campaign", "a next hop"])
def test_a_loop_over_a_url_that_is_no_destination_ends_too(make_nginx, way):
    nginx = make_nginx().start()
    here = f"{nginx.url}/c/nobody"
    back = {"a link": "/r/loop1", "the page of a campaign": "/r/loop2", "a next hop": f"/c/c1?url={here}"}[way]
    nginx.push(
        global_trafficback=nginx.url + back,
        link=[f"loop1:1:1:active:{here}", "loop2:1:1:active:"],
        landing=here,
        next_hop=[nginx.url],
    )
    answers = follow(nginx, "/c/nobody")
    assert [answer.status_code for answer in answers] == [302] * 6 + [404]
