"""The journal's disk is full: redirects go on, postbacks ask to come again, and everything recovers by itself."""

import pytest

from lib.places import IS_ROOT, worker_user
from lib.small_disk import fill, mounted
from lib.tools import click_id
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
