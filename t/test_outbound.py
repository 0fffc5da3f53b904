"""Outbound postbacks: queued with the conversion, sent until the peer accepts, never twice without need."""

import random
import ssl
import subprocess
import threading
from collections import Counter

import psycopg.types.json
import pytest

from lib.admin_client import made, make_campaign, problem
from lib.full_stack import FullStack, joined
from lib.ingestor import Ingestor
from lib.ingestor_bench import Bench, sale
from lib.target import Target
from lib.tools import click_id
from lib.wait import wait_until

TEAM = "11111111-1111-1111-1111-111111111111"
OUTBOUND = {
    "outbound": [
        'allowed_addresses: "127.0.0.1"',
        "timeout_ms: 1000",
        'retry_waits_s: "0 0 1"',
        "pause_s: 1",
    ]
}
PER_HOST = 4  # postbacks on their way to one peer, unless the settings say otherwise
LEAD, SALE, REJECTED, REBILL = 1, 2, 3, 5
INSERT = """
INSERT INTO events.known_outbound_templates
  (template, team, active, source, campaign, partner, method, url, host, body, content_type, headers,
   statuses, events, share_percent, payout_percent, success_status, success_substring)
VALUES (%s, %s, true, 0, %s, 0, %s, %s, %s, %s, %s, %s, %s::smallint[], '{}', %s, %s, '[200,300)', %s)
"""


def peer():
    server = Target()
    server.url_template = server.url + "/in?ext={external_id}&tid={tid}&st={status}&pay={payout}&key={idempotency_key}"
    return server


@pytest.fixture
def target():
    server = peer()
    yield server
    server.close()


@pytest.fixture
def bench(workspace, database):
    ready = Bench(workspace, database)
    ready.ingestor.settings.write_text(joined(ready.ingestor.settings.read_text(), OUTBOUND))
    yield ready
    ready.ingestor.kill()


def template(bench, target, number=1, **fields):
    defaults = {
        "template": number,
        "team": TEAM,
        "campaign": 0,
        "method": "GET",
        "url": target.url_template,
        "host": f"127.0.0.1:{target.port}",
        "body": None,
        "content_type": None,
        "headers": {},
        "statuses": [SALE],
        "share": 100,
        "payout": 100,
        "substring": None,
    }
    values = {**defaults, **fields}
    values["headers"] = psycopg.types.json.Jsonb(values["headers"])
    bench.database.execute(INSERT, *values.values())


def change(bench, old, new):
    """Of the ingestor's settings."""
    text = bench.ingestor.settings.read_text()
    assert old in text
    bench.ingestor.settings.write_text(text.replace(old, new))


def states(bench):
    return dict(bench.database.rows("SELECT state, count(*)::integer FROM events.outbox GROUP BY state"))


def wait_states(bench, expected, seconds=30):
    wait_until(lambda: states(bench) == expected, lambda: f"{expected} in the outbox, not {states(bench)}", seconds)


def transactions(target):
    return sorted(path.split("tid=")[1].split("&")[0] for path in target.asked)


@pytest.mark.proves("A67")
def test_a_sale_is_passed_on_once_whatever_is_stored_again(bench, target):
    template(bench, target)
    bench.write("clicks 10 1", sale(1, "t1"), sale(2, "t2"), sale(2, "t2"), "postback 3 t3 1 500000")
    bench.ingestor.start()
    wait_states(bench, {"sent": 2})
    bench.write("clicks 1 1", sale(0, "t2"), slot=1)  # the network calls again
    bench.wait_for_counts(11, 5, 3)
    wait_until(
        lambda: bench.database.value("SELECT min(attribution) FROM events.conversions") == "attributed", "clicks"
    )
    assert states(bench) == {"sent": 2}
    assert transactions(target) == ["t1", "t2"]
    (path,) = [path for path in target.asked if "tid=t1" in path]
    assert "&st=sale&pay=1.5&key=" in path
    key = path.split("key=")[1]
    assert [headers["Idempotency-Key"] for headers in target.headers if headers["Idempotency-Key"] == key] == [key]
    attempts = bench.database.rows("SELECT status, error, url LIKE '%/in?ext=%' FROM events.outbox_attempts")
    assert attempts == [(200, None, True)] * 2
    bench.ingestor.stop()


@pytest.mark.proves("A67")
def test_another_status_is_another_postback_and_in_order(bench, target):
    change(bench, '"0 0 1"', '"1 1 1 1 1 1 1 1 1 1 1 1"')
    target.status = 500
    template(bench, target, statuses=[LEAD, SALE, REJECTED])
    bench.ingestor.start()
    bench.write("clicks 5 1", "postback 1 t1 1 0")
    wait_until(lambda: len(target.asked) >= 2, "the lead to be tried twice")
    bench.write("late 1000", sale(0, "t1"), slot=1)
    wait_states(bench, {"queued": 2})
    bench.write("late 2000", "postback 0 t1 3 0", slot=2)
    wait_states(bench, {"queued": 3})
    assert {path.split("st=")[1].split("&")[0] for path in target.asked} == {"lead"}
    target.status = 200
    before = len(target.asked)
    wait_states(bench, {"sent": 3})
    assert [path.split("st=")[1].split("&")[0] for path in target.asked[before:]][-2:] == ["sale", "rejected"]


@pytest.mark.proves("A67")
def test_a_conversion_before_its_click_waits_for_what_the_click_says(bench, target):
    template(bench, target, url=target.url + "/in?geo={country}&city={city}&tid={tid}")
    bench.ingestor.start()
    bench.database.execute("CREATE TABLE hidden AS SELECT * FROM events.clicks WITH NO DATA")
    bench.write("place KZ Almaty", "clicks 2 1")
    bench.wait_for_counts(2)
    bench.database.execute("INSERT INTO hidden SELECT * FROM events.clicks")
    bench.database.execute("DELETE FROM events.clicks")
    ids = bench.database.rows("SELECT id, time FROM hidden ORDER BY id")
    bench.write("clicks 1 1", sale(0, "t1"), slot=1)
    wait_until(lambda: states(bench), "the postback")
    click, time = ids[0]
    bench.database.execute(
        "UPDATE events.conversions SET click = %s, click_time = %s, attribution = 'awaiting_click',"
        " next_attempt_at = now()",
        click,
        time,
    )
    bench.database.execute("DELETE FROM events.outbox")
    assert states(bench) == {}
    bench.database.execute("INSERT INTO events.clicks SELECT * FROM hidden")
    wait_states(bench, {"sent": 1})
    assert target.asked[-1] == "GET /in?geo=KZ&city=Almaty&tid=t1"


@pytest.mark.proves("A67")
def test_a_share_is_withheld_by_the_conversion_and_not_by_chance(bench, target):
    template(bench, target, share=30, payout=50)
    bench.write("clicks 400 1", *[sale(n, f"t{n}") for n in range(400)])
    bench.ingestor.start()
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.outbox") == 400, "400 decisions")
    wait_until(lambda: "queued" not in states(bench), "all to be sent")
    passed = transactions(target)
    assert 80 <= len(passed) <= 160
    assert states(bench) == {"sent": len(passed), "withheld": 400 - len(passed)}
    assert all("pay=0.75&" in path for path in target.asked)
    bench.database.execute("TRUNCATE events.outbox CASCADE")
    bench.database.execute("UPDATE events.conversions SET attribution = 'awaiting_click', next_attempt_at = now()")
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.outbox") == 400, "400 decisions again")
    wait_until(lambda: "queued" not in states(bench), "all to be sent again")
    assert transactions(target) == sorted(passed * 2)


@pytest.mark.proves("A67")
def test_failures_climb_the_ladder_and_are_given_up_with_every_attempt_told(bench, target):
    target.status = 503
    target.text = "busy\0\xff" * 400
    template(bench, target)
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_states(bench, {"failed": 1})
    assert len(target.asked) == 4  # three waits
    attempts = bench.database.rows("SELECT status, error, length(answer) <= 1024 FROM events.outbox_attempts")
    assert attempts == [(503, "answered 503", True)] * 4
    assert "tributary_ingestor_outbound_given_up_total 1" in bench.ingestor.metrics()
    bench.ingestor.stop()


@pytest.mark.proves("A67")
def test_success_is_also_what_the_answer_says(bench, target):
    target.text = "success=false"
    template(bench, target, substring="success=true")
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_until(lambda: len(target.asked) >= 2, "a second try")
    target.text = "xx success=true"
    wait_states(bench, {"sent": 1})


@pytest.mark.proves("A67")
def test_a_peer_that_hangs_is_tried_again(bench, target):
    target.hangs.set()
    template(bench, target)
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    errors = "SELECT error FROM events.outbox_attempts"
    wait_until(lambda: bench.database.rows(errors), "the first attempt to time out")
    assert "timed out" in bench.database.rows(errors)[0][0].lower()
    target.hangs.clear()
    wait_states(bench, {"sent": 1})


@pytest.mark.proves("A67", "F54")
def test_a_post_has_its_body_and_headers_and_values_stay_values(bench, target):
    nasty = 'a"b\\c{payout}&x=1'
    template(
        bench,
        target,
        method="POST",
        url=target.url + "/in/{tid}?q={tid}&f={{click.id}}&g=[zone]",
        body='{"t": "{tid}", "pay": {payout}, "cost": {cost}, "none": {partner_id}, "keep": "{FOREIGN}"}',
        content_type="application/json",
        headers={"X-Token": "abc"},
    )
    template(
        bench, target, 2, method="POST", body="t={tid}&a={payout}", content_type="application/x-www-form-urlencoded"
    )
    bench.write("clicks 1 1", sale(0, nasty))
    bench.ingestor.start()
    wait_states(bench, {"sent": 2})
    encoded = "a%22b%5Cc%7Bpayout%7D%26x%3D1"
    json_call = next(n for n, path in enumerate(target.asked) if path.startswith("POST /in/"))
    assert target.asked[json_call] == f"POST /in/{encoded}?q={encoded}&f={{{{click.id}}}}&g=[zone]"
    assert target.bodies[json_call] == (
        '{"t": "a\\"b\\\\c{payout}&x=1", "pay": 1.5, "cost": 0.01, "none": null, "keep": "{FOREIGN}"}'
    )
    assert target.headers[json_call]["X-Token"] == "abc"
    assert target.bodies[1 - json_call] == f"t={encoded}&a=1.5"


@pytest.mark.proves("F69")
@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:169.254.169.254]", "2130706434", "0x7f000002", "localhost:1"],
)
def test_nothing_is_sent_into_our_own_network(bench, target, host):
    template(bench, target, url=f"http://{host}/latest/meta-data?t={{tid}}", host=host)
    change(bench, '"127.0.0.1"', '"127.0.0.9"')
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_states(bench, {"failed": 1})
    errors = {error for (error,) in bench.database.rows("SELECT error FROM events.outbox_attempts")}
    assert all(error.startswith("refused: ") for error in errors), errors


@pytest.mark.proves("A67")
def test_a_peer_whose_certificate_nobody_vouches_for_gets_nothing(bench, target, workspace):
    key, certificate = workspace.disk / "peer.key", workspace.disk / "peer.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    target.server.socket = context.wrap_socket(target.server.socket, server_side=True)
    template(bench, target, url=f"https://127.0.0.1:{target.port}/in?tid={{tid}}")
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_states(bench, {"failed": 1})
    (error,) = bench.database.rows("SELECT DISTINCT error FROM events.outbox_attempts")
    assert "certificate" in error[0]
    assert target.asked == []


@pytest.mark.proves("F69")
@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:{other}/x", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_redirect_is_a_failure_and_is_not_followed(bench, target, location):
    other = peer()
    target.status = 302
    target.location = location.format(other=other.port)
    template(bench, target)
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_states(bench, {"failed": 1})
    other.close()
    assert other.asked == []
    assert bench.database.rows("SELECT DISTINCT status, error FROM events.outbox_attempts") == [(302, "answered 302")]


def killed_at(bench, point):
    """Start the ingestor so that it dies at `point`, and wait until it has."""
    bench.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"] = point
    bench.ingestor.program.start()
    wait_until(lambda: not bench.ingestor.program.running, f"the ingestor to be killed at {point}")
    del bench.ingestor.program.env["TRIBUTARY_INGESTOR_CRASH_AT"]


@pytest.mark.proves("A67")
@pytest.mark.parametrize("point", ["outbound_claimed", "outbound_answered"])
def test_killed_between_sending_and_recording_only_what_was_on_its_way_comes_again(bench, target, point):
    change(bench, "timeout_ms: 1000", "timeout_ms: 300")
    template(bench, target)
    bench.write("clicks 5 1", *[sale(n, f"t{n}") for n in range(5)])
    killed_at(bench, point)
    lost = transactions(target)
    assert (lost == []) == (point == "outbound_claimed")
    bench.ingestor.start()
    wait_states(bench, {"sent": 5})
    assert transactions(target) == sorted([*(f"t{n}" for n in range(5)), *lost])
    # A repeat says that it is one, and is the same in everything.
    assert len({headers["Idempotency-Key"] for headers in target.headers}) == len(set(target.asked)) == 5
    assert bench.database.value("SELECT count(*) FROM events.outbox_attempts") == 5


@pytest.mark.proves("A67")
def test_kills_at_random_moments_repeat_only_postbacks_whose_answer_was_lost(bench, target):
    change(bench, "timeout_ms: 1000", "timeout_ms: 300")
    template(bench, target)
    dice, kills, sales = random.Random(20261122), 6, 300
    bench.write("clicks 50 1", *[sale(n % 50, f"t{n}") for n in range(sales)])
    recorded = {}  # how often the peer was asked when the answer was known
    for kill in range(kills):
        bench.ingestor.start()
        wanted = sales * (kill + dice.random()) / kills
        wait_until(lambda wanted=wanted: len(target.asked) > wanted, "postbacks to be sent")
        bench.ingestor.kill()
        asked = Counter(transactions(target))
        done = "SELECT transaction FROM events.outbox o JOIN events.conversions c ON c.id = o.conversion"
        for (name,) in bench.database.rows(f"{done} WHERE o.state = 'sent'"):
            recorded.setdefault(name, asked[name])
    bench.ingestor.start()
    wait_states(bench, {"sent": sales})
    asked = Counter(transactions(target))
    assert len(asked) == len(set(target.asked)) == sales
    assert sales <= asked.total() <= sales + kills * PER_HOST
    assert {name: asked[name] for name in recorded} == recorded
    assert bench.database.value("SELECT count(*) FROM events.outbox_attempts") == sales


@pytest.mark.proves("A67")
@pytest.mark.parametrize("point", ["after_copy", "before_commit", "after_commit"])
def test_killed_around_the_commit_every_sale_is_passed_on_once(bench, target, point):
    template(bench, target)
    bench.write("clicks 50 1", *[sale(n, f"t{n}") for n in range(50)])
    killed_at(bench, point)
    bench.ingestor.start()
    wait_states(bench, {"sent": 50})
    assert transactions(target) == sorted(f"t{n}" for n in range(50))


@pytest.mark.proves("A67")
def test_two_ingestors_share_the_work_and_send_each_once(bench, target):
    template(bench, target)
    second = Ingestor(bench.workspace, bench.database, bench.directories, name="second")
    second.settings.write_text(joined(second.settings.read_text(), OUTBOUND))
    bench.ingestor.start()
    second.start()
    try:
        for slot in range(3):
            bench.write("clicks 100 1", *[sale(n, f"t{slot}.{n}") for n in range(100)], slot=slot)
        wait_states(bench, {"sent": 300})
        assert len(target.asked) == len(set(transactions(target))) == 300
        assert target.most_busy <= 2 * PER_HOST
    finally:
        second.stop()


@pytest.mark.proves("A67")
def test_postgresql_goes_away_and_what_was_answered_is_not_sent_again(bench, target, postgres):
    target.hangs.set()
    template(bench, target)
    bench.write("clicks 4 1", *[sale(n, f"t{n}") for n in range(4)])
    bench.ingestor.start()
    wait_until(lambda: len(target.asked) == 4, "four postbacks on their way")
    stopper = threading.Thread(target=postgres.stop)
    stopper.start()
    stopper.join()
    try:
        target.hangs.clear()
        wait_until(lambda: "outbound_connected 0" in bench.ingestor.metrics(), "the sender to notice")
    finally:
        postgres.ensure_running()
    wait_states(bench, {"sent": 4})
    assert transactions(target) == ["t0", "t1", "t2", "t3"]


@pytest.mark.proves("A67")
def test_a_peer_that_fails_again_and_again_is_paused_and_comes_back(bench, target):
    change(bench, "pause_s: 1", "pause_s: 1\n  pause_after: 10")
    change(bench, '"0 0 1"', '"' + "0 " * 20 + '"')
    target.status = 500
    other = peer()
    template(bench, target)
    template(bench, other, 2)
    bench.write("clicks 20 1", *[sale(n, f"t{n}") for n in range(20)])
    bench.ingestor.start()
    wait_until(lambda: bench.database.value("SELECT count(*) FROM events.incidents") == 1, "the alert")
    assert "outbound template 1 is paused" in bench.database.value("SELECT detail FROM events.incidents")
    wait_until(lambda: len(other.asked) == 20, "the other peer to get all of its own")
    assert len(target.asked) <= 20
    wait_until(lambda: "outbound_paused_templates 1" in bench.ingestor.metrics(), "the metric")
    assert "outbound_lag_seconds 0\n" in bench.ingestor.metrics()  # what is paused is not late
    target.status = 200
    wait_states(bench, {"sent": 40})
    paused = bench.database.rows(
        "SELECT failures, paused_until FROM events.known_outbound_templates WHERE template = 1"
    )
    assert paused == [(0, None)]
    other.close()


@pytest.mark.proves("A67")
def test_stopping_waits_for_what_is_on_its_way(bench, target):
    target.hangs.set()
    template(bench, target)
    bench.write("clicks 1 1", sale(0, "t1"))
    bench.ingestor.start()
    wait_until(lambda: target.asked, "the postback on its way")
    release = threading.Timer(0.3, target.hangs.clear)
    release.start()
    bench.ingestor.stop()
    release.join()
    assert states(bench) == {"sent": 1}


SHOP = "https://shop.example.com/?cid={click_id}"
PARAMETERS = [
    {"field": "click_id", "names": ["cid"]},
    {"field": "transaction", "names": ["txid"]},
    {"field": "payout", "names": ["payout"]},
    {"field": "status", "names": ["status"]},
    {"field": "event", "names": ["goal"]},
]


@pytest.fixture
def full(workspace, database):
    stack = FullStack(workspace, database, ingestor_settings=OUTBOUND)
    yield stack
    stack.finish()


def configure(full, **fields):
    """A campaign of a traffic source; returns where postbacks come in, and the source."""
    full.add_edge()
    buyer = full.buyer
    source = made(buyer.post("/api/v1/sources", json={"name": "mgid", "aliases": {"external_id": ["theirs"]}}))
    destination = made(buyer.post("/api/v1/destinations", json={"name": "shop", "url": SHOP}))
    campaign = make_campaign(buyer, "sale", source_id=source["id"])
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    network = made(
        buyer.post("/api/v1/networks", json={"name": "net", "key": "net", "parameters": PARAMETERS, **fields})
    )
    full.wait_pushed()
    return f"/postback/net/{network['secret']}", source


def outbox(full, **arguments):
    return full.buyer.get("/api/v1/outbox", params=arguments).json()["data"]


@pytest.mark.proves("A67")
def test_from_a_template_to_the_traffic_source_and_back_in_the_lists(full, target):
    postback, source = configure(full)
    fields = {"name": "mgid", "source_id": source["id"], "payout_percent": 50}
    url = target.url + "/in?c={external_id}&r={payout}&cid={click_id}&z={sub1}"
    template = made(full.buyer.post("/api/v1/outbound-templates", json={**fields, "url": url}))
    elsewhere = made(full.buyer.post("/api/v1/sources", json={"name": "other"}))
    made(full.buyer.post("/api/v1/outbound-templates", json={"name": "o", "url": url, "source_id": elsewhere["id"]}))
    click = click_id(full.nginx.client.get("/c/sale?theirs=x%20y&sub1=q%0d%0aX-Evil:1"))
    sale = {"cid": click, "txid": "t1", "payout": "3", "status": "sale"}
    full.nginx.client.get(postback, params=sale)
    wait_until(lambda: target.asked, "the postback")
    assert target.asked == [f"GET /in?c=x%20y&r=1.5&cid={click}&z=q%0D%0AX-Evil%3A1"]
    wait_until(lambda: [entry["state"] for entry in outbox(full)] == ["sent"], "the answer to be recorded")
    (entry,) = outbox(full, outbound_template_id=template["id"])
    assert (entry["status"], entry["attempts"], entry["values"]["external_id"]) == ("sale", 1, "x y")
    (attempt,) = full.buyer.get(f"/api/v1/outbox/{entry['id']}/attempts").json()["data"]
    assert (attempt["status"], attempt["error"]) == (200, None)
    assert outbox(full, conversion_id=entry["conversion_id"], state="sent") == [entry]
    assert outbox(full, conversion_id=1) == outbox(full, state="failed") == []
    problem(full.buyer.get("/api/v1/outbox", params={"conversion_id": "x"}), 400)
    resend = f"/api/v1/outbox/{entry['id']}/resend"
    assert full.buyer.post(resend).status_code == 202
    wait_until(lambda: len(target.asked) == 2, "the postback once more")
    assert target.headers[0]["Idempotency-Key"] == target.headers[1]["Idempotency-Key"]
    wait_until(lambda: [entry["state"] for entry in outbox(full)] == ["sent"], "the answer to be recorded")
    full.buyer.delete(f"/api/v1/outbound-templates/{template['id']}", headers={"If-Match": "*"})
    problem(full.buyer.post(resend), 409)


@pytest.mark.proves("A67")
def test_templates_choose_by_status_and_event(full, target):
    postback, _ = configure(full)
    for name, fields in {
        "leads": {"statuses": ["lead"]},
        "deposits": {"statuses": ["lead", "sale"], "events": ["Deposit"]},
        "paused": {"state": "paused"},
    }.items():
        url = f"{target.url}/{name}?tid={{tid}}&goal={{event}}"
        made(full.buyer.post("/api/v1/outbound-templates", json={"name": name, "url": url, **fields}))
    for call in (
        {"txid": "t1", "status": "lead"},
        {"txid": "t2", "status": "sale"},
        {"txid": "t3", "status": "sale", "goal": "deposit"},
    ):
        click = click_id(full.nginx.client.get("/c/sale"))
        full.nginx.client.get(postback, params={"cid": click, "payout": "1", **call})
    counted = "SELECT count(*) FROM events.conversions WHERE attribution = 'attributed'"
    wait_until(lambda: full.database.value(counted) == 3, "three conversions with their clicks")
    wait_until(lambda: len(target.asked) == 2, "two postbacks")
    assert sorted(target.asked) == ["GET /deposits?tid=t3&goal=deposit", "GET /leads?tid=t1&goal="]
    assert len(outbox(full)) == 2


@pytest.mark.proves("A67")
def test_a_pause_is_shown_and_ended_by_hand(full, target):
    full.ingestor.stop()
    full.ingestor.settings.write_text(
        full.ingestor.settings.read_text().replace("pause_s: 1", "pause_s: 600\n  pause_after: 2")
    )
    full.ingestor.start()
    postback, _ = configure(full)
    target.status = 500
    template = made(full.buyer.post("/api/v1/outbound-templates", json={"name": "t", "url": target.url + "/in"}))
    path = f"/api/v1/outbound-templates/{template['id']}"
    click = click_id(full.nginx.client.get("/c/sale"))
    full.nginx.client.get(postback, params={"cid": click, "txid": "t1", "payout": "3", "status": "sale"})
    wait_until(lambda: full.buyer.get(path).json()["paused_until"], "the pause")
    assert full.buyer.get(path).json()["paused_reason"] == "answered 500"
    target.status = 200
    assert full.buyer.post(f"{path}/resume").status_code == 202
    wait_until(lambda: [entry["state"] for entry in outbox(full)] == ["sent"], "the postback")
    assert full.buyer.get(path).json()["failures"] == 0


@pytest.mark.proves("A67", "F54")
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"url": "https://{sub1}.example/"}, "url"),
        ({"url": "https://peer.example/?a={payot}"}, "url"),
        ({"url": "https://peer.example/?a={date:Y}"}, "url"),
        ({"url": "ftp://peer.example/"}, "url"),
        ({"method": "POST"}, "body"),
        ({"body": "a=1", "content_type": "application/json"}, "method"),
        ({"method": "POST", "content_type": "application/json", "body": '{"a": {sub1}}'}, "body"),
        ({"method": "POST", "content_type": "application/json", "body": '{"a": "{sub1}"'}, "body"),
        ({"headers": {"Host": "x"}}, "headers.Host"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "headers.X-A"),
        ({"headers": {"X A": "a"}}, "headers.X A"),
        ({"statuses": []}, "statuses"),
        ({"statuses": ["sold"]}, "statuses"),
        ({"share_percent": 101}, "share_percent"),
        ({"success_status": [300, 200]}, "success_status"),
        ({"paused_until": None}, "paused_until"),
        ({"campaign_id": 999999}, "campaign_id"),
    ],
)
def test_a_template_that_cannot_be_sent_is_refused(buyer, fields, wrong):
    body = {"name": "t", "url": "https://peer.example/", **fields}
    document = problem(buyer.post("/api/v1/outbound-templates", json=body), 422)
    assert [error["field"] for error in document["errors"]] == [wrong]
