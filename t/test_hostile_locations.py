"""Hostile bytes against every location of the click side: no open redirect, split header, second request or crash."""

from urllib.parse import urlsplit

import pytest

from lib.http2 import block, connect, outcome, request
from lib.places import free_ports
from lib.raw_http import exchange, get

TARGETS = {"destination.example", "shop.example"}
LOCATIONS = ["/c/c1", "/c/nobody", "/c/", "/r/land", "/r/nobody", "/click", "/lp", "/lp/a/b", "/t/c1", "/t.js"]
PARAMETERS = [
    *("url", "redirect_url", "next", "lander_click", "offer", "click_id", "affiliate_id", "campaign_id", "cost"),
    *("sub1", "keyword", "external_id", "utm_source", "currency", "tributary_hop"),
]
HEADER_FIELDS = ["User-Agent", "Referer", "Accept-Language", "X-Requested-With", "Cookie", "Sec-Purpose", "Origin"]
FOREIGN = [
    *(b"https://evil.example/", b"//evil.example", b"/%5cevil.example", b"https:evil.example", b"javascript:alert(1)"),
    *(
        b"https://shop.example@evil.example/",
        b"https://shop.example%00.evil.example/",
        b"https://shop.example.evil.example",
    ),
]
BROKEN = [
    *(b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"%", b"%zz", b"%25%30%61", b"{click_id}", b"%7bclick_id%7d"),
    *(b"%00", b"a%00b", b"%0d%0aX-Evil:%201", b"%0D%0A%0D%0A<script>", b"%E5%98%8A%E5%98%8DX-Evil:1", b"x" * 3000),
]
KNOWN = {
    *("server", "date", "content-type", "content-length", "connection", "location", "cache-control", "allow"),
    *("transfer-encoding", "etag", "last-modified", "access-control-allow-origin", "vary", "referrer-policy"),
}
REFUSED = (400, 404, 405, 414)


@pytest.fixture
def edge(make_nginx):
    """A campaign that allows one next hop and a link with a page; the same over HTTP/2 at `clear_port`."""
    nginx = make_nginx(workers=2, server="large_client_header_buffers 4 512k;")
    nginx.clear_port = next(port for port in free_ports(2) if port != nginx.port)
    nginx.options["server"] += f" listen 127.0.0.1:{nginx.clear_port} http2;"
    nginx.start()
    nginx.push(link=["land:1:1:active:https://shop.example/"], next_hop=["https://shop.example/"])
    before = nginx.workers()
    yield nginx
    assert nginx.workers() == before
    assert get(nginx.port, "/c/c1?sub1=after").status == 302
    assert "smuggled" not in {item.get("sub1") for item in nginx.wait_recorded(1)}


def assert_harmless(answer):
    assert answer is not None
    assert answer.status < 500
    assert {name for name, _ in answer.headers} <= KNOWN
    if answer.location is not None:
        assert all(0x20 < ord(character) < 0x7F for character in answer.location)
        assert (urlsplit(answer.location).scheme, urlsplit(answer.location).hostname in TARGETS) == ("https", True)


@pytest.mark.proves("C78", "F49", "F50")
@pytest.mark.parametrize("location", LOCATIONS)
def test_no_value_of_a_parameter_or_header_leads_away_or_makes_a_header(edge, location):
    for value in (*FOREIGN, *BROKEN):
        for name in PARAMETERS:
            assert_harmless(get(edge.port, location.encode() + b"?sub2=x&" + name.encode() + b"=" + value))
        for field in HEADER_FIELDS:
            assert_harmless(get(edge.port, location, headers=[field.encode() + b": " + value]))
        assert_harmless(get(edge.port, location.encode() + b"/" + value))


@pytest.mark.proves("F48", "F53")
@pytest.mark.parametrize("location", LOCATIONS)
def test_a_query_of_a_megabyte_is_refused_and_ten_thousand_parameters_are_not(edge, location):
    assert get(edge.port, f"{location}?sub1={'a' * 1_000_000}").status == 414
    many = "&".join(f"p{n}=https://evil.example/{n}" for n in range(10_000))
    assert_harmless(get(edge.port, f"{location}?{many}"))
    assert_harmless(get(edge.port, f"{location}?{'&' * 100_000}"))
    assert_harmless(get(edge.port, f"{location}?{'sub1=x&' * 10_000}"))


SMUGGLED = b"GET /c/c1?sub1=smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
FRAMED = {
    "two hosts": (b"GET %s HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", REFUSED),
    "length and chunks": (
        b"GET %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + SMUGGLED,
        REFUSED,
    ),
    "two lengths": (
        b"GET %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n" + SMUGGLED,
        REFUSED,
    ),
    "a length below zero": (b"GET %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n" + SMUGGLED, REFUSED),
    "a coding that is none": (
        b"GET %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n" + SMUGGLED,
        (*REFUSED, 501),
    ),
    "NUL in a header": (b"GET %s HTTP/1.1\r\nHost: localhost\r\nReferer: a\0b\r\n\r\n", REFUSED),
    "a line break in a header": (b"GET %s HTTP/1.1\r\nHost: localhost\r\nReferer: a\rX-Evil: 1\r\n\r\n", REFUSED),
    "NUL in the path": (b"GET %s%%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", REFUSED),
    "a host with a path": (b"GET %s HTTP/1.1\r\nHost: localhost/..//evil.example\r\n\r\n", REFUSED),
}


@pytest.mark.proves("F56")
@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("name", FRAMED)
def test_a_request_with_two_meanings_is_refused_whole(edge, location, name):
    sent, statuses = FRAMED[name]
    assert exchange(edge.port, sent.replace(b"%s", location.encode()).replace(b"%%", b"%")).status in statuses


@pytest.mark.proves("F56")
@pytest.mark.parametrize("location", LOCATIONS)
def test_the_body_of_a_click_is_no_request_and_an_absolute_url_no_target(edge, location):
    length = str(len(SMUGGLED)).encode()
    target = location.encode()
    head = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for method in (b"GET", b"HEAD", b"POST"):
        assert_harmless(
            exchange(edge.port, method + b" " + target + head + b"Content-Length: " + length + b"\r\n\r\n" + SMUGGLED)
        )
    for origin in (b"http://evil.example", b"https://evil.example:443", b"http://shop.example@evil.example"):
        answer = exchange(edge.port, b"GET " + origin + target + head + b"\r\n")
        assert_harmless(answer)


MALFORMED = {
    "two paths": lambda path: request(1, path, (":path", "/c/c1?sub1=smuggled")),
    "two authorities": lambda path: request(1, path, (":authority", "evil.example")),
    "no path": lambda path: block(1, (":method", "GET"), (":scheme", "http"), (":authority", "localhost")),
    "no method": lambda path: block(1, (":scheme", "http"), (":path", path), (":authority", "localhost")),
    "a pseudo header that is none": lambda path: request(1, path, (":status", "200")),
    "a pseudo header behind the others": lambda path: request(1, path, ("x", "y"), (":method", "POST")),
    "an empty path": lambda path: request(1, ""),
    "a path without a slash": lambda path: request(1, "https://evil.example" + path),
    "a line break in the path": lambda path: request(1, path + "\r\nX-Evil: 1"),
    "NUL in the path": lambda path: request(1, path + "\0"),
    "a method of two words": lambda path: request(1, path, method="GET /c/c1?sub1=smuggled HTTP/1.1\r\nX: y"),
    "capitals in a name": lambda path: request(1, path, ("Referer", "x")),
    "a line break in a value": lambda path: request(1, path, ("referer", "a\r\nX-Evil: 1")),
    "a line break in a name": lambda path: request(1, path, ("referer\r\nx-evil", "1")),
    "another host": lambda path: request(1, path, ("host", "evil.example")),
    "a table that does not end": lambda path: request(1, path, *[(f"x-{n}", "y" * 100) for n in range(2000)]),
}
ODD = {
    "a header of HTTP/1": lambda path: request(1, path, ("transfer-encoding", "chunked"), ("connection", "upgrade")),
    "bytes that are no text": lambda path: request(1, path, ("referer", b"\xff\xfe\x80"), ("user-agent", b"\xc0\xaf")),
}
# By the standard a header that only HTTP/1 has is a mistake; nginx overlooks it, or refuses it in later versions.
MISTAKE = (400, "reset", "closed")


def answered(edge, sent):
    with connect(edge.clear_port) as connection:
        connection.sendall(sent)
        return outcome(connection, 1)


@pytest.mark.proves("F56")
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_headers_of_http2_are_refused_and_nothing_is_recorded(edge, name):
    for location in LOCATIONS:
        assert answered(edge, MALFORMED[name](location)) in MISTAKE, location
    assert get(edge.port, "/c/c1?sub1=next").status == 302
    assert [item.get("sub1") for item in edge.wait_recorded(1)] == ["next"]


@pytest.mark.proves("F56")
@pytest.mark.parametrize("name", ODD)
def test_odd_headers_of_http2_change_nothing_of_the_answer(edge, name):
    for location in LOCATIONS:
        usual = answered(edge, request(1, location))
        assert usual in (200, 302, 400, 404), location
        assert answered(edge, ODD[name](location)) in (
            usual,
            *(MISTAKE if name == "a header of HTTP/1" else ()),
        ), location
