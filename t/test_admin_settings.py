"""Settings of the whole installation: the trafficback that comes last."""

import pytest

from lib.admin_client import compile_problems, make_campaign, problem

PATH = "/api/v1/settings"
LAST = "https://last.example/?from={campaign_id}"
BY_HAND = """
INSERT INTO config.settings (key, content) VALUES ('trafficback', to_jsonb(%s::text))
ON CONFLICT (key) DO UPDATE SET content = excluded.content
"""


def change(root, version="*", **fields):
    return root.patch(PATH, json=fields, headers={"If-Match": version})


def test_visitors_nobody_has_a_url_for_go_where_the_administrator_says(full):
    campaign = make_campaign(full.buyer)
    assert change(full.root, trafficback=LAST).json()["trafficback"] == LAST
    full.add_edge()
    full.wait_pushed()
    answer = full.nginx.client.get("/c/sale")
    assert answer.headers["location"].split("&")[0] == f"https://last.example/?from={campaign['id']}"


def test_settings_are_changed_by_who_saw_them_and_kept_in_the_audit_log(root):
    empty = root.get(PATH)
    assert empty.json() == {"trafficback": None, "version": 0}
    problem(root.patch(PATH, json={"trafficback": LAST}), 428)
    first = change(root, empty.headers["etag"], trafficback=LAST)
    problem(change(root, empty.headers["etag"], trafficback=None), 412)
    cleared = change(root, first.headers["etag"], trafficback=None)
    assert (cleared.json()["trafficback"], root.get(PATH).json()) == (None, cleared.json())
    assert compile_problems(root) == []
    logged = root.get("/api/v1/audit-log", params={"entity": "settings"}).json()["data"]
    assert LAST in [entry["new_content"]["trafficback"] for entry in logged]


@pytest.mark.parametrize("url", ["ftp://x.example/", "https://x.example/{clikid}", "", 7])
def test_a_trafficback_that_cannot_be_compiled_is_refused(root, url):
    refused = problem(change(root, trafficback=url), 422)
    assert [error["field"] for error in refused["errors"]] == ["trafficback"]
    problem(change(root, other=1), 422)


def test_settings_are_for_administrators(buyer):
    problem(buyer.get(PATH), 403)
    problem(change(buyer, trafficback=LAST), 403)


def test_a_trafficback_that_was_broken_by_hand_is_left_out_and_named_and_holds_up_nothing(full, database):
    full.add_edge()
    database.execute(BY_HAND, "https://last.example/{clikid}")
    make_campaign(full.buyer, trafficback="https://own.example/")
    full.wait_pushed()
    assert full.nginx.client.get("/c/sale").headers["location"].startswith("https://own.example/")
    (left_out,) = compile_problems(full.root)
    assert (left_out["entity"], left_out["field"]) == ("settings", "trafficback")
    assert left_out["reason"].endswith("published without it")
