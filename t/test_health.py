"""Destinations are checked; what is down is known to the API at once and to every edge within a second."""

import re
import time

import pytest

from lib.admin import Admin
from lib.admin_client import connect, made, problem
from lib.nginx import Nginx
from lib.target import Target
from lib.wait import wait_until

ALLOWED = 'outbound:\n  allowed_addresses: "127.0.0.1"\n'


@pytest.fixture
def allow():
    """What the settings open to checks."""
    return ALLOWED


@pytest.fixture
def admin(workspace, database, allow):
    server = Admin(workspace, database)
    server.settings.write_text(server.settings.read_text() + allow)
    server.set_up()
    yield server
    server.stop()


@pytest.fixture
def target():
    server = Target()
    yield server
    server.close()


def make_checked(buyer, target, **fields):
    url = target.url + "/offer?cid={click_id}"
    return made(buyer.post("/api/v1/destinations", json={"name": "offer", "url": url, "health_check": True, **fields}))


def health(buyer, destination):
    return buyer.get(f"/api/v1/destinations/{destination['id']}/health").json()


def history(buyer, destination, **arguments):
    return buyer.get(f"/api/v1/destinations/{destination['id']}/health/history", params=arguments).json()["data"]


def wait_checked(buyer, destination):
    """The first check has been made; what is known then."""

    def first():
        known = health(buyer, destination)
        return known if known["checked_at"] else None

    return wait_until(first, "the first check")


def check(buyer, destination, times=1):
    """Ask for a check by hand and wait for its outcome: what is known then."""
    for _ in range(times):
        before = health(buyer, destination)["checked_at"]
        assert buyer.post(f"/api/v1/destinations/{destination['id']}/health/check").status_code == 202
        wait_until(
            lambda before=before: health(buyer, destination)["checked_at"] != before, "the check that was asked for"
        )
    return health(buyer, destination)


@pytest.mark.proves("A43", "A27", "A29")
def test_a_destination_goes_down_and_comes_back_and_its_history_tells(buyer, target):
    destination = make_checked(buyer, target, failures_before_down=2, successes_before_up=2)
    assert wait_checked(buyer, destination)["healthy"]
    assert target.asked == ["GET /offer?cid="]
    target.status = 500
    assert check(buyer, destination)["healthy"]
    down = check(buyer, destination)
    assert (down["healthy"], down["failures"], down["last_status"]) == (False, 2, 500)
    target.status = 200
    assert not check(buyer, destination)["healthy"]
    assert check(buyer, destination)["healthy"]

    told = [(row["passed"], row["changed"], row["manual"], row["status"]) for row in history(buyer, destination)]
    assert told == [
        (True, True, True, 200),
        (True, False, True, 200),
        (False, True, True, 500),
        (False, False, True, 500),
        (True, False, False, 200),
    ]
    assert [row["passed"] for row in history(buyer, destination, changed="true")] == [True, False]


@pytest.mark.proves("A27")
def test_the_history_comes_in_pages(buyer, target):
    destination = make_checked(buyer, target)
    wait_checked(buyer, destination)
    check(buyer, destination, times=4)
    path = f"/api/v1/destinations/{destination['id']}/health/history"
    seen, cursor = [], None
    while True:
        page = buyer.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_destination_that_hangs_fails_after_its_timeout(buyer, target):
    target.hangs.set()
    destination = make_checked(buyer, target, health_timeout_ms=150, failures_before_down=1)
    known = wait_checked(buyer, destination)
    assert not known["healthy"]
    assert "timed out" in known["last_error"]
    assert known["last_status"] is None


def test_a_redirect_is_judged_by_its_status_and_not_followed(buyer, target):
    target.status = 302
    target.location = target.url + "/elsewhere"
    passing = make_checked(buyer, target)
    failing = make_checked(buyer, target, name="strict", health_expected=[200, 299], failures_before_down=1)
    assert wait_checked(buyer, passing)["healthy"]
    known = wait_checked(buyer, failing)
    assert (known["healthy"], known["last_error"]) == (False, "HTTP 302, expected 200 to 299")
    assert all("elsewhere" not in asked for asked in target.asked)


def test_method_and_url_of_the_check_are_those_of_the_destination(buyer, target):
    fields = {"health_url": target.url + "/alive?x={sub_id_1}", "health_method": "HEAD"}
    destination = make_checked(buyer, target, **fields)
    wait_checked(buyer, destination)
    assert target.asked == ["HEAD /alive?x="]


@pytest.mark.parametrize("allow", ['outbound:\n  allowed_addresses: "10.0.0.0/8"\n'])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
def test_a_check_reaches_nothing_that_is_not_allowed(buyer, target, host):
    url = target.url.replace("127.0.0.1", host)
    destination = make_checked(buyer, target, health_url=url, failures_before_down=1)
    known = wait_checked(buyer, destination)
    assert not known["healthy"]
    assert "is for loopback" in known["last_error"]
    assert target.asked == []


def test_what_is_due_is_checked_again(buyer, target, database):
    destination = make_checked(buyer, target)
    wait_checked(buyer, destination)
    database.execute("UPDATE config.destination_health SET next_at = now()")
    wait_until(lambda: len(target.asked) == 2, "the next check")
    wait_until(lambda: health(buyer, destination)["successes"] == 2, "its outcome")
    assert len(history(buyer, destination)) == 1, "a check that tells nothing new is not kept"


def test_without_regular_checks_one_by_hand_changes_nothing(buyer, target):
    destination = make_checked(buyer, target, health_check=False, failures_before_down=1)
    target.status = 500
    known = check(buyer, destination)
    assert (known["monitored"], known["healthy"], known["last_status"]) == (False, True, 500)
    assert [row["passed"] for row in history(buyer, destination)] == [False]
    assert len(target.asked) == 1


def test_expected_statuses_that_are_none_are_refused(buyer, target):
    for bad in ([200], [399, 200], [0, 399], [200, 600], "2xx", [200, "399"]):
        fields = {"name": "offer", "url": target.url, "health_expected": bad}
        document = problem(buyer.post("/api/v1/destinations", json=fields), 422)
        assert document["errors"][0]["field"] == "health_expected"


def active(admin):
    return "\ntributary_admin_health_active 1\n" in connect(admin).get("/metrics").text


def test_of_two_servers_one_checks_and_the_other_takes_over(admin, workspace, database, buyer, target):
    wait_until(lambda: active(admin), "the first server to check")
    second = Admin(workspace, database)
    second.settings.write_text(second.settings.read_text() + ALLOWED)
    second.program.name = "admin-api-2"
    second.start()
    try:
        destination = make_checked(buyer, target)
        wait_checked(buyer, destination)
        assert not active(second)
        # As when the network of the first one is cut: PostgreSQL ends the session that holds the lock.
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        wait_until(lambda: active(admin) != active(second), "exactly one of them to check")
        check(buyer, destination)
    finally:
        second.stop()


def test_checks_go_on_after_postgresql_was_away(admin, database, buyer, target):
    destination = make_checked(buyer, target)
    wait_checked(buyer, destination)
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: active(admin), "the checker to be back")
    target.status = 500

    def asked():
        return buyer.post(f"/api/v1/destinations/{destination['id']}/health/check").status_code == 202

    wait_until(asked, "a connection")
    wait_until(lambda: health(buyer, destination)["last_status"] == 500, "the check")


class Edge:
    """nginx that takes what admin-api pushes."""

    def __init__(self, workspace, admin, root):
        self.nginx = Nginx(workspace)
        self.nginx.keys = admin.keys
        self.nginx.start()
        url = f"{self.nginx.url}/tributary/config"
        made(root.post("/api/v1/edges", json={"name": "test", "number": 1, "push_url": url}))

    def overlay(self):
        return self.nginx.client.get("/tributary/status").json()["overlay"]

    def down(self):
        return [one["id"] for one in self.overlay()["closed"] if one["down"]]


@pytest.fixture
def edge(workspace, admin, root):
    made_edge = Edge(workspace, admin, root)
    yield made_edge
    made_edge.nginx.finish()


@pytest.mark.proves("A43")
def test_a_destination_that_goes_down_is_down_on_the_edge_within_a_second(buyer, edge, target):
    destination = make_checked(buyer, target, failures_before_down=1, successes_before_up=1)
    wait_checked(buyer, destination)
    wait_until(lambda: edge.overlay()["counter"] > 0, "the first overlay")
    assert edge.down() == []
    target.status = 503
    assert not check(buyer, destination)["healthy"]
    begun = time.monotonic()
    wait_until(lambda: edge.down() == [destination["id"]], "the edge to know", seconds=1)
    print(f"known after {time.monotonic() - begun:.3f} s")
    version = edge.overlay()["counter"]
    assert edge.nginx.edge_state()["overlay"] == {"epoch": 1, "counter": version}
    target.status = 200
    check(buyer, destination)
    wait_until(lambda: edge.down() == [], "the edge to know that it is back", seconds=1)
    assert edge.overlay()["counter"] > version


ELSEWHERE = "127.0.0.2"  # another host for who counts checks by host, and the same server


def make_many(buyer, target, hosts):
    """A destination that is checked, for each of these hosts."""
    made_ones = []
    for n, host in enumerate(hosts):
        url = target.url.replace("127.0.0.1", host) + f"/{n}"
        made_ones.append(make_checked(buyer, target, name=f"offer {n}", health_url=url, health_timeout_ms=20_000))
    return made_ones


def running(admin):
    text = connect(admin).get("/metrics").text
    return int(re.search(r"^tributary_admin_health_running (\d+)$", text, re.MULTILINE)[1])


@pytest.mark.parametrize("allow", [ALLOWED.replace("127.0.0.1", "127.0.0.0/8") + "health:\n  per_host: 3\n"])
def test_one_host_is_asked_by_so_many_checks_at_once_and_another_does_not_wait_for_it(admin, buyer, target):
    target.hangs.set()
    crowd = make_many(buyer, target, ["127.0.0.1"] * 7)
    wait_until(lambda: target.busy == 3, "the checks that one host gets")
    (other,) = make_many(buyer, target, [ELSEWHERE])
    wait_until(lambda: target.busy == 4, "the check of the other host")
    assert running(admin) == 4
    target.hangs.clear()
    for destination in [*crowd, other]:
        assert wait_checked(buyer, destination)["healthy"]
    assert target.most_busy == 4


@pytest.mark.parametrize("allow", [ALLOWED + "health:\n  concurrency: 2\n  per_host: 100\n"])
def test_so_many_checks_run_at_once_and_the_others_wait(admin, buyer, target):
    target.hangs.set()
    destinations = make_many(buyer, target, ["127.0.0.1"] * 6)
    wait_until(lambda: target.busy == 2, "the checks that may run")
    assert running(admin) == 2
    target.hangs.clear()
    for destination in destinations:
        assert wait_checked(buyer, destination)["healthy"]
    assert target.most_busy == 2


def test_checks_are_spread_by_a_tenth_to_either_side_of_their_interval(buyer, target, database):
    destinations = make_many(buyer, target, ["127.0.0.1"] * 12)
    for destination in destinations:
        wait_checked(buyer, destination)
    waits = "SELECT extract(epoch FROM next_at - checked_at)::float8 FROM config.destination_health"
    spread = sorted(seconds for (seconds,) in database.rows(waits))
    # 300 s; the moment of storing is a little behind that of the check.
    assert 269 <= spread[0] < spread[-1] <= 331
    assert len({round(seconds) for seconds in spread}) > 3


def test_what_is_not_checked_any_more_is_not_down(buyer, edge, target):
    target.status = 503
    destination = make_checked(buyer, target, failures_before_down=1)
    wait_until(lambda: edge.down() == [destination["id"]], "the edge to know")
    path = f"/api/v1/destinations/{destination['id']}"
    assert buyer.patch(path, json={"health_check": False}, headers={"If-Match": "*"}).status_code == 200
    wait_until(lambda: edge.down() == [], "the edge to know")


def test_an_edge_that_lost_its_state_gets_the_overlay_again(buyer, edge, target):
    target.status = 503
    destination = make_checked(buyer, target, failures_before_down=1)
    wait_until(lambda: edge.down() == [destination["id"]], "the edge to know")
    edge.nginx.stop()
    for file in edge.nginx.run_path.glob("*"):
        file.unlink() if not file.is_dir() else None
    edge.nginx.start()
    wait_until(lambda: edge.down() == [destination["id"]], "the edge to be told again", seconds=40)


def test_an_edge_that_is_ahead_of_a_restored_database_follows_it(buyer, edge, target, database):
    wait_until(lambda: edge.overlay()["counter"] > 0, "the first overlay")
    target.status = 503
    destination = make_checked(buyer, target, failures_before_down=1)
    wait_until(lambda: edge.down() == [destination["id"]], "the edge to know")
    before = edge.overlay()["counter"]
    database.execute("UPDATE config.overlay SET counter = 1")
    wait_until(lambda: edge.overlay()["counter"] > before, "a version above that of the edge", seconds=30)
    assert edge.down() == [destination["id"]]
