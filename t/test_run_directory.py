"""A run directory that is emptied or removed under a running nginx: unique ids, no outage, nothing lost."""

import shutil
import socket

from lib.raw_http import read_answer
from lib.tools import click_id, click_identity
from lib.wait import wait_until

CLICK = "/c/c1"


def slot_of(click):
    return click_identity(click).int >> 68 & 255


def empty(directory):
    for entry in directory.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def new_click(nginx):
    return click_id(nginx.client.get(CLICK, headers={"Connection": "close"}))


def slots_on_disk(nginx):
    return sorted(file.name for file in (nginx.run_path / "slots").iterdir())


def test_workers_before_and_after_a_reload_share_no_slot_though_the_directory_was_emptied(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    with socket.create_connection(("127.0.0.1", nginx.port), 10) as unfinished:
        # A request that is not complete keeps the old worker alive over the reload.
        unfinished.sendall(f"GET {CLICK} HTTP/1.1\r\nHost: localhost\r\n".encode())
        before = new_click(nginx)
        empty(nginx.run_path)
        nginx.reload()
        wait_until(lambda: nginx.client.get(CLICK, headers={"Connection": "close"}).status_code == 302, "a click")
        after = new_click(nginx)
        unfinished.sendall(b"Connection: close\r\n\r\n")
        of_old_worker = read_answer(unfinished).location.partition("cid=")[2].partition("&")[0]
    assert slot_of(before) == 0
    assert slot_of(of_old_worker) != slot_of(after)


def test_another_run_path_after_a_reload_gives_no_slot_twice(make_nginx, workspace):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    with socket.create_connection(("127.0.0.1", nginx.port), 10) as unfinished:
        unfinished.sendall(f"GET {CLICK} HTTP/1.1\r\nHost: localhost\r\n".encode())
        new_click(nginx)
        nginx.run_path = workspace.directory("another", on_run=True)
        nginx.write()
        nginx.reload()
        after = new_click(nginx)
        unfinished.sendall(b"Connection: close\r\n\r\n")
        of_old_worker = read_answer(unfinished).location.partition("cid=")[2].partition("&")[0]
    assert slot_of(of_old_worker) != slot_of(after)


def test_workers_move_into_a_directory_that_was_emptied(nginx):
    clicks = {new_click(nginx) for _ in range(50)}
    empty(nginx.run_path)
    wait_until(lambda: (nginx.run_path / "slots").exists() and len(slots_on_disk(nginx)) >= 2, "new slots")
    # Every worker serves the generation from disk again, and the next push reaches all of them.
    wait_until(lambda: len(nginx.edge_state()["workers"]) == 2, "both workers in the new directory")
    nginx.wait_generation(1)
    nginx.push()
    clicks |= {new_click(nginx) for _ in range(50)}
    assert len(clicks) == 100
    answer = nginx.client.get("/postback/demo/secret", params={"cid": clicks.pop(), "txid": "t-1"})
    assert answer.json()["verdict"] == "accepted"
    assert len(nginx.wait_recorded(101)) == 101


def test_a_removed_directory_stops_no_click_and_a_reload_makes_it_again(nginx):
    shutil.rmtree(nginx.run_path)
    wait_until(lambda: nginx.client.get("/tributary/status").json()["problem"], "status to name the problem")
    clicks = {new_click(nginx) for _ in range(20)}
    assert str(nginx.run_path) in nginx.client.get("/tributary/status").json()["problem"]
    nginx.reload()
    nginx.wait_generation(1)
    clicks |= {new_click(nginx) for _ in range(20)}
    assert len(clicks) == 40
    assert len(nginx.wait_recorded(40)) == 40


def test_a_respawned_worker_finds_the_configuration_in_an_emptied_directory(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    victim = nginx.workers()[0]
    empty(nginx.run_path)
    nginx.kill_worker(victim)
    wait_until(lambda: nginx.workers() not in ([], [victim]), "the replacement")
    nginx.wait_generation(1)
    assert nginx.client.get(CLICK).status_code == 302
