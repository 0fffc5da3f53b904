"""A campaign's conditions decide on the live edge, with its own geo data, rules of user agents and shared state."""

from urllib.parse import urlsplit

import pytest

from lib.places import ROOT

# 127/8, where the tests come from, is NL in this file.
GEO = f"tributary_geoip {ROOT}/core/geo/fixtures/country-flat.mmdb;"
AGENTS = f"tributary_user_agents {ROOT}/conf/user-agents/agents.rules;"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1"
)
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
URL = "https://destination.example/{stream_id}/%d?cid={click_id}"


def streams(nginx, query="", agent=PHONE, clicks=1):
    """The streams and destinations that clicks took."""
    answers = [nginx.client.get(f"/c/c1{query}", headers={"user-agent": agent}) for _ in range(clicks)]
    return [urlsplit(answer.headers["location"]).path for answer in answers]


@pytest.mark.proves("A35", "A50")
def test_country_device_and_parameter_choose_the_stream(make_nginx):
    nginx = make_nginx(http=GEO + AGENTS).start()
    nginx.push(
        streams=3,
        url=URL,
        condition=["1:country::NL", "1:device::phone", "1:parameter:zone:12,13", "2:country::NL", "2:device::phone"],
    )
    first, second, third = ["/3/1"], ["/1/1"], ["/2/1"]  # in the order in which they are tried
    assert streams(nginx, "?zone=13") == first
    assert streams(nginx, "?ZONE=12&zone=1") == first
    assert streams(nginx, "?zone=14") == second
    assert streams(nginx) == second
    assert streams(nginx, "?zone=13", DESKTOP) == third
    nginx.push(streams=3, url=URL, condition=["1:country::KZ", "2:device::tablet"])
    assert streams(nginx) == third


def test_without_data_a_place_and_a_device_are_unknown(make_nginx):
    nginx = make_nginx().start()
    nginx.push(streams=3, url=URL, condition=["1:country::NL", "2:device::phone"])
    assert streams(nginx) == ["/2/1"]


def test_a_cap_on_clicks_holds_among_workers_and_bots_use_none(make_nginx):
    nginx = make_nginx(http=AGENTS, workers=4).start()
    nginx.push(destinations=2, url=URL, click_cap=5)
    streams(nginx, agent=GOOGLEBOT, clicks=20)
    taken = streams(nginx, clicks=60)
    assert taken.count("/1/1") == 5
    assert taken.count("/1/2") == 55


def test_the_first_click_of_a_visitor_is_known_to_all_workers(make_nginx):
    nginx = make_nginx(http="tributary_uniques size=8m;", workers=2).start()
    nginx.push(streams=2, url=URL, uniqueness=3600, condition=["1:unique:campaign:true"])
    assert streams(nginx, clicks=3) == ["/2/1", "/1/1", "/1/1"]
    assert streams(nginx, agent=DESKTOP, clicks=2) == ["/2/1", "/1/1"]


def test_on_a_later_start_caps_wait_for_their_totals(make_nginx):
    nginx = make_nginx().start()
    nginx.push(destinations=2, url=URL, click_cap=5)
    assert "/1/1" in streams(nginx, clicks=6)
    nginx.stop()
    (nginx.run_path / "state").unlink()
    nginx.start()
    nginx.wait_generation(1)
    assert set(streams(nginx, clicks=6)) == {"/1/2"}
