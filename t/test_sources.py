"""A traffic source has its own names for the parameters of a click, its currency and its cost model."""

import subprocess
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.admin import Admin
from lib.admin_client import compile_problems, made, make_campaign, make_destination, problem
from lib.places import ROOT, program
from lib.wait import wait_until

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


@pytest.mark.proves("A33", "A35")
def test_a_source_that_campaigns_have_stays(buyer):
    source = made(buyer.post("/api/v1/sources", json={"name": "ads"}))
    path = f"/api/v1/sources/{source['id']}"
    campaigns = [make_campaign(buyer, slug, source_id=source["id"]) for slug in ("one", "two")]
    refused = problem(buyer.delete(path, headers=ANY_VERSION), 409)
    ids = ", ".join(str(campaign["id"]) for campaign in campaigns)
    assert refused["detail"] == f"2 campaigns have it as source_id: {ids}"
    for campaign in campaigns:
        assert buyer.delete(f"/api/v1/campaigns/{campaign['id']}", headers=ANY_VERSION).status_code == 204
    assert buyer.delete(path, headers=ANY_VERSION).status_code == 204
    gone = buyer.post("/api/v1/campaigns", json={"name": "three", "slug": "three", "source_id": source["id"]})
    assert problem(gone, 422)["errors"] == [{"field": "source_id", "reason": "names no record of the team"}]


def test_a_preset_says_what_the_parameters_of_an_ad_platform_mean(root, buyer):
    presets = {preset["preset"]: preset for preset in buyer.get("/api/v1/source-presets").json()["data"]}
    assert {"facebook", "google_ads", "tiktok", "taboola", "outbrain", "propellerads", "mgid"} <= presets.keys()
    taboola = made(buyer.post("/api/v1/sources", json={"preset": "taboola"}))
    assert taboola["name"] == "Taboola"
    assert taboola["aliases"]["external_id"] == ["click_id"]
    assert taboola["aliases"]["cost"] == ["cost"]
    assert taboola["tracking_suffix"].startswith("click_id={click_id}&site={site}&")
    assert taboola["tracking_suffix"].endswith("&cost={cpc}")
    assert (taboola["cost_model"], taboola["currency"]) == ("auto", None)
    make_campaign(buyer, source_id=taboola["id"])
    assert compile_problems(root) == []


def test_every_preset_makes_a_source_that_can_be_published(root, buyer):
    for preset in buyer.get("/api/v1/source-presets").json()["data"]:
        source = made(buyer.post("/api/v1/sources", json={"preset": preset["preset"]}))
        same = ("preset", "aliases", "tracking_suffix", "cost_model", "currency")
        assert {field: source[field] for field in same} == {field: preset[field] for field in same}
        make_campaign(buyer, preset["preset"].replace("_", "-"), source_id=source["id"])
    assert compile_problems(root) == []


def test_what_is_given_with_a_preset_replaces_what_it_says(buyer):
    given = {"preset": "taboola", "name": "Mine", "aliases": {"keyword": ["q"]}, "currency": "KZT", "cost_model": None}
    source = made(buyer.post("/api/v1/sources", json=given))
    assert {field: source[field] for field in given} == given
    assert source["tracking_suffix"]


@pytest.mark.parametrize("body", [{"preset": "nobody"}, {"preset": ""}, {"preset": 7}])
def test_a_preset_that_does_not_exist_is_refused(buyer, body):
    errors = problem(buyer.post("/api/v1/sources", json={"name": "x", **body}), 422)["errors"]
    assert [error["field"] for error in errors] == ["preset"]


def test_the_preset_of_a_source_stays(buyer):
    source = made(buyer.post("/api/v1/sources", json={"preset": "mgid"}))
    change = buyer.patch(f"/api/v1/sources/{source['id']}", json={"preset": "taboola"}, headers=ANY_VERSION)
    assert problem(change, 422)["errors"] == [{"field": "preset", "reason": "cannot be changed"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title: X\nevidence: vendor\nparameters: [{name: a b, field: sub_id_1}]\n", "aliases.sub_id_1"),
        ("title: X\nevidence: vendor\nparameters: [{name: a, field: nothing}]\n", "aliases.nothing"),
        ("title: X\nevidence: vendor\nparametres: []\n", "unknown key parametres"),
        ("title: [\n", "malformed YAML"),
    ],
)
def test_a_mistake_in_a_preset_stops_the_start_and_names_the_file(workspace, database, content, reason):
    (workspace.disk / "presets/sources").mkdir(parents=True)
    (workspace.disk / "presets/sources/own.yaml").write_text(content)
    admin = Admin(workspace, database)
    admin.settings.write_text(
        admin.settings.read_text().replace(str(ROOT / "conf/presets"), f"{workspace.disk}/presets")
    )
    command = [str(program("tributary-admin")), "serve", "--config", str(admin.settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert "own.yaml" in done.stderr
    assert reason in done.stderr


def costs(full):
    totals = full.buyer.get("/api/v1/reports/overview").json()["totals"]
    return {row["currency"]: row["cost"] for row in totals["money"]}


def set_up_paid_campaign(full, source, **campaign):
    full.add_edge()
    source = made(full.buyer.post("/api/v1/sources", json={"name": "paid", **source}))
    destination = make_destination(full.buyer)
    made_campaign = make_campaign(full.buyer, source_id=source["id"], **campaign)
    stream = {"campaign_id": made_campaign["id"], "destinations": [{"destination_id": destination["id"]}]}
    made(full.buyer.post("/api/v1/streams", json=stream))
    full.wait_pushed()
    return source


@pytest.mark.proves("A35")
def test_costs_of_a_source_are_in_its_currency(full):
    set_up_paid_campaign(full, {"currency": "KZT"}, currency="EUR", cost="2")
    for query in ("?cost=30", "?cost=4&currency=GBP", ""):
        assert full.nginx.client.get(f"/c/sale{query}").status_code == 302
    wait_until(lambda: costs(full) == {"KZT": "30", "GBP": "4", "EUR": "2"}, "the three costs to be reported")


@pytest.mark.parametrize(
    ("model", "cost"), [("cpm", "0.002"), ("none", None), ("revshare", None), ("auto", "2"), (None, "2")]
)
def test_a_campaign_without_cost_model_and_currency_has_those_of_its_source(full, model, cost):
    source = set_up_paid_campaign(full, {"currency": "KZT", "cost_model": model}, cost="2")
    assert full.nginx.client.get("/c/sale").status_code == 302
    assert full.nginx.client.get("/c/sale?cost=5").status_code == 302
    expected = {"KZT": "5" if cost is None else str(5 + Decimal(cost))}
    wait_until(lambda: costs(full) == expected, "the costs to be reported")
    path = f"/api/v1/sources/{source['id']}"
    assert full.buyer.patch(path, json={"currency": None}, headers=ANY_VERSION).status_code == 200
    full.wait_pushed()
    assert full.nginx.client.get("/c/sale?cost=7").status_code == 302
    wait_until(lambda: costs(full) == {**expected, "USD": "7"}, "the last cost to be reported")
