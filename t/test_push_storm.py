"""Push after push while clicks come in, and a worker that stands still meanwhile."""

import os
import re
import signal
import socket
import threading
import uuid

import httpx
import pytest

from lib.nginx import read_proc
from lib.tools import click_identity
from lib.wait import wait_until

CAMPAIGNS = 100_000
SOAK_CAMPAIGNS = 20_000  # 600 pushes of these take some minutes
CLIENTS = 4
SETTLED = 4  # pushes after which memory must not grow any more
GROWTH_KIB = 8 * 1024
TARGET = re.compile(r"https://destination\.example/generation-(\d+)\?cid=(\w+)$")


def push(nginx, **options):
    """The next generation, whose destination names it."""
    url = f"https://destination.example/generation-{nginx.counter + 1}?cid={{click_id}}"
    return nginx.put(nginx.snapshot(url=url, **options))


def push_to_all(nginx, **options):
    answer = push(nginx, **options)
    assert answer.status_code == 200, answer.text
    nginx.wait_generation(nginx.counter)


class Clickers:
    """Clients that click without a pause and remember which generation the target of each click named."""

    def __init__(self, nginx):
        self.url = nginx.url
        self.ended = threading.Event()
        self.seen = {}
        self.failed = []
        self.threads = [threading.Thread(target=self.click) for _ in range(CLIENTS)]

    def click(self):
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not self.ended.is_set():
                answer = client.get("/c/c1")
                target = TARGET.match(answer.headers.get("location", ""))
                if target is None:
                    self.failed.append(answer)
                else:
                    self.seen[click_identity(target[2])] = int(target[1])

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def own_memory_kib(pid):
    """What a worker has for itself: mapped snapshots are one copy for all of them."""
    return int(re.search(rb"^Anonymous: +(\d+) kB", read_proc(pid, "smaps_rollup"), re.MULTILINE)[1])


def mapped_snapshots(pid):
    return set(re.findall(rb"[^/]+\.snapshot(?: \(deleted\))?$", read_proc(pid, "maps"), re.MULTILINE))


@pytest.mark.slow
@pytest.mark.proves("F42")
def test_push_after_push_under_load_fails_nothing_and_mixes_nothing(make_nginx, request):
    push_under_load(make_nginx(), request.config.getoption("--pushes"), CAMPAIGNS)


@pytest.mark.soak
@pytest.mark.proves("F42")
def test_hundreds_of_pushes_under_load(make_nginx, request):
    push_under_load(make_nginx(), request.config.getoption("--pushes"), SOAK_CAMPAIGNS)


def push_under_load(nginx, pushes, campaigns):
    nginx.start()
    push_to_all(nginx, campaigns=campaigns)
    workers = nginx.workers()
    with Clickers(nginx) as clickers:
        for done in range(pushes):
            if done == SETTLED:
                before = {pid: own_memory_kib(pid) for pid in workers}
                files = len(list((nginx.run_path / "snapshots").iterdir()))
            push_to_all(nginx, campaigns=campaigns)
    assert clickers.failed == []
    assert set(clickers.seen.values()) == set(range(nginx.counter - pushes, nginx.counter + 1))
    journal = nginx.wait_recorded(len(clickers.seen))
    recorded = {uuid.UUID(item["click"]): item["generation"] for item in journal if item["type"] == "click"}
    assert recorded == clickers.seen
    assert nginx.workers() == workers
    for pid in workers:
        assert own_memory_kib(pid) < before[pid] + GROWTH_KIB
        assert mapped_snapshots(pid) == {f"1-{nginx.counter}.snapshot".encode()}
    assert len(list((nginx.run_path / "snapshots").iterdir())) == files


def ask(connection, path):
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def read_answer(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    return head.decode()


@pytest.mark.proves("F46")
def test_a_worker_that_stands_still_keeps_what_it_reads_and_catches_up(make_nginx):
    nginx = make_nginx(workers=2, server="location = /pid { add_header Worker $pid; return 204; }").start()
    push_to_all(nginx, campaigns=50)
    pinned = nginx.counter
    with (
        socket.create_connection(("127.0.0.1", nginx.port), 30) as connection,
        (nginx.run_path / "snapshots" / f"1-{pinned}.snapshot").open("rb") as mapped,
    ):
        ask(connection, "/pid")
        pid = int(re.search(r"Worker: (\d+)", read_answer(connection))[1])
        content = mapped.read()
        os.kill(pid, signal.SIGSTOP)
        try:
            # The connections of before may belong to the worker that stands still.
            nginx.client.close()
            nginx.client = httpx.Client(base_url=nginx.url, timeout=10)
            for _ in range(6):
                assert push(nginx, campaigns=50).status_code == 200
            wait_until(lambda: sorted(serving(nginx).values()) == [pinned, nginx.counter], "the other worker to go on")
            assert serving(nginx)[pid] == pinned
            assert not nginx.edge_state()["acknowledged"]
            assert f"generation-{nginx.counter}?" in nginx.client.get("/c/c1").headers["location"]
            mapped.seek(0)
            assert mapped.read() == content
            assert any(name.startswith(f"1-{pinned}.snapshot".encode()) for name in mapped_snapshots(pid))
            ask(connection, "/c/c1")
        finally:
            os.kill(pid, signal.SIGCONT)
        assert re.search(r"Location: https://destination.example/generation-\d+\?cid=\w+\r\n", read_answer(connection))
        nginx.wait_generation(nginx.counter)
        assert mapped_snapshots(pid) == {f"1-{nginx.counter}.snapshot".encode()}


def serving(nginx):
    return {worker["pid"]: worker["counter"] for worker in nginx.edge_state()["workers"]}
