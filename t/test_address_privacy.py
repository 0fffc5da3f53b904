"""What is written of a visitor's address: all of it, its network, or a keyed hash. The place is found before."""

import ipaddress
import os
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.places import ROOT

GEO = f"tributary_geoip {ROOT}/core/geo/fixtures/country-flat.mmdb;"
TRUSTING = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"
URL = "https://d.example/?cid={click_id}&ip={ip}&cc={country}"
GERMAN = "192.0.2.77"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "address.key"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    return path


def start(make_nginx, privacy, geo=GEO):
    nginx = make_nginx(http=f"{geo} tributary_address_privacy {privacy};", server=TRUSTING).start()
    nginx.push(url=URL)
    return nginx


def click(nginx, address=GERMAN, path="/c/c1"):
    answer = nginx.client.get(path, headers={"X-Forwarded-For": address})
    return parse_qs(urlsplit(answer.headers.get("location", "")).query)


def written(nginx, *addresses):
    for address in addresses:
        click(nginx, address)
    return [item["address"] for item in nginx.wait_recorded(len(addresses))]


def test_an_address_is_kept_unless_somebody_says_otherwise(make_nginx):
    assert written(start(make_nginx, "keep"), GERMAN, "2001:db8::1") == [GERMAN, "2001:db8::1"]


def test_a_truncated_address_keeps_its_network_and_its_place(make_nginx):
    nginx = start(make_nginx, "truncate")
    seen = click(nginx)
    assert (seen["ip"], seen["cc"]) == (["192.0.2.0"], ["DE"])
    click(nginx, "2001:db8:1:2::3")
    first, second = nginx.wait_recorded(2)
    assert (first["address"], first["country"]) == ("192.0.2.0", "DE")
    assert second["address"] == "2001:db8:1::"


def test_a_hashed_address_stands_for_a_visitor_and_has_its_place(make_nginx, secret):
    nginx = start(make_nginx, f"hash key={secret}")
    one, again, other = written(nginx, GERMAN, GERMAN, "192.0.2.78")
    assert one == again != other
    assert ipaddress.ip_address(one) in ipaddress.ip_network("fd00::/8")
    assert {item["country"] for item in nginx.journal()} == {"DE"}
    assert click(nginx)["ip"] == [one]


def test_another_key_gives_another_hash(make_nginx, secret):
    nginx = start(make_nginx, f"hash key={secret} rotate=400d")
    first = click(nginx)["ip"]
    nginx.reload()
    assert click(nginx)["ip"] == first
    secret.write_bytes(os.urandom(32))
    nginx.reload()
    assert click(nginx)["ip"] != first


def test_trafficbacks_are_written_the_same_way(make_nginx, secret):
    nginx = start(make_nginx, "truncate")
    click(nginx, path="/c/nobody")
    assert nginx.wait_recorded(1)[0]["address"] == "192.0.2.0"
    assert nginx.journal()[0]["country"] == "DE"


def test_without_a_snapshot_the_address_is_masked_too(make_nginx):
    nginx = make_nginx(http="tributary_address_privacy truncate;", server=TRUSTING).start()
    click(nginx)
    assert nginx.wait_recorded(1)[0]["address"] == "192.0.2.0"


def test_a_key_that_everybody_can_read_is_refused(make_nginx, secret):
    secret.chmod(0o644)
    code, said = make_nginx(http=f"tributary_address_privacy hash key={secret};").test()
    assert code != 0
    assert "can be read by everybody" in said


def test_hashes_without_geo_data_are_a_warning(make_nginx, secret):
    code, said = make_nginx(http=f"tributary_address_privacy hash key={secret};").test()
    assert code == 0
    assert '"tributary_address_privacy hash" without "tributary_geoip"' in said
