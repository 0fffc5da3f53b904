"""Every table of the shared state has a directive for its size; what does not fit is refused with its name."""

import pytest

from lib.push import SAMPLE_OVERLAY, put_overlay
from lib.wait import wait_until

# Weights 1, 2 and 3: their order comes again after six clicks.
CYCLE = 6
THREE = {"destinations": 3, "url": "https://d%d.example/"}


def destinations(nginx, clicks):
    return [nginx.client.get("/c/c1").headers["location"] for _ in range(clicks)]


def use(nginx, http):
    nginx.options["http"] = http
    nginx.write()


@pytest.mark.proves("A46")
def test_a_configuration_with_more_streams_than_rotations_is_refused_until_there_are_enough(make_nginx):
    nginx = make_nginx(http="tributary_rotations slots=4;").start()
    nginx.push(campaigns=3, **THREE)
    order = destinations(nginx, CYCLE)
    assert len(set(order)) == 3
    assert destinations(nginx, 1) == order[:1]
    larger = nginx.snapshot(campaigns=10, **THREE)
    refused = nginx.put(larger)
    assert (refused.status_code, refused.json()["result"]) == (400, "refused")
    assert 'write "tributary_rotations slots=11" or more and reload' in refused.json()["reason"]

    use(nginx, "tributary_rotations slots=1k;")
    nginx.reload()
    assert destinations(nginx, 1) == order[1:2]
    assert nginx.put(larger).status_code == 200
    nginx.wait_generation(nginx.counter)
    assert destinations(nginx, 1) == order[2:3]

    use(nginx, "tributary_rotations slots=4;")  # smaller again: changes nothing while the file is there
    nginx.upgrade()
    nginx.wait_generation(nginx.counter)
    assert destinations(nginx, 3) == order[3:]


def test_a_hundred_thousand_campaigns_of_three_streams_fit_by_default(nginx):
    nginx.push(campaigns=100_000, streams=3)
    assert nginx.client.get("/c/c100000").status_code == 302


def test_an_overlay_of_more_destinations_than_the_table_has_is_refused_until_it_is_larger(make_nginx):
    nginx = make_nginx(http="tributary_overlay slots=1;").start()
    nginx.push()
    refused = put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=42)
    assert refused.status_code == 400
    assert 'write "tributary_overlay slots=3" or more and reload' in refused.json()["reason"]
    use(nginx, "tributary_overlay slots=3;")
    nginx.reload()
    wait_until(lambda: nginx.edge_state()["acknowledged"], "the workers to serve")
    assert put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=42).status_code == 200
