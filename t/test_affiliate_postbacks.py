"""/postback?affiliate_id=...: conversions of affiliates, by the caller's own click id or by ours."""

import re

import httpx
import pytest

from lib.admin_client import made, make_campaign, problem
from lib.tools import click_id
from lib.wait import wait_until

CLICK = "/click?affiliate_id=1&campaign_id=1&click_id=abc123"
CALL = "/postback?affiliate_id=1&click_id=abc123&amount=100&currency=USD"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
INVALID = {"status": "error", "message": "Invalid click"}


@pytest.mark.proves("B9", "B16", "B19", "E7", "E15")
def test_the_printed_call_is_answered_in_the_shape_of_the_specification(nginx):
    nginx.client.get(CLICK)
    answer = nginx.client.get(CALL)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body = answer.json()
    assert TIME.fullmatch(body["data"].pop("timestamp"))
    assert 0 < body["data"].pop("conversion_id") < 2**53
    assert body == {
        "success": True,
        "status": "success",
        "message": "Conversion tracked successfully",
        "verdict": "accepted",
        "data": {"click_id": "abc123", "affiliate_id": 1, "amount": 100, "currency": "USD"},
    }
    assert '"amount":100,' in answer.text
    nginx.wait_recorded(2)


@pytest.mark.proves("E16")
@pytest.mark.parametrize(
    ("kind", "body"),
    [(1, b'{"status":"success","message":"Conversion tracked"}'), (3, b"OK"), (5, b"")],
)
def test_an_affiliate_may_be_answered_in_another_shape(make_nginx, kind, body):
    nginx = make_nginx().start()
    nginx.push(answer=kind)
    nginx.client.get(CLICK)
    answer = nginx.client.get(CALL)
    assert (answer.status_code, answer.content) == (204 if kind == 5 else 200, body)


def test_a_pixel_is_a_picture(make_nginx):
    nginx = make_nginx().start()
    nginx.push(answer=4)
    answer = nginx.client.get(CALL)
    assert answer.headers["content-type"] == "image/gif"
    assert (answer.content[:6], answer.content[-1:]) == (b"GIF89a", b";")


@pytest.mark.proves("E17")
@pytest.mark.parametrize(
    "query",
    ["affiliate_id=1&amount=100", "affiliate_id=1&click_id={click_id}", "affiliate_id=1&click_id=%ff"],
)
def test_what_can_be_no_click_is_answered_with_the_printed_error(nginx, query):
    answer = nginx.client.get(f"/postback?{query}")
    assert (answer.status_code, answer.json()) == (200, INVALID)


def test_a_click_that_is_not_known_yet_is_pending(nginx):
    body = nginx.client.get(CALL).json()
    assert (body["success"], body["status"], body["verdict"]) == (True, "pending", "click_pending")
    assert [item["verdict"] for item in nginx.wait_recorded(1)] == ["click_pending"]


@pytest.mark.proves("A71")
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(204, "accepted"), (300, "latest_click"), (410, "unknown_click"), (404, "click_pending"), (502, "click_pending")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_about_a_click_that_it_does_not_remember_the_edge_asks(make_nginx, answer, verdict, method):
    server = f"location = /tributary/clicks {{ internal; return {answer}; }}"
    nginx = make_nginx(server=server, postback_options="clicks=/tributary/clicks").start()
    nginx.push()
    body = {"affiliate_id": "1", "click_id": "a b&c=☃", "amount": "1"}
    sent = {"params": body} if method == "GET" else {"data": body}
    body = nginx.client.request(method, "/postback", **sent).json()
    assert body == INVALID if verdict == "unknown_click" else body["verdict"] == verdict
    assert [item["verdict"] for item in nginx.wait_recorded(1)] == [verdict]
    assert nginx.client.get("/tributary/clicks").status_code == 404


@pytest.mark.proves("A62")
def test_an_unknown_affiliate_and_a_wrong_secret_look_alike(make_nginx):
    nginx = make_nginx().start()
    nginx.push(partner_auth="token")
    nginx.client.get(CLICK)
    assert nginx.client.get(f"{CALL}&token=secret").json()["verdict"] == "accepted"
    refused = [
        nginx.client.get(path)
        for path in (CALL, f"{CALL}&token=wrong", "/postback?affiliate_id=9&token=secret", "/postback", "/postback/")
    ]
    assert {answer.status_code for answer in refused} == {404}
    assert len({answer.content for answer in refused}) == 1


def test_addresses_may_be_what_is_trusted(make_nginx):
    server = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"
    nginx = make_nginx(server=server).start()
    nginx.push(partner_auth="ip", allowed=["192.0.2.0/24", "2001:db8::7"])

    def status(address):
        return nginx.client.get(CALL, headers={"X-Forwarded-For": address, "X-Real-IP": "192.0.2.1"}).status_code

    allowed = {address: status(address) for address in ("192.0.2.255", "2001:db8::7", "192.0.3.0", "2001:db8::8")}
    assert list(allowed.values()) == [200, 200, 404, 404]
    assert nginx.client.get(CALL, headers={"X-Real-IP": "192.0.2.1"}).status_code == 404


def test_a_network_is_called_as_keitaro_was(make_nginx):
    nginx = make_nginx().start()
    nginx.push(network="k1234567890abcdef", secret="k1234567890abcdef")
    click = click_id(nginx.client.get("/c/c1"))
    path = "/k1234567890abcdef/postback"
    assert nginx.client.get(path, params={"subid": click, "tid": "t-1"}).json()["verdict"] == "accepted"
    assert nginx.client.get(path, params={"subid": click, "tid": "t-2", "token": "wrong"}).status_code == 404
    assert nginx.client.get("/k1234567890abcdeg/postback", params={"subid": click}).status_code == 404
    journal = b"".join(file.read_bytes() for file in nginx.journal_path.rglob("*") if file.is_file())
    nginx.wait_recorded(2)
    assert b"k1234567890abcdef" not in journal


def affiliate(full, **fields):
    return made(full.buyer.post("/api/v1/partners", json={"name": "Ana", **fields}))


def conversions(database, affiliate_id):
    return database.rows(
        "SELECT campaign, revenue::text, postbacks, affiliate, attribution, number <> 0 FROM events.conversions"
        " WHERE key_kind = 3 AND affiliate = " + str(affiliate_id)
    )


def sales(full):
    found = full.buyer.get("/api/v1/reports/overview").json()
    return {row["campaign_id"]: row["sales"] for row in found["campaigns"]}


@pytest.mark.proves("A63", "A71", "B7", "B10", "E3", "E6", "E8", "E13")
def test_a_click_with_the_callers_id_converts_and_is_in_the_report(full, database):
    full.add_edge()
    first, second = make_campaign(full.buyer, "one"), make_campaign(full.buyer, "two")
    owner = affiliate(full, auth="none")["id"]
    full.wait_pushed()
    get = full.nginx.client.get
    for campaign in (first, second):
        assert get(f"/click?affiliate_id={owner}&campaign_id={campaign['id']}&click_id=abc").json()["success"]
    call = f"/postback?affiliate_id={owner}&click_id=abc&amount=12.5&currency=USD"
    assert get(call).json()["verdict"] == "latest_click"
    assert get(call).json()["message"] == "Conversion already tracked"
    stored = [(second["id"], "12.500000", 2, owner, "attributed", True)]
    wait_until(lambda: conversions(database, owner) == stored, "one conversion of the latest click")
    verdicts = database.rows("SELECT verdict FROM events.conversion_history WHERE change = 'created'")
    assert verdicts == [(4,)]
    wait_until(lambda: sales(full).get(second["id"]) == 1, "the report to have it")
    assert database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []


@pytest.mark.proves("A71", "F39")
def test_a_conversion_that_comes_before_its_click_is_stored_waits_and_counts_once(full, database):
    full.add_edge()
    campaign = make_campaign(full.buyer, "one")
    owner = affiliate(full, auth="none")["id"]
    full.wait_pushed()
    other = f"/click?affiliate_id={owner}&campaign_id={campaign['id']}&click_id=other"
    assert full.nginx.client.get(other).json()["success"]
    call = f"/postback?affiliate_id={owner}&click_id=late&amount=3&currency=USD"
    full.admin.program.kill()
    assert full.nginx.client.get(call).json()["status"] == "pending"
    waiting = "SELECT count(*) FROM events.waiting_postbacks WHERE state = 'waiting'"
    wait_until(lambda: database.value(waiting) == 1, "the call to wait")
    assert conversions(database, owner) == []
    wait_until(lambda: database.value("SELECT count(*) FROM events.external_clicks") == 1, "the other click")
    # Another edge had taken the click before, and its journal comes later.
    database.execute(
        "INSERT INTO events.external_clicks (affiliate, campaign, external_click_id, number, click, time, team, batch)"
        " SELECT affiliate, campaign, 'late', number, click, time, team, batch FROM events.external_clicks"
        " WHERE external_click_id = 'other'"
    )
    wait_until(lambda: len(conversions(database, owner)) == 1, "the click to be found")
    assert database.value(waiting) == 0
    full.admin.start()
    wait_until(lambda: sales(full).get(campaign["id"]) == 1, "the report to have it")
    assert database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []


@pytest.mark.proves("A71", "E8", "E17")
def test_clicks_that_the_edge_has_forgotten_are_asked_for(full):
    full.add_edge()
    campaign = make_campaign(full.buyer, "one")
    owner = affiliate(full, auth="none")["id"]
    full.wait_pushed()
    click = f"/click?affiliate_id={owner}&campaign_id={campaign['id']}&click_id=old"
    assert full.nginx.client.get(click).json()["success"]
    full.nginx.stop()
    (full.nginx.run_path / "state").unlink()
    full.nginx.start()
    full.wait_pushed()

    def answer(click, method="GET"):
        names = {"affiliate_id": owner, "click_id": click, "amount": 7}
        where = {"params": names} if method == "GET" else {"json": {**names, "affiliate_id": str(owner)}}
        return full.nginx.client.request(method, "/postback", **where).json()

    for method in ("GET", "POST"):
        wait_until(lambda method=method: answer("never&x=1", method) == INVALID, "everything to be stored", every=0.2)
    wait_until(lambda: answer("old").get("verdict") in ("accepted", "repeated"), "the old click to be found")
    # Another edge may have the click, though nothing of its journals has come yet.
    full.database.execute("INSERT INTO config.edges (number, name, push_url) VALUES (9, 'far', 'unix:/nowhere')")
    assert answer("nowhere")["verdict"] == "click_pending"
    full.database.execute("DELETE FROM config.edges WHERE number = 9")
    full.admin.program.kill()
    assert answer("never")["verdict"] == "click_pending"
    full.admin.start()


def test_strangers_learn_nothing_of_external_clicks(full):
    assert full.nginx.client.get("/tributary/clicks").status_code == 404
    names = {"affiliate": 1, "click_id": "a", "edge": 1, "slots": ""}
    assert httpx.get(f"{full.admin.url}/internal/external-click", params=names).status_code in (404, 410)
    behind = {"X-Real-IP": "192.0.2.1"}
    assert httpx.get(f"{full.admin.url}/internal/external-click", params=names, headers=behind).status_code == 403


@pytest.mark.proves("B10")
def test_a_click_of_another_affiliate_stays_its_owners(full, database):
    full.add_edge()
    campaign = make_campaign(full.buyer, "one", landing_url="https://shop.example.com/")
    owner, other = affiliate(full)["id"], affiliate(full, name="Ben", auth="none")["id"]
    link = made(full.buyer.post("/api/v1/links", json={"campaign_id": campaign["id"], "partner_id": owner}))
    full.wait_pushed()
    click = full.nginx.client.get(f"/r/{link['code']}").headers["location"].split("click_id=")[1]
    call = f"/postback?affiliate_id={other}&click_id={click}&amount=3&currency=USD"
    assert full.nginx.client.get(call).json()["verdict"] == "accepted"
    wait_until(lambda: len(conversions(database, owner)) == 1, "the owner of the link to have it")
    assert conversions(database, other) == []


@pytest.mark.proves("B6", "E5", "E20", "A69")
def test_a_partner_has_a_secret_from_the_start_and_a_postback_url(full):
    full.add_edge()
    campaign = make_campaign(full.buyer, "one")
    partner = affiliate(full)
    assert partner["postback_url"] == (
        f"/postback?affiliate_id={partner['id']}&click_id={{click_id}}&amount={{amount}}&currency={{currency}}"
        "&token={token}"
    )
    full.wait_pushed()
    values = {"{click_id}": "a1", "{amount}": "5", "{currency}": "EUR", "{token}": partner["secret"]}
    url = partner["postback_url"]
    for macro, value in values.items():
        url = url.replace(macro, value)
    full.nginx.client.get(f"/click?affiliate_id={partner['id']}&campaign_id={campaign['id']}&click_id=a1")
    assert full.nginx.client.get(url).json()["verdict"] == "accepted"
    path = f"/api/v1/partners/{partner['id']}"
    rotated = made(full.buyer.post(f"{path}/secrets", json={"grace_s": 0}))["secret"]
    full.wait_pushed()
    assert full.nginx.client.get(url).status_code == 404
    assert full.nginx.client.get(url.replace(partner["secret"], rotated)).status_code == 200
    assert "secret" not in full.buyer.get(path).json()
    changed = full.buyer.patch(
        path, json={"auth": "ip", "allowed_addresses": ["127.0.0.0/8"], "answer": "plain"}, headers={"If-Match": "*"}
    ).json()
    assert (changed["allowed_addresses"], changed["postback_url"].endswith("{currency}")) == (["127.0.0.0/8"], True)
    full.wait_pushed()
    assert full.nginx.client.get(changed["postback_url"].replace("{click_id}", "a1").replace("{amount}", "5")).text


@pytest.mark.parametrize("addresses", [["10.0.0.0/33"], ["x"], [7], "10.0.0.1", ["10.0.0.1-10.0.0.9"]])
def test_addresses_that_are_none_are_refused(buyer, addresses):
    answer = buyer.post("/api/v1/partners", json={"name": "Ana", "auth": "ip", "allowed_addresses": addresses})
    assert "allowed_addresses" in [error["field"] for error in problem(answer, 422)["errors"]]


def late_click(full, database, **fields):
    """An affiliate with a click called `other`, and calls about clicks that nobody knows wait: admin-api is away."""
    full.add_edge()
    campaign = make_campaign(full.buyer, "one")
    owner = affiliate(full, auth="none", **fields)["id"]
    full.wait_pushed()
    other = f"/click?affiliate_id={owner}&campaign_id={campaign['id']}&click_id=other"
    assert full.nginx.client.get(other).json()["success"]
    wait_until(lambda: database.value("SELECT count(*) FROM events.external_clicks") == 1, "the other click")
    return owner


def click_comes(database, *names):
    """Another edge had taken these clicks before, and its journal comes later."""
    for name in names:
        database.execute(
            "INSERT INTO events.external_clicks"
            " (affiliate, campaign, external_click_id, number, click, time, team, batch)"
            f" SELECT affiliate, campaign, '{name}', number, click, time, team, batch FROM events.external_clicks"
            " WHERE external_click_id = 'other'"
        )


BEFORE = """
INSERT INTO events.ingestion_errors (journal, position, next_position, batch, kind, reason, bytes, state)
SELECT journal, position, position + 1, 0, 'postback', 'rejected', '', 'redriven'
FROM events.waiting_postbacks WHERE click_text = 'poison'
"""


@pytest.mark.proves("A28", "A71")
@pytest.mark.parametrize("redriven_before", [False, True])
def test_a_waiting_postback_that_postgresql_refuses_holds_up_no_other_and_becomes_a_dead_letter(
    full, database, redriven_before
):
    owner = late_click(full, database)
    database.execute("ALTER TABLE events.conversions ADD CONSTRAINT poison CHECK (transaction <> 'poison')")
    full.admin.program.kill()
    for name in ("poison", "sound"):
        call = f"/postback?affiliate_id={owner}&click_id={name}&amount=3&currency=USD&txid={name}"
        assert full.nginx.client.get(call).json()["status"] == "pending"
    waiting = "SELECT count(*) FROM events.waiting_postbacks WHERE state = 'waiting'"
    wait_until(lambda: database.value(waiting) == 2, "the calls to wait")
    if redriven_before:
        database.execute(BEFORE)
    click_comes(database, "poison", "sound")
    wait_until(lambda: len(conversions(database, owner)) == 1, "the sound one to count", 20)
    errors = "SELECT kind, reason, state FROM events.ingestion_errors"

    def given_up():
        database.execute("UPDATE events.waiting_postbacks SET next_attempt_at = now() WHERE state = 'waiting'")
        return database.rows(errors) == [("waiting_postback", "refused", "open")]

    wait_until(given_up, "the other one to be given up", 40)
    assert "poison" in database.value("SELECT detail FROM events.ingestion_errors")
    kept = (
        "SELECT e.bytes = w.event FROM events.ingestion_errors AS e JOIN events.waiting_postbacks AS w USING (position)"
    )
    assert database.rows(kept) == [(True,)]
    assert database.rows("SELECT state, failures FROM events.waiting_postbacks") == [("refused", 5)]

    database.execute("ALTER TABLE events.conversions DROP CONSTRAINT poison")
    full.admin.start()
    error = database.value("SELECT id FROM events.ingestion_errors")
    assert full.root.post(f"/api/v1/ingestion-errors/{error}/redrive").status_code == 202
    wait_until(lambda: len(conversions(database, owner)) == 2, "the redriven one to count", 20)
    assert database.value("SELECT state FROM events.ingestion_errors") == "redriven"
    assert database.value("SELECT count(*) FROM events.waiting_postbacks") == 0
    assert database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []


@pytest.mark.proves("A68", "A71")
def test_a_quarantined_call_of_an_affiliate_is_redriven(full, database):
    owner = late_click(full, database)
    call = f"/postback?affiliate_id={owner}&amount=3&currency=USD&click_id="
    names = []

    def refused():
        names.append(f"late-{len(names)}")
        return full.nginx.client.get(call + names[-1]).json() == INVALID

    wait_until(refused, "the edge to be sure that there is no such click", every=0.2)
    late = f"SELECT conversion_id FROM events.postbacks WHERE verdict >= 64 AND click_text = '{names[-1]}'"
    wait_until(lambda: database.rows(late), "the call in quarantine")
    click_comes(database, names[-1])
    redrives = "/api/v1/postback-redrives"
    tried = full.buyer.post(redrives, json={"affiliate_id": owner, "dry_run": True}).json()
    verdicts = {(item["old_verdict"], item["new_verdict"]) for item in tried["calls"]}
    assert verdicts == {("unknown_click", "click_pending")}
    chosen = {"postback_ids": [database.value(late)]}
    assert full.buyer.post(redrives, json={**chosen, "affiliate_id": owner}).json()["queued"] == 1
    wait_until(lambda: len(conversions(database, owner)) == 1, "the redriven call to count", 20)
    assert full.buyer.post(redrives, json=chosen).json()["judged"] == 0
    assert full.buyer.post(redrives, json={"affiliate_id": owner + 1}).json()["judged"] == 0
    assert database.rows("SELECT * FROM events.rollup_corrections('2020-01-01', '2100-01-01')") == []
