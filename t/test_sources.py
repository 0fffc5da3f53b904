"""A traffic source has its own names for the parameters of a click."""

from urllib.parse import parse_qs, urlsplit

import pytest

from lib.admin_client import compile_problems, made, make_campaign, problem

ANY_VERSION = {"If-Match": "*"}
URL = "https://d.example/?s1={sub1}&s30={sub30}&k={keyword}&e={external_id}&c={cost}&u={utm_campaign}"
ALIASES = ["sub_id_1:zoneid", "sub_id_30:last", "cost:bid", "currency:money", "external_id:visit", "utm_campaign:camp"]


def values(answer):
    return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.mark.proves("A33")
def test_names_of_a_source_fill_the_fields_of_a_click(make_nginx):
    nginx = make_nginx().start()
    nginx.push(url=URL + "&cur={currency}", alias=ALIASES)
    answer = nginx.client.get("/c/c1?ZoneID=7%2B&last=z&bid=0.25&money=EUR&visit=x1&camp=c&keyword=shoes")
    assert values(answer) == {"s1": "7+", "s30": "z", "k": "shoes", "e": "x1", "c": "0.25", "cur": "EUR", "u": "c"}


def test_the_name_of_a_source_comes_before_the_common_one(make_nginx):
    nginx = make_nginx().start()
    nginx.push(url=URL, alias=["sub_id_1:zoneid", "external_id:keyword"])
    assert values(nginx.client.get("/c/c1?sub1=common&zoneid=own&keyword=x&kw=y")) == {"s1": "own", "e": "x", "k": "y"}


def test_a_campaign_without_a_source_knows_only_the_common_names(make_nginx):
    nginx = make_nginx().start()
    nginx.push(url=URL)
    assert values(nginx.client.get("/c/c1?zoneid=own&sub1=common")) == {"s1": "common"}


def make_source(buyer, aliases, name="pops"):
    return buyer.post("/api/v1/sources", json={"name": name, "aliases": aliases})


def test_aliases_are_kept_and_changed(root, buyer):
    aliases = {"sub_id_1": ["zoneid", "zone"], "cost": ["bid"]}
    source = made(make_source(buyer, aliases))
    assert source["aliases"] == aliases
    make_campaign(buyer, source_id=source["id"])
    path = f"/api/v1/sources/{source['id']}"
    assert buyer.patch(path, json={"aliases": {"keyword": ["q"]}}, headers=ANY_VERSION).json()["aliases"] == {
        "keyword": ["q"]
    }
    assert made(buyer.post("/api/v1/sources", json={"name": "plain"}))["aliases"] == {}
    assert compile_problems(root) == []


@pytest.mark.parametrize(
    ("aliases", "field", "reason"),
    [
        ([], "aliases", "must be an object"),
        ({"click_id": ["x"]}, "aliases.click_id", "must be sub_id_1 to sub_id_30"),
        ({"sub1": ["x"]}, "aliases.sub1", "must be sub_id_1 to sub_id_30"),
        ({"sub_id_31": ["x"]}, "aliases.sub_id_31", "must be sub_id_1 to sub_id_30"),
        ({"cost": "bid"}, "aliases.cost", "must be a list"),
        ({"cost": [""]}, "aliases.cost", "must be a list"),
        ({"cost": ["a b"]}, "aliases.cost", "must be a list"),
        ({"cost": ["a&b"]}, "aliases.cost", "must be a list"),
        ({"cost": ["x" * 65]}, "aliases.cost", "must be a list"),
        ({"cost": ["x"] * 17}, "aliases.cost", "must be a list"),
        ({"cost": ["bid"], "keyword": ["BID"]}, "aliases.keyword", '"BID" has a meaning already'),
    ],
)
def test_aliases_that_cannot_be_are_refused(buyer, aliases, field, reason):
    errors = problem(make_source(buyer, aliases), 422)["errors"]
    assert [(error["field"], reason in error["reason"]) for error in errors] == [(field, True)]
