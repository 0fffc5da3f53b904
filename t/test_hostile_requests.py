"""Hostile requests: never an open redirect, never a split header, never a crash. F-numbers: the fault catalogue."""

from urllib.parse import urlsplit

import pytest

from lib.raw_http import exchange, get

CONTROL = [chr(code) for code in (*range(0x20), 0x7F)]


def assert_harmless(answer):
    """Whatever was sent: the known destination, and no header that nginx or we did not set."""
    known = {"server", "date", "content-type", "content-length", "connection", "location", "cache-control"}
    assert {name for name, _ in answer.headers} <= known | {"transfer-encoding", "allow"}
    if answer.status == 302:
        assert not set(answer.location) & set(CONTROL)
        assert urlsplit(answer.location).hostname == "destination.example"


@pytest.mark.proves("C78", "F50")
@pytest.mark.parametrize(
    "value", ["%0d%0aX-Evil:%201", "%0D%0A%0D%0A<script>", "a%0d%0a%20b", "%00", "%E5%98%8A%E5%98%8D"]
)
@pytest.mark.parametrize("parameter", ["sub1", "utm_source", "keyword", "external_id", "unknown"])
def test_control_bytes_in_a_parameter_make_no_header(nginx, parameter, value):
    answer = get(nginx.port, f"/c/c1?{parameter}={value}")
    assert answer.status == 302
    assert_harmless(answer)


@pytest.mark.proves("F50")
@pytest.mark.parametrize("path", ["/c/c1%0d%0aX-Evil:1", "/c/%0d%0a", "/c/c1/%2e%2e/%0aX"])
def test_control_bytes_in_the_path_make_no_header(nginx, path):
    answer = get(nginx.port, path)
    assert answer.status in (302, 400, 404)
    assert_harmless(answer)


@pytest.mark.proves("F50")
def test_a_hostile_host_and_referrer_make_no_header(nginx):
    answer = get(nginx.port, "/c/c1?sub1=x", headers=[b"Referer: https://x/\x01\x02%0d%0aX-Evil: 1"])
    assert_harmless(answer)


@pytest.mark.proves("F49")
def test_nul_in_the_path_is_refused(nginx):
    assert get(nginx.port, "/c/c1%00").status == 400


@pytest.mark.proves("F49")
@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"%", b"%2", b"%zz", b"%25%30%61", b"+a%20b"]
)
def test_odd_encodings_are_taken_as_they_are(nginx, value):
    answer = get(nginx.port, b"/c/c1?sub1=" + value)
    assert answer.status == 302
    assert_harmless(answer)


@pytest.mark.proves("F48")
def test_a_query_of_a_megabyte_is_refused_and_not_recorded(nginx):
    answer = get(nginx.port, "/c/c1?sub1=" + "a" * 1_000_000)
    assert answer.status == 414
    assert nginx.journal() == []


@pytest.mark.proves("A54", "F51")
@pytest.mark.parametrize(
    "value", ["{click_id}", "%7Bclick_id%7D", "a&b=c", "a#b", "a?b", "//x", "a@b", "a\\b", "{sub2}"]
)
def test_values_are_expanded_once_and_stay_in_their_place(nginx, value):
    answer = get(nginx.port, f"/c/c1?sub2=second&sub1={value.replace('#', '%23').replace('&', '%26')}")
    assert_harmless(answer)
    query = urlsplit(answer.location).query
    assert urlsplit(answer.location).fragment == ""
    assert query.count("cid=") == 1
    assert "second" not in query


@pytest.mark.proves("F53")
def test_many_and_repeated_parameters(nginx):
    answer = get(nginx.port, "/c/c1?sub1=first&sub1=second&" + "&".join(f"p{n}=v" for n in range(1000)))
    assert answer.status == 302
    assert urlsplit(answer.location).query.endswith("sub=first")


@pytest.mark.proves("F53")
def test_long_sub_ids_are_bounded(make_nginx):
    nginx = make_nginx(server="large_client_header_buffers 4 256k;").start()
    nginx.push()
    query = "&".join(f"sub{n}={'x' * 4096}" for n in range(1, 31))
    assert get(nginx.port, f"/c/c1?{query}").status == 302
    assert len(nginx.wait_recorded(1)) == 1


@pytest.mark.proves("F56")
@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"GET /c/c1\r\n", (0,)),
        (b"GET /c/c1 HTTP/1.0\r\n\r\n", (302,)),
        (b"GET http://localhost/c/c1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (302,)),
        (b"GET /c/c1 HTTP/1.1\r\nConnection: close\r\n\r\n", (400,)),
        (b"TRACE /c/c1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (405,)),
        (b"BREW /c/c1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (400, 405)),
        (b"GET /c/c1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n\r\n", (302,)),
    ],
)
def test_odd_protocols_and_methods(nginx, request_bytes, statuses):
    answer = exchange(nginx.port, request_bytes)
    assert (answer.status if answer else 0) in statuses


@pytest.mark.parametrize(
    "host", ["evil.example", "destination.example@evil.example", "[::1]", "a" * 300, "..", "x:99999"]
)
def test_a_hostile_host_header_does_not_choose_the_target(nginx, host):
    answer = exchange(nginx.port, f"GET /c/c1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.status in (302, 400)
    assert_harmless(answer)
