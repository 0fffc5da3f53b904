"""Records of the configuration: made, changed, paged, and refused with every wrong field named."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from lib.admin_client import made, make_campaign, make_destination, make_team, problem


@pytest.mark.proves("A19", "A21", "A22", "A23")
@pytest.mark.parametrize(
    ("collection", "fields"),
    [
        ("campaigns", {"slug": "sale"}),
        ("destinations", {"url": "https://shoes.example.com/?c={clickid}"}),
        ("sources", {}),
        ("networks", {"key": "net-1"}),
        ("partners", {"kind": "influencer", "handle": "@first"}),
        ("outbound-templates", {"url": "https://peer.example/?cid={external_id}&sum={payout}", "statuses": ["lead"]}),
        ("advertisers", {"matchers": ["ref_code", "coupon"], "window_days": 7, "state": "inactive"}),
    ],
)
def test_a_record_is_made_read_listed_changed_and_deleted(buyer, collection, fields):
    record = made(buyer.post(f"/api/v1/{collection}", json={"name": "first", **fields}))
    path = f"/api/v1/{collection}/{record['id']}"
    assert buyer.get(path).json()["name"] == "first"
    assert [item["id"] for item in buyer.get(f"/api/v1/{collection}").json()["data"]] == [record["id"]]
    changed = buyer.patch(path, json={"name": "second"}, headers={"If-Match": f'"{record["version"]}"'}).json()
    assert changed["name"] == buyer.get(path).json()["name"] == "second"
    assert {name: changed[name] for name in fields} == fields
    assert buyer.delete(path, headers={"If-Match": f'"{changed["version"]}"'}).status_code == 204
    problem(buyer.get(path), 404)
    assert buyer.get(f"/api/v1/{collection}").json()["data"] == []


@pytest.mark.proves("A20")
def test_a_stream_is_made_with_its_destinations_changed_and_deleted(buyer):
    destination = make_destination(buyer)
    assert destination["payout"] == "12.5"
    campaign = make_campaign(buyer, cost="0.050000")
    assert campaign["cost"] == "0.05"
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 70}]}
    created = made(buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    assert created["destinations"] == stream["destinations"]
    listed = buyer.get(f"/api/v1/campaigns/{campaign['id']}/streams").json()["data"]
    assert [item["id"] for item in listed] == [created["id"]]
    path = f"/api/v1/streams/{created['id']}"
    changed = buyer.patch(path, json={"destinations": []}, headers={"If-Match": "*"})
    assert changed.json()["destinations"] == []
    assert changed.json()["version"] > created["version"]
    assert buyer.delete(path, headers={"If-Match": "*"}).status_code == 204
    problem(buyer.get(path), 404)


@pytest.mark.proves("C26", "C126")
def test_a_link_is_made_listed_disabled_and_deleted(buyer):
    campaign = make_campaign(buyer, landing_url="https://brand.example.com/")
    assert campaign["landing_url"] == "https://brand.example.com/"
    partner = made(buyer.post("/api/v1/partners", json={"name": "Ana", "kind": "influencer"}))
    owned = {"campaign_id": campaign["id"], "partner_id": partner["id"]}
    link = made(buyer.post("/api/v1/links", json={**owned, "name": "bio"}))
    assert len(link["code"]) == 10
    own = made(buyer.post("/api/v1/links", json={**owned, "code": "ana-sale", "url": "https://brand.example.com/a"}))
    listed = buyer.get("/api/v1/links", params={"partner_id": partner["id"]}).json()["data"]
    assert [item["code"] for item in listed] == [link["code"], "ana-sale"]
    problem(buyer.post("/api/v1/links", json={**owned, "code": "ana-sale"}), 409)
    problem(buyer.post("/api/v1/links", json={**owned, "code": "a/b?"}), 422)
    problem(buyer.post("/api/v1/links", json={**owned, "url": "javascript:alert(1)"}), 422)
    path = f"/api/v1/links/{own['id']}"
    assert buyer.patch(path, json={"state": "paused"}, headers={"If-Match": "*"}).json()["state"] == "paused"
    problem(buyer.patch(path, json={"code": "other"}, headers={"If-Match": "*"}), 422)
    assert buyer.delete(path, headers={"If-Match": "*"}).status_code == 204
    problem(buyer.get(path), 404)


@pytest.fixture
def link(buyer):
    partner = made(buyer.post("/api/v1/partners", json={"name": "Ana"}))
    fields = {"campaign_id": make_campaign(buyer)["id"], "partner_id": partner["id"], "code": "ana-sale", "name": "bio"}
    return made(buyer.post("/api/v1/links", json=fields))


@pytest.mark.proves("C63")
def test_a_link_is_regenerated_once_and_its_history_stays_as_it_is(buyer, link):
    path = f"/api/v1/links/{link['id']}"
    new = made(buyer.post(f"{path}/regenerate"))
    same = ("team_id", "campaign_id", "partner_id", "name", "url", "state")
    assert {field: new[field] for field in same} == {field: link[field] for field in same}
    assert (len(new["code"]), new["replaced_by"]) == (10, None)
    old = buyer.get(path).json()
    assert (old["code"], old["state"], old["replaced_by"]) == ("ana-sale", "replaced", new["id"])
    replaced = f"link {new['id']} has replaced this link"
    again = [
        buyer.post(f"{path}/regenerate"),
        buyer.patch(path, json={"state": "active"}, headers={"If-Match": "*"}),
        buyer.delete(path, headers={"If-Match": "*"}),
    ]
    assert [problem(answer, 409)["detail"] for answer in again] == [replaced] * 3
    entries = buyer.get("/api/v1/audit-log", params={"entity": "link"}).json()["data"]
    assert sorted(entry["action"] for entry in entries) == ["create", "create", "regenerate"]


@pytest.mark.proves("C63")
def test_the_new_code_of_a_link_may_be_given_and_is_nobody_elses(buyer, link):
    path = f"/api/v1/links/{link['id']}/regenerate"
    problem(buyer.post(path, json={"code": "ana-sale"}), 409)
    errors = problem(buyer.post(path, json={"code": "a/b?", "name": "x"}), 422)["errors"]
    assert [error["field"] for error in errors] == ["code", "name"]
    assert made(buyer.post(path, json={"code": "ana-new"}))["code"] == "ana-new"
    taken = {"campaign_id": link["campaign_id"], "partner_id": link["partner_id"], "code": "ana-sale"}
    problem(buyer.post("/api/v1/links", json=taken), 409)


@pytest.mark.proves("C63")
def test_of_many_regenerations_at_the_same_time_one_wins(buyer, link):
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(buyer.post, f"/api/v1/links/{link['id']}/regenerate") for _ in range(8)]
        answers = [call.result().status_code for call in calls]
    assert sorted(answers) == [201] + [409] * 7
    states = [item["state"] for item in buyer.get("/api/v1/links").json()["data"]]
    assert sorted(states) == ["active", "replaced"]


@pytest.mark.proves("C63")
def test_links_that_want_one_code_at_the_same_time_do_not_both_get_it(buyer, link):
    fields = {"campaign_id": link["campaign_id"], "partner_id": link["partner_id"]}
    links = [made(buyer.post("/api/v1/links", json=fields)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        wanted = [
            pool.submit(buyer.post, f"/api/v1/links/{it['id']}/regenerate", json={"code": "same"}) for it in links
        ]
        answers = [call.result().status_code for call in wanted]
    assert sorted(answers) == [201] + [409] * 5
    assert len(buyer.get("/api/v1/links", params={"code": "same"}).json()["data"]) == 1


def test_a_link_belongs_to_a_campaign_and_a_partner_of_one_team(admin, root, buyer):
    blue = make_team(admin, root, "blue")[1]
    theirs = make_campaign(blue, "theirs")
    partner = made(buyer.post("/api/v1/partners", json={"name": "Ana"}))
    link = {"campaign_id": theirs["id"], "partner_id": partner["id"]}
    refused = problem(buyer.post("/api/v1/links", json=link), 422)
    assert [error["field"] for error in refused["errors"]] == ["campaign_id"]


def test_a_network_secret_is_shown_once_and_rotated(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "net-1"}))
    assert len(network["secret"]) == 32
    path = f"/api/v1/networks/{network['id']}"
    assert "secret" not in buyer.get(path).json()
    fresh = made(buyer.post(f"{path}/secrets", json={"grace_s": 60}))["secret"]
    secrets = buyer.get(f"{path}/secrets").json()["data"]
    assert [secret["hint"] for secret in secrets] == [network["secret"][-4:], fresh[-4:]]
    assert secrets[0]["expires_at"] is not None
    assert secrets[1]["expires_at"] is None
    assert buyer.delete(f"{path}/secrets/{secrets[0]['id']}").status_code == 204
    assert len(buyer.get(f"{path}/secrets").json()["data"]) == 1


def test_the_last_secret_that_does_not_end_stays(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "net-1"}))
    path = f"/api/v1/networks/{network['id']}/secrets"

    def change(auth):
        return buyer.patch(f"/api/v1/networks/{network['id']}", json={"auth": auth}, headers={"If-Match": "*"})

    made(buyer.post(path, json={"grace_s": 3600}))
    ending, lasting = buyer.get(path).json()["data"]
    problem(buyer.delete(f"{path}/{lasting['id']}"), 409)
    assert change("none").status_code == 200
    problem(buyer.delete(f"{path}/{lasting['id']}"), 409)
    assert len(buyer.get(path).json()["data"]) == 2
    for secret in (ending, lasting):
        assert buyer.delete(f"{path}/{secret['id']}").status_code == 204
    refused = problem(change("token"), 422)
    assert [error["field"] for error in refused["errors"]] == ["secrets"]


def test_lists_are_paged_by_cursor(buyer):
    expected = [make_destination(buyer, f"d{number}")["id"] for number in range(7)]
    seen, cursor = [], None
    while True:
        page = buyer.get("/api/v1/destinations", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected
    problem(buyer.get("/api/v1/destinations", params={"cursor": "x' OR 1=1"}), 400)


@pytest.mark.proves("F74")
def test_two_editors_do_not_overwrite_each_other(buyer):
    campaign = make_campaign(buyer)
    path = f"/api/v1/campaigns/{campaign['id']}"
    tag = buyer.get(path).headers["etag"]
    assert buyer.patch(path, json={"name": "first"}, headers={"If-Match": tag}).status_code == 200
    problem(buyer.patch(path, json={"name": "second"}, headers={"If-Match": tag}), 412, "changed")
    problem(buyer.patch(path, json={"name": "third"}), 428, "if_match_needed")
    problem(buyer.delete(path), 428)
    assert buyer.get(path).json()["name"] == "first"


def test_a_repeated_post_creates_once(buyer):
    headers = {"Idempotency-Key": "abc"}
    body = {"name": "n", "key": "net-once"}
    first = made(buyer.post("/api/v1/networks", json=body, headers=headers))
    again = buyer.post("/api/v1/networks", json=body, headers=headers)
    assert again.status_code == 201
    assert again.json()["id"] == first["id"]
    assert "secret" not in again.json()
    assert again.headers["idempotency-replayed"] == "true"
    problem(buyer.post("/api/v1/networks", json={**body, "name": "m"}, headers=headers), 422, "idempotency_key_reused")


def test_simultaneous_repeats_create_once(admin, buyer):
    def post(_):
        headers = {"Idempotency-Key": "race", "Authorization": buyer.headers["Authorization"]}
        return httpx.post(f"{admin.url}/api/v1/sources", json={"name": "s"}, headers=headers, timeout=30)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.proves("C78", "F61")
def test_every_wrong_field_is_named(buyer):
    body = {
        "name": "",
        "slug": "a/b",
        "cost": "1,5",
        "currency": "usd ",
        "stream_order": "random",
        "trafficback": "javascript:alert(1)",
        "starts_at": "tomorrow",
        "source_id": 0,
        "team_id_": 1,
        "id": 5,
    }
    errors = problem(buyer.post("/api/v1/campaigns", json=body), 422)["errors"]
    assert {error["field"] for error in errors} == set(body)
    for cost in (1.5, "-1", "1e3", "0.0000001", "١", "1" * 30):
        problem(buyer.post("/api/v1/campaigns", json={"name": "n", "slug": "s", "cost": cost}), 422)


def test_a_slug_is_taken_once_per_host(buyer):
    campaign = make_campaign(buyer)
    problem(buyer.post("/api/v1/campaigns", json={"name": "other", "slug": "sale"}), 409, "conflict")
    make_campaign(buyer, host="go.example.com")
    assert buyer.delete(f"/api/v1/campaigns/{campaign['id']}", headers={"If-Match": "*"}).status_code == 204
    make_campaign(buyer)


@pytest.mark.proves("F60")
def test_hostile_json_is_refused(admin, buyer):
    documents = [
        b'{"name":"a","name":"b"}',
        b'{"name":{"a":1,"a":1}}',
        b"[" * 100_000,
        b'{"name":' * 1000,
        b'{"name":NaN}',
        b'{"position":1e400}',
        b'{"name":"a"} {}',
        b'\xef\xbb\xbf{"name":"a"}',
        '{"name":"a"}'.encode("utf-16"),
        b'{"name":"\xff"}',
        b'{"name":"a\\u0000"}',
        b"{",
        b"",
    ]
    headers = {"Content-Type": "application/json", "Authorization": buyer.headers["Authorization"]}
    for document in documents:
        answer = httpx.post(f"{admin.url}/api/v1/campaigns", content=document, headers=headers, timeout=30)
        assert answer.status_code == 400, document[:50]
        assert answer.json()["code"] == "malformed_json"
    huge = httpx.post(f"{admin.url}/api/v1/campaigns", content=b"x" * 2_000_000, headers=headers, timeout=30)
    assert huge.status_code == 413
    text = httpx.post(f"{admin.url}/api/v1/campaigns", content=b"{}", headers={**headers, "Content-Type": "text/plain"})
    assert text.status_code == 415


@pytest.mark.proves("F64")
def test_query_arguments_are_values_and_never_sql(buyer):
    make_campaign(buyer)
    answer = buyer.get("/api/v1/campaigns", params={"slug": "sale' OR 'a'='a"})
    assert answer.json()["data"] == []
    for name in ("slug;--", "t.slug", "order"):
        problem(buyer.get("/api/v1/campaigns", params={name: "sale"}), 400)
    problem(buyer.get("/api/v1/reports/overview", params={"tz": "UTC'; DROP TABLE config.users"}), 400)
    problem(buyer.get("/api/v1/reports/overview", params={"from": "2026-13-45"}), 400)
