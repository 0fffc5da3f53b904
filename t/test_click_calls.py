"""/click: an affiliate reports a click under an id of its own and gets JSON; the same id again is no second click."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from lib.wait import wait_until

CALL = "/click?affiliate_id=1&campaign_id=1&click_id=abc123"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MAX_EXACT = 2**53 - 1


@pytest.mark.proves("B15", "B19", "E14")
def test_a_click_is_recorded_and_answered_in_the_shape_of_the_specification(nginx):
    answer = nginx.client.get(CALL)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    time = body["data"].pop("timestamp")
    assert TIME.fullmatch(time)
    assert body == {
        "success": True,
        "message": "Click tracked successfully",
        "data": {"click_id": "abc123", "affiliate_id": 1, "campaign_id": 1},
    }
    [click] = nginx.wait_recorded(1)
    assert (click["type"], click["external"], click["affiliate"], click["reason"]) == ("click", "abc123", 1, "direct")
    assert 0 < click["number"] <= MAX_EXACT


@pytest.mark.proves("B13")
def test_the_same_click_id_gets_the_same_answer_and_is_no_second_click(nginx):
    first = nginx.client.get(CALL)
    assert {nginx.client.get(CALL + f"&sub1={n}").content for n in range(20)} == {first.content}
    nginx.reload()
    assert nginx.client.get(CALL).content == first.content
    nginx.upgrade()
    assert nginx.client.get(CALL).content == first.content
    nginx.client.get("/click?affiliate_id=1&campaign_id=1&click_id=other")
    assert sorted(click["external"] for click in nginx.wait_recorded(2)) == ["abc123", "other"]


@pytest.mark.proves("B13")
def test_a_click_id_is_unique_for_affiliate_and_campaign_only(make_nginx):
    nginx = make_nginx().start()
    nginx.push(campaigns=2)
    nginx.client.get(CALL)
    nginx.client.get("/click?affiliate_id=1&campaign_id=2&click_id=abc123")
    nginx.client.get("/click?affiliate_id=1&campaign_id=1&click_id=ABC123")
    assert len(nginx.wait_recorded(3)) == 3


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("", 400, "affiliate_id must be a whole number"),
        ("affiliate_id=x&campaign_id=1&click_id=a", 400, "affiliate_id must be a whole number"),
        ("affiliate_id=1&campaign_id=1e3&click_id=a", 400, "campaign_id must be a whole number"),
        ("affiliate_id=1&campaign_id=1", 400, "click_id is missing"),
        ("affiliate_id=1&campaign_id=1&click_id=%00", 400, "click_id must be text in UTF-8 without NUL"),
        ("affiliate_id=1&campaign_id=1&click_id=%ff%fe", 400, "click_id must be text in UTF-8 without NUL"),
        ("affiliate_id=1&campaign_id=1&click_id={click_id}", 400, "click_id is a macro that was not filled in"),
        ("affiliate_id=1&campaign_id=1&click_id=" + "x" * 1025, 400, "click_id must have 1 to 1024 bytes"),
        ("affiliate_id=9&campaign_id=1&click_id=a", 404, "Invalid affiliate"),
        ("affiliate_id=2&campaign_id=1&click_id=a", 404, "Invalid affiliate"),
        ("affiliate_id=3&campaign_id=1&click_id=a", 404, "Invalid campaign"),
        ("affiliate_id=1&campaign_id=9&click_id=a", 404, "Invalid campaign"),
    ],
)
def test_what_is_no_click_is_refused_and_not_recorded(nginx, query, status, message):
    answer = nginx.client.get(f"/click?{query}")
    assert answer.status_code == status
    assert answer.json() == {"success": False, "status": "error", "message": message}
    nginx.client.get(CALL)
    assert [item["external"] for item in nginx.wait_recorded(1)] == ["abc123"]


def test_a_paused_campaign_takes_no_calls(make_nginx):
    nginx = make_nginx().start()
    nginx.push(state="paused")
    assert nginx.client.get(CALL).status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_only_get_records(nginx, method):
    answer = nginx.client.request(method, CALL)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_before_the_first_configuration_the_caller_is_asked_to_come_again(make_nginx):
    answer = make_nginx().start().client.get(CALL)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["message"] == "Try again later"


def test_click_ids_from_the_caller_come_back_as_they_were(nginx):
    for sent in ('"quotes"', "a\\b", "</script>", "naïve ☃", "a b+c&d", "x" * 1024):
        answer = nginx.client.get("/click", params={"affiliate_id": 1, "campaign_id": 1, "click_id": sent})
        assert answer.json()["data"]["click_id"] == sent


@pytest.mark.proves("B13", "B15", "E2", "E6")
def test_postgresql_has_the_last_word_on_what_is_one_click(stack, database):
    nginx = stack.nginx
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: httpx.get(nginx.url + CALL).json()["success"], range(40)))
    assert all(answers)
    # Without its memory the edge takes the call for a new one.
    nginx.stop()
    (nginx.run_path / "state").unlink()
    nginx.start()
    nginx.push()
    assert nginx.client.get(CALL).json()["success"]
    nginx.client.get("/click?affiliate_id=1&campaign_id=1&click_id=last")
    rows = wait_until(
        lambda: len(found := database.rows("SELECT click_id FROM affiliate.clicks ORDER BY 1")) == 2 and found,
        "both clicks in PostgreSQL",
    )
    assert [row[0] for row in rows] == ["abc123", "last"]
    clicks = database.rows("SELECT count(*), count(*) FILTER (WHERE labels & 32 = 0) FROM events.clicks")[0]
    assert clicks[0] > clicks[1] == 2
    wait_until(
        lambda: database.rows("SELECT sum(clicks) FROM events.campaign_facts") == [(2,)], "a rollup of two clicks"
    )
    assert database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []
