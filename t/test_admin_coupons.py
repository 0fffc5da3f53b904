"""Coupons over the API: made by the thousand, unique whoever makes them, ended, replaced, exported and imported."""

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.admin_client import made, make_campaign, problem


class Brand:
    def __init__(self, buyer):
        self.buyer = buyer
        advertiser = made(buyer.post("/api/v1/advertisers", json={"name": "Brand"}))
        self.campaign = make_campaign(buyer, advertiser_id=advertiser["id"])
        self.partner = made(buyer.post("/api/v1/partners", json={"name": "Ana", "kind": "influencer"}))
        self.owned = {"campaign_id": self.campaign["id"], "partner_id": self.partner["id"]}

    def generate(self, **fields):
        return self.buyer.post("/api/v1/coupons/generate", json={**self.owned, **fields})

    def coupons(self, **filters):
        return self.buyer.get("/api/v1/coupons", params=filters).json()["data"]

    def upload(self, text, **query):
        query = {"campaign_id": self.campaign["id"], **query}
        headers = {"Content-Type": "text/csv"}
        return self.buyer.post("/api/v1/coupons/import", params=query, content=text, headers=headers)


@pytest.fixture
def brand(buyer):
    return Brand(buyer)


@pytest.mark.proves("C2", "C15", "C16", "C17", "C18", "C21", "C23", "C123", "C161")
def test_coupons_are_made_in_the_form_that_was_asked_for(brand):
    made_codes = made(brand.generate(count=50, prefix="ANA-", length=6, valid_until="2030-01-01T00:00:00.000000Z"))
    assert made_codes["created"] == len(set(made_codes["codes"])) == 50
    assert all(re.fullmatch("ANA-[A-HJKMNP-Z2-9]{6}", code) for code in made_codes["codes"])
    [one] = brand.coupons(code=made_codes["codes"][0])
    owned = (one["campaign_id"], one["partner_id"], one["advertiser_id"], one["state"], one["valid_until"])
    advertiser = brand.campaign["advertiser_id"]
    assert owned == (brand.campaign["id"], brand.partner["id"], advertiser, "active", "2030-01-01T00:00:00.000000Z")
    digits = made(brand.generate(count=3, length=12, alphabet="0123456789"))["codes"]
    assert all(re.fullmatch("[0-9]{12}", code) for code in digits)


@pytest.mark.proves("C19")
def test_a_coupon_without_a_partner_is_generic(brand):
    [code] = made(brand.generate(count=1, partner_id=None))["codes"]
    assert [coupon["partner_id"] for coupon in brand.coupons(code=code)] == [None]


@pytest.mark.proves("C78")
def test_what_cannot_be_made_is_refused_with_its_field(brand):
    wrong = {"count": 0, "length": 2, "alphabet": "AAB", "prefix": "ä", "colour": 1}
    errors = problem(brand.generate(**wrong), 422)["errors"]
    assert sorted(error["field"] for error in errors) == sorted(wrong)
    few = problem(brand.generate(count=1000, length=4, alphabet="AB"), 422)["errors"]
    assert [error["field"] for error in few] == ["length"]
    bare = make_campaign(brand.buyer, "bare")
    refused = problem(brand.generate(count=1, campaign_id=bare["id"]), 422)["errors"]
    assert [error["field"] for error in refused] == ["campaign_id"]


@pytest.mark.proves("C20")
def test_codes_are_unique_without_regard_to_case_whoever_makes_them(brand):
    path = "/api/v1/coupons"
    made(brand.buyer.post(path, json={**brand.owned, "code": "SUMMER"}))
    problem(brand.buyer.post(path, json={**brand.owned, "code": "summer"}), 409)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(brand.generate, count=16, length=4, alphabet="ABCDE") for _ in range(8)]
        answers = [call.result() for call in calls]
    codes = [code for answer in answers for code in made(answer)["codes"]]
    assert len(codes) == len(set(codes)) == 128
    with ThreadPoolExecutor(8) as pool:
        same = [pool.submit(brand.buyer.post, path, json={**brand.owned, "code": "SAME"}) for _ in range(8)]
        statuses = sorted(call.result().status_code for call in same)
    assert statuses == [201] + [409] * 7


@pytest.mark.proves("C22", "C63")
def test_a_coupon_is_invalidated_and_another_one_replaced_and_both_keep_their_history(brand, database):
    first, second = made(brand.generate(count=2))["codes"]
    [one], [two] = brand.coupons(code=first), brand.coupons(code=second)
    path = f"/api/v1/coupons/{one['id']}"
    assert brand.buyer.delete(path, headers={"If-Match": "*"}).status_code == 204
    ended = brand.buyer.get(path).json()
    assert (ended["state"], ended["ended_at"] is not None) == ("invalidated", True)
    problem(brand.buyer.post(f"{path}/regenerate"), 409)
    new = made(brand.buyer.post(f"/api/v1/coupons/{two['id']}/regenerate", json={"prefix": "NEW-"}))
    assert new["code"].startswith("NEW-")
    same = ("campaign_id", "partner_id", "advertiser_id", "valid_from", "valid_until")
    assert {name: new[name] for name in same} == {name: two[name] for name in same}
    old = brand.buyer.get(f"/api/v1/coupons/{two['id']}").json()
    assert (old["state"], old["replaced_by"], old["code"]) == ("replaced", new["id"], second)
    known = "SELECT code, valid_until IS NULL FROM events.known_coupons ORDER BY code"
    assert dict(database.rows(known)) == {first: False, second: False, new["code"]: True}


@pytest.mark.proves("C51")
def test_coupons_go_out_as_csv_and_come_back(brand):
    made(brand.buyer.post("/api/v1/coupons", json={**brand.owned, "code": "-MINUS"}))
    made(brand.generate(count=3, partner_id=None))
    answer = brand.buyer.get("/api/v1/coupons/export", params={"campaign_id": brand.campaign["id"]})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 4
    assert rows[0]["code"] == "'-MINUS"
    assert (rows[0]["partner_id"], rows[1]["partner_id"]) == (str(brand.partner["id"]), "")

    text = 'code,partner_id,valid_until\r\n\'-PLUS,,\r\n"HELLO",' + str(brand.partner["id"]) + ",2030-01-01T00:00:00Z\n"
    assert made(brand.upload(text)) == {"created": 2}
    [hello] = brand.coupons(code="HELLO")
    assert (hello["partner_id"], hello["valid_until"]) == (brand.partner["id"], "2030-01-01T00:00:00.000000Z")
    assert [coupon["partner_id"] for coupon in brand.coupons(code="-PLUS")] == [None]


@pytest.mark.proves("C51")
def test_an_export_is_in_the_order_in_which_its_pages_follow_each_other(brand):
    made(brand.generate(count=12))
    rows = csv.DictReader(io.StringIO(brand.buyer.get("/api/v1/coupons/export").text))
    ids = [int(row["id"]) for row in rows]
    assert (len(ids), ids) == (12, sorted(ids))


@pytest.mark.proves("C20", "C78")
def test_an_import_is_whole_or_nothing(brand):
    made(brand.upload("code\nTAKEN\n"))
    errors = problem(brand.upload("code\nFREE-1\ntaken\nFREE-2\nfree-1\n"), 409)["errors"]
    assert [error["field"] for error in errors] == ["row 2", "row 4"]
    wrong = problem(brand.upload("code,partner_id,valid_from\nx,,\nGOOD,ana,\nGOOD2,,tomorrow\n"), 422)["errors"]
    assert [error["field"] for error in wrong] == ["row 1", "row 2", "row 3"]
    for text in ("", 'code\n"open', "name\nx\n", "code,code\na,b\n"):
        assert brand.upload(text).status_code in (400, 422)
    assert len(brand.coupons()) == 1


@pytest.mark.proves("C12", "C26", "C119", "C126")
def test_who_is_assigned_to_a_campaign_has_a_tracking_link(brand):
    path = f"/api/v1/campaigns/{brand.campaign['id']}/partners"
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(brand.buyer.post, path, json={"partner_id": brand.partner["id"]}) for _ in range(4)]
        answers = [call.result() for call in calls]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    [link] = brand.buyer.get("/api/v1/links").json()["data"]
    assert {answer.json()["code"] for answer in answers} == {link["code"]}
    assert (link["campaign_id"], link["partner_id"]) == (brand.campaign["id"], brand.partner["id"])
    [assigned] = brand.buyer.get(path).json()["data"]
    assert (assigned["partner_id"], assigned["link_codes"]) == (brand.partner["id"], [link["code"]])
    problem(brand.buyer.post(path, json={"partner_id": 999}), 422)
    assert brand.buyer.delete(f"{path}/{brand.partner['id']}").status_code == 204
    problem(brand.buyer.delete(f"{path}/{brand.partner['id']}"), 404)
    assert brand.buyer.get(path).json()["data"] == []


@pytest.mark.proves("C20")
def test_more_coupons_than_one_statement_makes_are_made_in_one_call(brand, database):
    answer = brand.buyer.post("/api/v1/coupons/generate", json={**brand.owned, "count": 20_000}, timeout=120)
    assert made(answer)["created"] == 20_000
    assert database.value("SELECT count(DISTINCT code) FROM events.known_coupons") == 20_000
