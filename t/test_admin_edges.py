"""Every change is compiled, signed and pushed until each edge has acknowledged it."""

import pytest

from lib.admin_client import made, make_campaign, make_destination
from lib.fake_edge import FakeEdge
from lib.wait import wait_until


@pytest.fixture
def edge(admin, root):
    fake = FakeEdge(admin.keys)
    made(root.post("/api/v1/edges", json={"name": fake.name, "push_url": fake.url, "number": fake.number}))
    yield fake
    fake.close()


def acknowledged(root):
    status = root.get("/api/v1/snapshot/status").json()
    return status if all(edge["acknowledged"] for edge in status["edges"]) and status["edges"] else None


@pytest.mark.proves("A30")
def test_a_change_reaches_the_edge_signed_and_is_acknowledged(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    before = edge.generation
    make_campaign(buyer)
    wait_until(lambda: edge.generation > before and acknowledged(root), "the change to be acknowledged")
    assert edge.pushes[-1][2][4:8] == b"TRBS"
    assert root.get("/api/v1/snapshot/status").json()["edges"][0]["lag"] == 0


def test_an_edge_is_pushed_to_until_it_takes_it(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.unavailable = True
    make_campaign(buyer)

    def reported():
        return root.get("/api/v1/snapshot/status").json()["edges"][0]["last_error"]

    assert "503" in wait_until(reported, "the failure to be shown")
    assert not acknowledged(root)
    edge.unavailable = False
    wait_until(lambda: acknowledged(root), "the edge to be up to date", seconds=40)


def test_an_edge_counts_only_when_all_its_workers_have_the_generation(root, buyer, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.workers_behind = True
    pushes = len(edge.pushes)
    make_campaign(buyer)
    wait_until(lambda: len(edge.pushes) > pushes, "the push")
    assert not acknowledged(root)
    edge.workers_behind = False
    wait_until(lambda: acknowledged(root), "the acknowledgement")


def test_an_edge_that_lost_its_state_gets_it_again(root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    newest = edge.generation
    edge.forget()
    wait_until(lambda: edge.generation == newest, "the edge to be served again", seconds=30)


def test_a_restarted_server_brings_edges_up_to_date_and_sends_the_same_bytes(admin, root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    first = edge.pushes[-1]
    admin.stop()
    edge.forget()
    admin.start()
    wait_until(lambda: edge.generation == first[:2], "the push of the restarted server")
    assert edge.pushes[-1] == first


def test_another_edge_behind_the_same_url_is_refused(admin, root, edge):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    edge.number = 5

    def clone():
        return root.get("/api/v1/snapshot/status").json()["edges"][0]["last_error"]

    assert "number 5 answers there" in wait_until(clone, "the clone to be noticed")


def test_the_same_number_of_another_database_is_no_acknowledgement(admin, root):
    """A database that was made anew or restored counts through numbers that an edge may have from before."""
    edge = FakeEdge(admin.keys)
    edge.created_ms = 1_500_000_000_000
    try:
        made(root.post("/api/v1/edges", json={"name": edge.name, "push_url": edge.url, "number": edge.number}))

        def problem():
            return root.get("/api/v1/snapshot/status").json()["edges"][0]["last_error"]

        assert "new-epoch" in wait_until(problem, "the other content to be noticed")
        assert not acknowledged(root)
    finally:
        edge.close()


def test_what_cannot_be_compiled_is_shown_and_edges_keep_what_they_have(root, buyer, edge, database):
    wait_until(lambda: acknowledged(root), "the first acknowledgement")
    destination = make_destination(buyer)
    campaign = make_campaign(buyer)
    body = {"campaign_id": campaign["id"], "destinations": [{"destination_id": destination["id"]}]}
    made(buyer.post("/api/v1/streams", json=body))
    wait_until(lambda: acknowledged(root), "the good configuration")
    pushed = edge.generation
    database.execute("UPDATE config.destinations SET url = 'https://{clickid}.example.com/'")

    def problems():
        return root.get("/api/v1/snapshot/status").json()["compiled"]["problems"]

    found = wait_until(problems, "the problem to be shown")
    assert f"destination {destination['id']}" in found[0]["entity"]
    assert edge.generation == pushed
