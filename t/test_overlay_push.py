"""Overlays are pushed like snapshots: signed, all or nothing, only forward. What they say is seen in test_health.py."""

import pytest

from lib.push import SAMPLE_OVERLAY, put_overlay


@pytest.mark.parametrize(
    ("body", "changes", "status"),
    [
        (b"x" * 200, {}, 400),  # no overlay
        (b"x" * 200, {"sha256": "0" * 64}, 400),
        (b"x" * 200, {"edge": "other"}, 403),
        (b"x" * 200, {"expires": 1}, 403),
        (b"x" * 200, {"format": 9}, 400),
        (b"x" * 200, {"length": (64 << 20) + 1}, 413),
    ],
)
def test_a_bad_overlay_changes_nothing_and_says_why(nginx, body, changes, status):
    answer = put_overlay(nginx, body, **changes)
    assert answer.status_code == status, answer.text
    assert answer.json()["result"] == "refused"
    assert answer.json()["reason"]
    state = nginx.edge_state()
    assert state["overlay"] == {"epoch": 0, "counter": 0}
    assert (state["epoch"], state["counter"]) == (1, 1)


def test_refused_overlays_are_counted_apart_from_snapshots(nginx):
    assert put_overlay(nginx, b"x" * 200).status_code == 400
    counters = nginx.client.get("/tributary/status").json()["counters"]
    assert (counters["overlays_refused"], counters["snapshots_refused"]) == (1, 0)


def test_an_overlay_is_in_force_for_every_worker_and_survives_a_reload(nginx):
    answer = put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=42)
    assert (answer.status_code, answer.json()) == (200, {"result": "published", "epoch": 3, "counter": 42})
    assert put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=42).json()["result"] == "already_current"
    assert nginx.edge_state()["overlay"] == {"epoch": 3, "counter": 42}
    nginx.reload()
    overlay = nginx.client.get("/tributary/status").json()["overlay"]
    assert overlay["destinations"] == 3
    closed = {one.pop("id"): {reason for reason, holds in one.items() if holds} for one in overlay["closed"]}
    assert closed == {1: {"down"}, 7: {"conversions", "payout"}, 4_294_967_295: {"revenue"}}


def test_an_older_overlay_is_refused_and_a_wrong_version_too(nginx):
    put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=42)
    older = put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=41)
    assert (older.status_code, older.json()["result"], older.json()["counter"]) == (409, "older", 42)
    other = put_overlay(nginx, SAMPLE_OVERLAY, epoch=3, generation=43)
    assert (other.status_code, other.json()["result"]) == (400, "refused")
    assert "version" in other.json()["reason"]
    assert nginx.edge_state()["overlay"] == {"epoch": 3, "counter": 42}
