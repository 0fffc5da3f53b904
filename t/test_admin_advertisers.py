"""Advertisers over the API: what they are, and the keys and secrets that their servers prove themselves with."""

import hashlib

import pytest

from lib.admin_client import connect, made, make_campaign, make_team, problem


@pytest.fixture
def advertiser(buyer):
    return made(buyer.post("/api/v1/advertisers", json={"name": "Brand"}))


@pytest.mark.proves("C9", "C61", "C108", "C110")
def test_an_advertiser_begins_with_the_documented_settings_and_can_be_switched_off(buyer, advertiser):
    assert advertiser["matchers"] == ["coupon", "ref_code", "landing_url", "referrer", "click_id"]
    settings = ("state", "currency", "window_days", "hmac_required", "hmac_tolerance_s")
    assert [advertiser[name] for name in settings] == ["active", "USD", 30, False, 300]
    path = f"/api/v1/advertisers/{advertiser['id']}"
    assert buyer.patch(path, json={"state": "inactive"}, headers={"If-Match": "*"}).json()["state"] == "inactive"
    fields = {"matchers": ["coupon", "coupon"], "window_days": 0, "state": "paused", "currency": "dollars"}
    errors = problem(buyer.patch(path, json=fields, headers={"If-Match": "*"}), 422)["errors"]
    assert sorted(error["field"] for error in errors) == sorted(fields)
    for wrong in ("coupon", ["stars"], [7], None):
        problem(buyer.patch(path, json={"matchers": wrong}, headers={"If-Match": "*"}), 422)
    assert buyer.patch(path, json={"matchers": []}, headers={"If-Match": "*"}).json()["matchers"] == []


@pytest.mark.proves("C115")
def test_a_campaign_belongs_to_an_advertiser_of_its_team(admin, root, buyer, advertiser):
    campaign = make_campaign(buyer, advertiser_id=advertiser["id"])
    assert campaign["advertiser_id"] == advertiser["id"]
    listed = buyer.get("/api/v1/campaigns", params={"advertiser_id": advertiser["id"]}).json()["data"]
    assert [item["id"] for item in listed] == [campaign["id"]]
    blue = make_team(admin, root, "blue")[1]
    refused = problem(
        blue.post("/api/v1/campaigns", json={"name": "x", "slug": "x", "advertiser_id": advertiser["id"]}), 422
    )
    assert [error["field"] for error in refused["errors"]] == ["advertiser_id"]


@pytest.mark.proves("C36", "C57", "C75", "C109", "C111")
def test_a_key_is_shown_once_kept_as_a_hash_rotated_with_grace_and_revoked(buyer, advertiser, database):
    path = f"/api/v1/advertisers/{advertiser['id']}/keys"
    first = made(buyer.post(path, json={"name": "shop"}))
    beside = made(buyer.post(path))
    listed = buyer.get(path).json()["data"]
    assert [(key["id"], key["prefix"], key["expires_at"]) for key in listed] == [
        (key["id"], key["key"][:17], None) for key in (first, beside)
    ]
    kept = database.rows("SELECT row_to_json(k)::text FROM config.api_keys AS k ORDER BY id")
    assert hashlib.sha256(first["key"].encode()).hexdigest() in kept[0][0]
    assert first["key"] not in str(kept)

    rotated = made(buyer.post(path, json={"grace_s": 3600}))
    ends = {key["id"]: key["expires_at"] for key in buyer.get(path).json()["data"]}
    assert ends[first["id"]] is not None
    assert ends[beside["id"]] == ends[first["id"]]
    assert ends[rotated["id"]] is None
    assert buyer.delete(f"{path}/{rotated['id']}").status_code == 204
    assert buyer.get(path).json()["data"][2]["revoked_at"] is not None
    problem(buyer.delete(f"{path}/{rotated['id']}"), 404)
    problem(buyer.post(path, json={"grace_s": -1, "user": 1}), 422)


def test_a_key_is_not_shown_to_who_repeats_the_request(buyer, advertiser):
    path = f"/api/v1/advertisers/{advertiser['id']}/keys"
    first, again = (buyer.post(path, headers={"Idempotency-Key": "one"}).json() for _ in range(2))
    assert (again["id"], again["key"]) == (first["id"], None)
    assert len(buyer.get(path).json()["data"]) == 1


@pytest.mark.proves("C37", "C76")
def test_a_secret_of_signatures_is_made_or_brought_and_the_one_before_it_ends(buyer, advertiser):
    path = f"/api/v1/advertisers/{advertiser['id']}/hmac-secrets"
    assert len(made(buyer.post(path))["secret"]) == 32
    brought = made(buyer.post(path, json={"secret": "adv_secret_0123456789abcdef", "grace_s": 60}))
    assert brought["secret"] == "adv_secret_0123456789abcdef"
    before, now = buyer.get(path).json()["data"]
    assert (before["expires_at"] is not None, now["expires_at"]) == (True, None)
    assert "secret" not in now
    problem(buyer.post(path, json={"secret": "short"}), 422)
    assert buyer.delete(f"{path}/{before['id']}").status_code == 204
    assert [item["id"] for item in buyer.get(path).json()["data"]] == [brought["id"]]


def test_keys_of_an_advertiser_do_not_open_the_api(admin, buyer, advertiser):
    key = made(buyer.post(f"/api/v1/advertisers/{advertiser['id']}/keys"))["key"]
    problem(connect(admin, **{"X-API-KEY": key}).get("/api/v1/campaigns"), 401)
