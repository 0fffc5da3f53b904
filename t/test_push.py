"""A pushed snapshot is all or nothing, signed, versioned and only moves forward."""

import contextlib
import os
import random
import socket
import time

import pytest
from nacl.signing import SigningKey

from lib.push import header, signing_key
from lib.tools import Load
from lib.wait import wait_until


def generation(nginx):
    state = nginx.edge_state()
    return state["epoch"], state["counter"]


def assert_refused(nginx, answer, statuses):
    """Refused with a reason, and nothing has changed."""
    assert answer.status_code in statuses, answer.text
    assert answer.json()["result"] == "refused"
    assert answer.json()["reason"]
    assert generation(nginx) == (1, 1)
    assert nginx.client.get("/c/c1").status_code == 302


@pytest.mark.proves("A30", "A45")
def test_a_push_is_adopted_by_every_worker(make_nginx):
    nginx = make_nginx(workers=4).start()
    nginx.push()
    state = nginx.edge_state()
    assert (state["edge"], state["number"]) == ("test", 1)
    assert state["formats"]["min"] <= 1 <= state["formats"]["max"]
    assert len(state["workers"]) == 4
    assert {(worker["epoch"], worker["counter"]) for worker in state["workers"]} == {(1, 1)}


def test_an_edge_tells_generations_of_two_databases_apart(nginx):
    before_ms = time.time_ns() // 1_000_000
    nginx.push()
    assert before_ms <= nginx.edge_state()["created_ms"] <= time.time_ns() // 1_000_000


def test_a_repeated_push_is_success(nginx):
    snapshot = nginx.snapshot()
    assert nginx.put(snapshot).json()["result"] == "published"
    assert nginx.put(snapshot).json()["result"] == "already_current"


def test_an_older_push_is_refused(nginx):
    older = nginx.snapshot(counter=5)
    assert nginx.put(nginx.snapshot(counter=6)).status_code == 200
    answer = nginx.put(older)
    assert answer.status_code == 409
    assert answer.json()["result"] == "older"
    assert generation(nginx) == (1, 6)


def test_a_new_epoch_is_newer(nginx):
    assert nginx.put(nginx.snapshot(counter=50)).status_code == 200
    assert nginx.put(nginx.snapshot(counter=3, epoch=2)).status_code == 200
    assert generation(nginx) == (2, 3)


@pytest.mark.parametrize(
    ("change", "statuses"),
    [
        ({"edge": "other"}, (403,)),
        ({"expires": int(time.time()) - 3600}, (403,)),
        ({"format": 999}, (400,)),
        ({"length": 17}, (400,)),
        ({"sha256": "0" * 64}, (400,)),
        ({"sha256": "zz"}, (400, 403)),
        ({"generation": "-1"}, (400, 403)),
        ({"generation": 7}, (400,)),
    ],
)
def test_a_header_that_does_not_fit_is_refused(nginx, change, statuses):
    snapshot = nginx.snapshot(counter=2)
    fields = {"generation": 2, **change}
    answer = nginx.put(snapshot, header(snapshot.path.read_bytes(), signing_key(nginx.keys), **fields))
    assert_refused(nginx, answer, statuses)


@pytest.mark.parametrize(
    "value", ["", "v1", "v2; edge=test", pytest.param("x" * 4000, id="long"), "v1; signature=AAAA"]
)
def test_an_unsigned_or_malformed_push_is_refused(nginx, value):
    assert_refused(nginx, nginx.put(nginx.snapshot(counter=2), value), (400, 403))


def test_a_signature_by_another_key_is_refused(nginx):
    snapshot = nginx.snapshot(counter=2)
    answer = nginx.put(snapshot, header(snapshot.path.read_bytes(), SigningKey.generate(), generation=2))
    assert_refused(nginx, answer, (403,))


@pytest.mark.parametrize("name", ["edge", "epoch", "generation", "length", "sha256", "format", "expires"])
def test_no_field_can_be_changed_after_signing(nginx, name):
    snapshot = nginx.snapshot(counter=2)
    value = snapshot.header
    start = value.index(f"{name}=") + len(name) + 1
    changed = value[:start] + ("0" if value[start] != "0" else "1") + value[start + 1 :]
    assert_refused(nginx, nginx.put(snapshot, changed), (400, 403))


@pytest.mark.proves("F41")
def test_a_truncated_body_is_refused(nginx):
    snapshot = nginx.snapshot(counter=2)
    body = snapshot.path.read_bytes()
    for length in range(1, len(body), max(1, len(body) // 40)):
        assert_refused(nginx, nginx.put(snapshot, body=body[:length]), (400,))


@pytest.mark.proves("F41")
def test_a_truncated_snapshot_with_a_good_signature_is_refused(nginx):
    body = nginx.snapshot(counter=2).path.read_bytes()
    key = signing_key(nginx.keys)
    for length in range(8, len(body), max(1, len(body) // 40)):
        cut = body[:length]
        assert_refused(nginx, nginx.put(None, header(cut, key, generation=2), cut), (400,))


@pytest.mark.proves("F41")
def test_flipped_bits_are_refused_by_the_hash(nginx):
    snapshot = nginx.snapshot(counter=2)
    body = snapshot.path.read_bytes()
    for position in range(0, len(body), max(1, len(body) // 40)):
        flipped = body[:position] + bytes([body[position] ^ 0x10]) + body[position + 1 :]
        assert_refused(nginx, nginx.put(snapshot, body=flipped), (400,))


@pytest.mark.proves("F41")
def test_hostile_snapshots_with_a_good_signature_never_hurt(nginx):
    """Random damage under a valid signature: refused, or harmless and served."""
    body = nginx.snapshot(counter=2, campaigns=20).path.read_bytes()
    key = signing_key(nginx.keys)
    chance = random.Random(41)
    for counter in range(2, 80):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        bytes_ = bytes(damaged)
        answer = nginx.put(None, header(bytes_, key, generation=counter), bytes_)
        assert answer.status_code in (200, 400, 409), answer.text
        assert nginx.client.get("/c/c1").status_code in (302, 404, 503)


@pytest.mark.proves("F41")
@pytest.mark.parametrize(
    "body", [b"\0" * 64, b"TRBS" * 100, random.Random(41).randbytes(4096)], ids=["zeros", "magic only", "noise"]
)
def test_what_is_no_snapshot_is_refused(nginx, body):
    answer = nginx.put(None, header(body, signing_key(nginx.keys), generation=2), body)
    assert_refused(nginx, answer, (400,))


def test_a_push_larger_than_allowed_is_refused(make_nginx):
    nginx = make_nginx(server="location = /small { tributary_config max_size=64k; }").start()
    nginx.push()
    snapshot = nginx.snapshot(counter=2, campaigns=5000)
    content = snapshot.path.read_bytes()
    answer = nginx.client.put("/small", content=content, headers={"Tributary-Push": snapshot.header})
    assert answer.status_code == 413
    assert generation(nginx) == (1, 1)


@pytest.mark.proves("A45")
def test_a_restart_restores_the_last_snapshot(nginx):
    nginx.push(campaigns=7)
    nginx.stop()
    nginx.start()
    nginx.wait_generation(2)
    assert nginx.client.get("/c/c7").status_code == 302


@pytest.mark.proves("F44")
def test_a_torn_newest_file_falls_back_to_the_one_before_and_says_so(nginx):
    nginx.push(campaigns=7)
    nginx.stop()
    for directory in (nginx.snapshot_path, nginx.run_path / "snapshots"):
        newest = directory / "1-2.snapshot"
        if newest.exists():
            with newest.open("r+b") as file:
                file.truncate(newest.stat().st_size // 2)
    for file in nginx.run_path.iterdir():
        if file.name == "state":
            file.unlink()
    nginx.start()
    nginx.wait_generation(1)
    assert nginx.client.get("/c/c1").status_code == 302
    assert "1-2.snapshot" in nginx.error_log.read_text()


def test_the_snapshot_files_are_private(nginx):
    for path in (*nginx.snapshot_path.iterdir(), *(nginx.run_path / "snapshots").iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def open_files(pid, below):
    """What a process has open in a directory, unnamed files included."""
    links = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(entry.path))
    return [link for link in links if link.startswith(str(below))]


def test_a_worker_killed_while_it_receives_a_push_leaves_no_file_with_secrets(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    before = sorted(nginx.snapshot_path.rglob("*"))
    snapshot = nginx.snapshot(campaigns=5000)
    body = snapshot.path.read_bytes()
    head = f"PUT /tributary/config HTTP/1.1\r\nHost: x\r\nTributary-Push: {snapshot.header}\r\n"
    victim = nginx.workers()[0]
    with socket.create_connection(("127.0.0.1", nginx.port), 10) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
        wait_until(lambda: open_files(victim, nginx.snapshot_path), "the body to be spooled")
        nginx.kill_worker(victim)
        wait_until(lambda: victim not in nginx.workers(), "the worker to be gone")
    assert sorted(nginx.snapshot_path.rglob("*")) == before


def test_what_a_killed_publisher_left_is_removed_by_the_next_worker(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    left = [nginx.snapshot_path / ".incoming.tmp", nginx.run_path / "snapshots" / ".incoming.tmp"]
    for file in left:
        file.write_bytes(b"secret")
    nginx.kill_worker(nginx.workers()[0])
    wait_until(lambda: not any(file.exists() for file in left), "the leftovers to be removed")


@pytest.mark.alone
@pytest.mark.proves("A45", "A46")
def test_100000_campaigns_reach_every_worker_under_load_within_a_second(make_nginx, workspace):
    nginx = make_nginx().start()
    nginx.push()
    snapshot = nginx.snapshot(campaigns=100_000)
    load = Load(nginx.port, rate=1000, duration=8, connections=32, out=workspace.disk / "answers.tsv")
    try:
        wait_until(lambda: len(nginx.journal()) > 500, "the load to flow")
        answer = nginx.put(snapshot)
        accepted = time.monotonic()
        assert answer.status_code == 200
        nginx.wait_generation(2)
        visible_s = time.monotonic() - accepted
        result = load.finish()
    finally:
        load.abandon()
    assert visible_s <= 1.0
    assert nginx.client.get("/c/c100000").status_code == 302
    assert result.answered == result.scheduled == 8000
    assert result.by_status == {"302": 8000}
