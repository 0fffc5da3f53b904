"""Reload, binary upgrade, kills and changed worker counts under load: nothing fails that need not, nothing is lost."""

import re
import struct
import time
from collections import Counter

import pytest

from lib.process import alive
from lib.tools import Load, click_id, click_identity
from lib.wait import wait_until

OPTIONS = {"rate": 600, "connections": 32, "click": "/c/c1?sub1={uid}"}


def run_under_load(nginx, workspace, action, seconds=4, **options):
    """Run `action` in the middle of a load; returns its result."""
    load = Load(nginx.port, duration=seconds, out=workspace.disk / "answers.tsv", **{**OPTIONS, **options})
    try:
        wait_until(lambda: len(nginx.journal()) > 200, "the load to flow")
        action()
        assert load.running(), "the load ended before the action did"
        return load.finish()
    finally:
        load.abandon()


def assert_recorded_once(nginx, answers):
    """Every answered click is in the journal once, under an id of its own."""
    answered = [answer for answer in answers if answer.outcome == "answered"]
    ids = Counter(answer.id for answer in answered)
    assert max(ids.values()) == 1
    recorded = Counter(item["sub1"] for item in nginx.wait_recorded(len(answered)) if item["type"] == "click")
    assert not {answer.uid for answer in answered} - recorded.keys()
    assert max(recorded.values()) == 1


@pytest.mark.proves("A104")
def test_reload_fails_no_request_and_loses_no_click(nginx, workspace):
    def reload_thrice():
        for _ in range(3):
            nginx.reload()

    result = run_under_load(nginx, workspace, reload_thrice, seconds=8, close=True)
    assert result.answered == result.scheduled
    assert_recorded_once(nginx, result.answers)


@pytest.mark.proves("A104")
def test_binary_upgrade_fails_no_request_and_loses_no_click(nginx, workspace):
    result = run_under_load(nginx, workspace, nginx.upgrade, seconds=8, close=True)
    assert result.answered == result.scheduled
    assert_recorded_once(nginx, result.answers)
    nginx.wait_generation(1)


def test_another_worker_count_after_a_reload(nginx, workspace):
    nginx.options["workers"] = 4
    nginx.write()
    result = run_under_load(nginx, workspace, nginx.reload, seconds=6, close=True)
    assert result.answered == result.scheduled
    assert_recorded_once(nginx, result.answers)
    nginx.wait_generation(1)
    assert len(nginx.edge_state()["workers"]) == 4


@pytest.mark.proves("F01")
def test_a_killed_worker_fails_only_its_own_requests(nginx, workspace):
    victim = nginx.workers()[0]

    def kill():
        nginx.kill_worker(victim)
        wait_until(lambda: len(nginx.workers()) == 2, "the replacement", 5)

    result = run_under_load(nginx, workspace, kill)
    assert result.failed <= OPTIONS["connections"]
    assert result.answered + result.failed == result.scheduled
    assert_recorded_once(nginx, result.answers)


@pytest.mark.proves("F04")
def test_a_killed_master_costs_nothing_and_its_workers_leave(nginx, workspace):
    workers = nginx.workers()

    def kill_and_start():
        nginx.kill_master()
        wait_until(lambda: not any(alive(pid) for pid in workers), "the orphans to leave", 10)
        nginx.restart_after_kill()

    result = run_under_load(nginx, workspace, kill_and_start, seconds=8, close=True)
    assert result.unsent == 0
    assert result.failed <= OPTIONS["connections"]
    assert_recorded_once(nginx, result.answers)


@pytest.mark.proves("F05")
def test_with_reuseport_no_orphan_keeps_serving(make_nginx):
    nginx = make_nginx(listen_options="reuseport").start()
    nginx.push()
    orphans = nginx.workers()
    nginx.kill_master()
    nginx.restart_after_kill()
    wait_until(lambda: not any(alive(pid) for pid in orphans), "the orphans to leave", 10)
    assert nginx.client.get("/c/c1").status_code == 302


def test_a_stop_flushes_what_was_answered(nginx, workspace):
    load = Load(nginx.port, duration=1, out=workspace.disk / "answers.tsv", **OPTIONS)
    result = load.finish()
    nginx.stop(graceful=False)
    assert result.answered == result.scheduled
    assert_recorded_once(nginx, result.answers)


def test_ids_stay_unique_over_a_killed_and_a_restarted_nginx(nginx):
    seen = []
    for _ in range(3):
        # No connection is kept: one of the worker that is killed would be reset under the next request.
        answers = [nginx.client.get("/c/c1", headers={"Connection": "close"}) for _ in range(100)]
        seen += [answer.headers["location"] for answer in answers]
        victim = nginx.workers()[0]
        nginx.kill_worker(victim)
        wait_until(lambda gone=victim: gone not in nginx.workers() and len(nginx.workers()) == 2, "the replacement", 5)
    assert len(set(seen)) == 300


def test_status_names_every_worker_after_a_kill(nginx):
    victim = nginx.workers()[0]
    nginx.kill_worker(victim)
    wait_until(lambda: victim not in nginx.workers() and len(nginx.workers()) == 2, "the replacement", 5)
    wait_until(lambda: pids_in_status(nginx) == set(nginx.workers()), "status to name the present workers")


def pids_in_status(nginx):
    return {int(pid) for pid in re.findall(r'"pid":\s*(\d+)', nginx.client.get("/tributary/status").text)}


def push_ahead(path, distance):
    """Adds to the word behind the magic of a slot or number file: what was given last."""
    with path.open("r+b") as file:
        file.seek(8)
        (last,) = struct.unpack("<Q", file.read(8))
        file.seek(8)
        file.write(struct.pack("<Q", last + distance))


def test_f12_a_clock_that_was_hours_ahead_stops_no_postback_and_misdates_no_click(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    earlier = click_id(nginx.client.get("/c/c1"))
    hours = 3
    push_ahead(nginx.run_path / "slots" / "000", hours * 3_600_000 << 16)
    push_ahead(nginx.run_path / "numbers", hours * 3600 * 8192)

    def clicked_in_the_present():
        seconds = (click_identity(click_id(nginx.client.get("/c/c1"))).int >> 86) / 1000
        return abs(seconds - time.time()) < 600

    wait_until(clicked_in_the_present, "click ids of the present")
    answer = nginx.client.get("/postback/demo/secret", params={"cid": earlier, "txid": "t-1"})
    assert answer.json()["verdict"] == "accepted"
    nginx.wait_generation(1)
