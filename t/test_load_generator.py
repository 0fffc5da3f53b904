"""The load generator measures what a client would feel, and loses no request. A server that stalls must show."""

import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from lib.plain_server import PlainServer
from lib.target import Target
from lib.tools import Load, run_load
from lib.wait import wait_until

RATE = 3000
SECONDS = 5
STALL_S = 0.2


@pytest.fixture
def plain(workspace):
    server = PlainServer(workspace).start()
    yield server
    server.stop()


def served(server):
    """Requests that the plain server has counted."""
    status = httpx.get(f"http://127.0.0.1:{server.port}/status", timeout=5).text
    return int(status.splitlines()[2].split()[2])


def waiting_connections(port):
    """Connections to `port` whose request nobody has read yet."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    sockets = [line.split() for line in lines]
    return sum(s[1].endswith(f":{port:04X}") and not s[4].endswith(":00000000") for s in sockets)


def stall_every_second(server, ended):
    """Stop the server for 200 ms of every second. The only clock here is the one under test."""
    begin = time.monotonic()
    second = 0
    while not ended.wait(max(0.0, begin + second + 0.4 - time.monotonic())):
        server.pause()
        ended.wait(STALL_S)
        server.resume()
        second += 1


@pytest.mark.proves("C168")
def test_a_stalling_server_shows_in_the_latencies_and_no_request_is_missing(plain):
    ended = threading.Event()
    stalls = threading.Thread(target=stall_every_second, args=(plain, ended))
    stalls.start()
    try:
        result = run_load(plain.port, rate=RATE, duration=SECONDS, connections=64, click="/?uid={uid}")
    finally:
        ended.set()
        stalls.join()
    assert result.scheduled == RATE * SECONDS
    assert result.answered == RATE * SECONDS
    assert result.over_50ms >= 0.15 * result.answered
    assert result.latency_us["p50"] < 20_000


def test_every_request_has_a_line_with_an_id_of_its_own(plain, workspace):
    result = run_load(plain.port, rate=1000, duration=1, close=True, out=workspace.disk / "answers.tsv")
    assert len({answer.uid for answer in result.answers}) == 1000
    assert {answer.status for answer in result.answers} == {302}
    assert {answer.id for answer in result.answers} == {"fixed"}


def test_requests_on_a_killed_server_fail_and_the_rest_waits_for_the_next_one(plain, workspace):
    load = Load(plain.port, rate=1000, duration=3, out=workspace.disk / "answers.tsv")
    try:
        wait_until(lambda: served(plain) > 500, "the middle of the run")
        plain.pause()
        wait_until(lambda: waiting_connections(plain.port) > 0, "requests under way")
        plain.kill()
        plain.start()
        result = load.finish()
    finally:
        load.abandon()
    assert result.scheduled == 3000
    assert result.unsent == 0
    assert result.answered + result.failed == 3000
    # Each of 64 connections: the request under way, and one sent into the queue of the dying server.
    assert 0 < result.failed <= 2 * 64


def test_a_closed_loop_keeps_all_connections_busy(plain):
    result = run_load(plain.port, rate=0, duration=1, connections=8)
    assert result.answered > 1000
    assert result.failed == 0


def test_user_agents_come_from_a_file_the_upper_ones_more_often(workspace):
    agents = workspace.disk / "agents.txt"
    agents.write_text("".join(f"agent {n}\n" for n in range(20)))
    server = Target()
    try:
        run_load(server.port, rate=200, duration=2, connections=4, close=True, agents=agents)
        seen = Counter(server.agents)
    finally:
        server.close()
    assert set(seen) == {f"agent {n}" for n in range(20)}
    assert sum(seen[f"agent {n}"] for n in range(5)) > sum(seen.values()) / 2
