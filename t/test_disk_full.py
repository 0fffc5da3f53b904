"""The journal's disk is full: redirects go on, postbacks ask to come again, and everything recovers by itself."""

import pytest

from lib.places import IS_ROOT, worker_user
from lib.prometheus import counter
from lib.small_disk import fill, mounted
from lib.tools import click_id, click_identity
from lib.wait import wait_until

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="mounting a small file system needs root")

SIZE_KB = 12 * 1024


@pytest.fixture
def small_disk(workspace):
    """A file system with room for one segment, mounted where the journal goes."""
    with mounted(workspace.directory("journal"), SIZE_KB, worker_user()) as path:
        yield path


def click(nginx):
    return nginx.client.get("/c/c1")


def large_click(nginx):
    answer = nginx.client.get("/c/c1", params={"pad": "x" * 6000})
    assert answer.status_code == 302
    return answer


def postback(nginx, identity, transaction):
    return nginx.client.get("/postback/demo/secret", params={"cid": identity, "txid": transaction})


def full_edge(make_nginx, path):
    """An edge with one worker that started on a full disk."""
    hog = fill(path)
    nginx = make_nginx(workers=1, journal_options="ring=4m segment=4m", postback_options="timeout=300ms")
    nginx.allowed_log_lines.append(r"No space left on device|disk is full")
    nginx.start()
    nginx.push()
    return nginx, hog


@pytest.mark.proves("C29", "C130", "F13")
def test_full_at_start_redirects_go_on_and_postbacks_shall_come_again(small_disk, make_nginx):
    nginx, hog = full_edge(make_nginx, small_disk)
    answer = click(nginx)
    assert answer.status_code == 302
    assert postback(nginx, click_id(answer), "t-1").status_code == 503
    assert click(nginx).status_code == 302
    hog.unlink()


@pytest.mark.proves("C80", "C81", "F13")
def test_freed_space_is_used_without_a_restart(small_disk, make_nginx):
    nginx, hog = full_edge(make_nginx, small_disk)
    identity = click_id(click(nginx))
    refused = postback(nginx, identity, "t-1")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    hog.unlink()
    wait_until(lambda: postback(nginx, identity, "t-2").status_code == 200, "postbacks to be accepted again", 20, 0.1)
    types = [item["type"] for item in nginx.wait_recorded(3)]
    assert types[0] == "click"
    assert set(types) == {"click", "postback"}


@pytest.mark.proves("F14")
def test_full_in_the_middle_loses_nothing_that_was_answered(small_disk, make_nginx):
    nginx = make_nginx(workers=1, journal_options="ring=4m segment=4m", postback_options="timeout=300ms")
    nginx.allowed_log_lines.append(r"No space left on device|disk is full")
    nginx.start()
    nginx.push()
    answered = [click_id(click(nginx)) for _ in range(100)]
    hog = fill(small_disk)
    answered += [click_id(click(nginx)) for _ in range(100)]
    hog.unlink()
    wait_until(lambda: postback(nginx, answered[0], "t-1").status_code == 200, "postbacks to be accepted", 20, 0.1)
    clicks = [item for item in nginx.wait_recorded(201) if item["type"] == "click"]
    assert len(clicks) == 200


@pytest.mark.proves("F13")
def test_what_no_ring_could_hold_is_counted_to_the_click(small_disk, make_nginx):
    """Segment and ring are full long before the last click: what is answered and not recorded is `clicks_unlogged`."""
    nginx = make_nginx(workers=1, journal_options="ring=1m segment=1m", postback_options="timeout=300ms")
    nginx.allowed_log_lines.append(r"No space left on device|disk is full")
    nginx.start()
    nginx.push()
    answered = [click_id(large_click(nginx))]
    hog = fill(small_disk)
    answered += [click_id(large_click(nginx)) for _ in range(700)]
    hog.unlink()
    wait_until(lambda: postback(nginx, answered[0], "t-1").status_code == 200, "postbacks to be accepted", 20, 0.1)
    answered += [click_id(large_click(nginx)) for _ in range(10)]
    unlogged = counter(nginx.client.get("/tributary/metrics").text, "tributary_clicks_unlogged_total")
    recorded = nginx.wait_recorded(len(answered) + 1 - unlogged)
    assert not [item for item in recorded if item["type"] in ("gap", "damaged")]
    recorded_clicks = {item["click"] for item in recorded if item["type"] == "click"}
    missing = [text for text in answered if click_identity(text).hex not in recorded_clicks]
    assert 0 < unlogged < 700
    assert len(missing) == unlogged
