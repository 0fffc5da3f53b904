"""What the macros of a destination stand for in a click, and that no value breaks its URL."""

import random
import re
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from lib.places import ROOT
from lib.raw_http import exchange

FIXTURES = ROOT / "core/geo/fixtures"
DATA = (
    f"tributary_geoip {FIXTURES}/city-nested.mmdb {FIXTURES}/country-flat.mmdb;"
    f"tributary_user_agents {ROOT}/conf/user-agents/agents.rules;"
)
TRUSTING = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1"
)


def target(nginx, url, path="/c/c1", **headers):
    """Where a click goes when its destination has this URL."""
    nginx.push(url=url)
    answer = nginx.client.get(path, headers=headers)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def values(url):
    return {name: value[0] for name, value in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def test_places_and_devices_are_found_for_a_template_that_names_them(make_nginx):
    nginx = make_nginx(http=DATA, server=TRUSTING).start()
    url = "https://d.example/?cc={country}&dev={device}&os={os}&osv={os_version}&br={browser}&brand={brand}"
    got = values(target(nginx, url, **{"User-Agent": IPHONE, "X-Forwarded-For": "192.0.2.1"}))
    assert got["cc"] == "DE"
    assert got["dev"] == "phone"
    assert got["os"] == "iOS"
    assert got["osv"].startswith("17")
    assert got["brand"] == "Apple"
    assert "Safari" in got["br"]


def test_without_data_places_and_devices_leave_nothing_behind(make_nginx):
    nginx = make_nginx().start()
    assert target(nginx, "https://d.example/?cc={country}&os={os}&a={asn}") == "https://d.example/?cc=&os=&a="


def test_modifiers_and_arguments(make_nginx):
    nginx = make_nginx().start()
    url = (
        "https://d.example/?h={sub1:lower:hash}&l={sub1:lower}&r={sub2:raw}&d={date:Y-m-d H,Asia/Almaty}"
        "&n={random:7,9}&s={sample:a,b}"
    )
    before = datetime.now(UTC)
    url = target(nginx, url, path="/c/c1?sub1=Jane%40Example.com&sub2=https%3A%2F%2Fx.example%2F%3Fa%3Db")
    got = values(url)
    assert got["h"] == sha256(b"jane@example.com").hexdigest()
    assert got["l"] == "jane@example.com"
    assert "r=https://x.example/?a=b&" in url
    hours = {f"{moment.astimezone(ZoneInfo('Asia/Almaty')):%Y-%m-%d %H}" for moment in (before, datetime.now(UTC))}
    assert got["d"] in hours
    assert got["n"] in {"7", "8", "9"}
    assert got["s"] in {"a", "b"}


def test_ours_never_leak_and_those_of_others_stay(make_nginx):
    nginx = make_nginx().start()
    url = "https://d.example/?a={keyword}&b={sub30}&c={{campaign.id}}&d=%TRANSACTION_ID%&e=[ORDER]&f={status:lead=0}"
    assert target(nginx, url) == (
        "https://d.example/?a=&b=&c={{campaign.id}}&d=%TRANSACTION_ID%&e=[ORDER]&f={status:lead=0}"
    )


@pytest.mark.proves("A54")
def test_whatever_a_visitor_sends_the_target_keeps_its_scheme_and_host(make_nginx):
    nginx = make_nginx(http=DATA, server=TRUSTING).start()
    names = ["sub1", "keyword", "external_id", "utm_source", "user_agent", "referrer", "language", "country", "os"]
    macros = "".join(f"&a={{{name}}}&b={{{name}:raw}}&c={{{name}:hash}}&d={{_{name}}}" for name in names)
    nginx.push(url=f"https://d.example:8443/{{sub1:raw}}/{{sub2}}?x={macros}#{{sub1:raw}}")
    chance = random.Random(54)
    nasty = b"\r\n\t\0 %2f%0d{}#?&/\\@:;<>\"'[]..//evil.example"
    for _ in range(300):
        value = bytes(chance.choice(nasty) if chance.random() < 0.6 else chance.randrange(256) for _ in range(30))
        header = bytes(byte for byte in value if byte not in b"\r\n\0")
        query = "&".join(f"{name}={quote(value)}" for name in ("sub1", "sub2", "keyword", "ref", "utm_source"))
        request = (
            f"GET /c/c1?{query} HTTP/1.1\r\nHost: t.example\r\nConnection: close\r\n".encode()
            + b"User-Agent: "
            + header
            + b"\r\nReferer: "
            + header
            + b"\r\nAccept-Language: "
            + header
            + b"\r\n\r\n"
        )
        answer = exchange(nginx.port, request)
        assert answer.status in (302, 400), value
        if answer.status == 302:
            assert re.fullmatch(r"[\x21-\x7e]+", answer.location), value
            parts = urlsplit(answer.location)
            assert (parts.scheme, parts.hostname, parts.port, parts.username) == ("https", "d.example", 8443, None)
