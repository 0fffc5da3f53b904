"""The same /click, tracking link and link of a lander from 64 connections at once, over workers that are killed."""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.admin_client import made, make_campaign
from lib.full_stack import FullStack
from lib.tools import click_identity
from lib.wait import wait_until

CONNECTIONS = 64
WORKERS = 4
ROUNDS = 12
DISTURBED = {3: "kill", 5: "reload", 7: "kill", 9: "kill", 10: "reload"}


def ask(nginx, path):
    """Status, target and body; None when the connection was cut."""
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("location"), answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def ask_until_answered(nginx, path):
    return wait_until(lambda: ask(nginx, path), f"{path} to be answered")


def disturb(nginx, what):
    if what == "kill":
        victim = nginx.workers()[0]
        nginx.kill_worker(victim)
        wait_until(lambda: victim not in nginx.workers() and len(nginx.workers()) == WORKERS, "a replacement")
    elif what == "reload":
        nginx.reload()


def storm(nginx, path_of, call=ask_until_answered):
    """The answers of each round: one path from every connection at the same moment, while workers go."""
    together = threading.Barrier(CONNECTIONS + 1)

    def one(path):
        together.wait(60)
        return call(nginx, path)

    rounds = []
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for number in range(ROUNDS):
            asked = [pool.submit(one, path_of(number)) for _ in range(CONNECTIONS)]
            together.wait(60)
            disturb(nginx, DISTURBED.get(number))
            rounds.append([future.result() for future in asked])
    return rounds


@pytest.mark.proves("B13", "E14")
def test_one_call_of_click_from_64_connections_is_one_click_with_one_answer(make_stack, database):
    stack = make_stack(workers=WORKERS).start()
    rounds = storm(stack.nginx, lambda number: f"/click?affiliate_id=1&campaign_id=1&click_id=same-{number}")
    assert [len(set(answers)) for answers in rounds] == [1] * ROUNDS
    assert {answers[0][0] for answers in rounds} == {200}
    stored = "SELECT count(*) FROM affiliate.clicks"
    wait_until(lambda: database.value(stored) == ROUNDS, "every id in PostgreSQL")
    wait_until(lambda: database.value("SELECT sum(clicks) FROM events.campaign_facts") == ROUNDS, "one click of each")


@pytest.mark.proves("C132")
def test_every_visitor_of_a_tracking_link_is_a_click_of_his_own(make_nginx):
    nginx = make_nginx(workers=WORKERS).start()
    nginx.push(link=["land:1:1:active:https://shop.example/"])
    rounds = storm(nginx, lambda number: f"/r/land?sub1={number}", ask)
    answers = [answer for answers in rounds for answer in answers if answer]
    assert {answer[0] for answer in answers} == {302}
    ids = {click_identity(answer[1].rpartition("click_id=")[2]).hex for answer in answers}
    assert len(ids) == len(answers) >= ROUNDS * CONNECTIONS - 3 * CONNECTIONS
    recorded = nginx.wait_recorded(len(ids))
    assert ids <= {event["click"] for event in recorded}


@pytest.fixture
def page(workspace, database):
    """An edge whose campaign `sale` shows a page before its two destinations."""
    full = FullStack(workspace, database, workers=WORKERS)
    full.add_edge()
    post = full.buyer.post
    lander = made(post("/api/v1/landers", json={"name": "page", "url": "https://page.example/?t={lander_click}"}))["id"]
    shops = [
        made(post("/api/v1/destinations", json={"name": name, "url": f"https://{name}.example/?c={{click_id}}"}))["id"]
        for name in ("first", "second")
    ]
    stream = {
        "name": "all",
        "selector": "waterfall",
        "landers": [{"lander_id": lander}],
        "destinations": [{"destination_id": id} for id in shops],
    }
    made(post(f"/api/v1/campaigns/{make_campaign(full.buyer)['id']}/streams", json=stream))
    full.wait_pushed()
    yield full
    full.finish()


def test_a_link_of_a_lander_leads_every_time_to_the_same_place_and_stays_one_click(page):
    shown = page.nginx.client.get("/c/sale").headers["location"]
    path = f"/lp?lander_click={parse_qs(urlsplit(shown).query)['t'][0]}"
    rounds = storm(page.nginx, lambda number: path, ask)
    answers = [answer for answers in rounds for answer in answers if answer]
    assert len({(status, location) for status, location, _ in answers}) == 1
    assert answers[0][1].startswith("https://first.example/?c=")
    followed = wait_until(
        lambda: (n := page.database.value("SELECT count(*) FROM events.lander_clicks")) >= len(answers) and n,
        "every link that was answered in PostgreSQL",
    )
    assert followed <= ROUNDS * CONNECTIONS
    assert page.database.value("SELECT count(*) FROM events.clicks") == 1
