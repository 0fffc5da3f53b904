"""Caps on clicks after a reboot: closed until the totals have come, then open without having passed the cap."""

import shutil
import signal
from urllib.parse import urlsplit

import pytest

from lib.admin_client import made, make_campaign
from lib.full_stack import FullStack
from lib.process import alive, signal_pid
from lib.wait import wait_until

CAP = 30


class Capped:
    """A campaign whose first choice takes CAP clicks; the others go to the second."""

    def __init__(self, full, rule, period):
        self.full = full
        full.add_edge()
        first, second = self.destination("first"), self.destination("second")
        self.campaign = make_campaign(full.buyer, "sale")
        self.query = "?sub3=pub-7" if rule == "per sub id" else ""
        if rule != "limit":
            cap = {"measure": "clicks", "period": period, "amount": str(CAP), "time_zone": "Asia/Kolkata"}
            cap["per"] = 3 if rule == "per sub id" else None
            path, change = f"/api/v1/destinations/{first}", {"caps": [cap], "overflow_id": second}
            assert full.buyer.patch(path, json=change, headers={"If-Match": "*"}).status_code == 200
            self.stream("all", "regular", first, [])
        else:
            limit = {"kind": "click_limit", "argument": f"{period} Asia/Kolkata", "accepted": [str(CAP)]}
            self.stream("limited", "regular", first, [limit])
            self.stream("rest", "default", second, [])
        full.wait_pushed()
        self.taken = 0

    def destination(self, name):
        fields = {"name": name, "url": f"https://{name}.example.com/?cid={{click_id}}"}
        return made(self.full.buyer.post("/api/v1/destinations", json=fields))["id"]

    def stream(self, name, kind, destination, conditions):
        fields = {"name": name, "kind": kind, "destinations": [{"destination_id": destination, "weight": 1}]}
        path = f"/api/v1/campaigns/{self.campaign['id']}/streams"
        made(self.full.buyer.post(path, json={**fields, "conditions": conditions}))

    def click(self, times):
        """How many of these clicks the capped one took. What is no visit is asked for as well, and must not count."""
        before = self.taken
        for _ in range(times):
            assert self.full.nginx.client.head(f"/c/sale{self.query}").status_code == 302
            answer = self.full.nginx.client.get(f"/c/sale{self.query}")
            self.taken += urlsplit(answer.headers["location"]).netloc == "first.example.com"
        return self.taken - before


def wait_recorded(nginx):
    """Everything that was answered is on disk."""

    def recorded():
        journals = [worker["journal"] for worker in nginx.client.get("/tributary/status").json()["workers"]]
        return all(journal["durable"] == journal["committed"] for journal in journals)

    wait_until(recorded, "the journals to be durable")


def reboot(full):
    """Every process of nginx is killed, the run directory is empty, nginx starts again."""
    nginx = full.nginx
    wait_recorded(nginx)
    workers = nginx.workers()
    nginx.kill_master()
    for pid in workers:
        signal_pid(pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in workers), "the workers to be gone")
    for entry in nginx.run_path.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    nginx.restart_after_kill()


def caps(nginx):
    return nginx.edge_state()["caps"]


def wait_open(nginx):
    wait_until(lambda: caps(nginx)["known"], lambda: f"the caps to be open again\n{nginx.tail()}", 30)


@pytest.fixture
def make_full(workspace, database):
    made_stacks = []

    def make(**options):
        settings = {"push": ["check_interval_ms: 200"]}
        made_stacks.append(FullStack(workspace, database, settings=settings, server="", **options))
        return made_stacks[-1]

    yield make
    for stack in made_stacks:
        stack.finish()


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        ("cap", "total"),
        ("cap", "month"),
        ("limit", "total"),
        ("limit", "day"),
        ("per sub id", "total"),
        ("per sub id", "week"),
    ],
)
def test_after_a_reboot_a_cap_takes_what_is_left_of_it(make_full, database, rule, period):
    full = make_full()
    capped = Capped(full, rule, period)
    life = caps(full.nginx)["life"]
    assert capped.click(20) == 20
    wait_until(lambda: database.value("SELECT count(*) FROM events.clicks") == 40, "the clicks to be stored")
    full.ingestor.stop()
    assert capped.click(5) == 5  # only the journal knows of these
    full.admin.stop()
    reboot(full)
    assert caps(full.nginx)["life"] != life
    assert not full.nginx.client.get("/tributary/status").json()["caps"]["known"]
    assert capped.click(5) == 0, "closed until the totals are known"
    full.admin.start()
    wait_open(full.nginx)
    assert capped.click(20) == CAP - 25
    if rule == "per sub id":
        capped.query = ""
        assert capped.click(CAP + 5) == CAP, "the absent value has all of its own"
    full.ingestor.start()


class OverLander:
    """A campaign that shows a page, whose link leads to a destination that takes CAP visitors."""

    def __init__(self, full, per):
        self.full = full
        full.add_edge()
        post = full.buyer.post
        cap = {"measure": "clicks", "period": "total", "amount": str(CAP), "per": per}
        url = "https://first.example.com/?cid={click_id}"
        first = made(post("/api/v1/destinations", json={"name": "first", "url": url, "caps": [cap]}))["id"]
        page = {"name": "page", "url": "https://page.example.com/?lander_click={lander_click}&sub3={sub3}"}
        lander = made(post("/api/v1/landers", json=page))["id"]
        stream = {"name": "all", "destinations": [{"destination_id": first}], "landers": [{"lander_id": lander}]}
        back = "https://back.example.com/"
        campaign = make_campaign(full.buyer, "sale", trafficback=back)
        made(post(f"/api/v1/campaigns/{campaign['id']}/streams", json=stream))
        full.wait_pushed()

    def click(self, times):
        """How many of the visitors who went on from the page the destination took."""
        taken = 0
        for _ in range(times):
            page = urlsplit(self.full.nginx.client.get("/c/sale?sub3=pub-7").headers["location"])
            if page.netloc == "page.example.com":
                sent = self.full.nginx.client.get(f"/lp?{page.query}").headers["location"]
                taken += urlsplit(sent).netloc == "first.example.com"
        return taken


@pytest.mark.parametrize("per", [None, 3])
def test_after_a_reboot_visitors_whom_landers_had_sent_still_count(make_full, database, per):
    full = make_full()
    over = OverLander(full, per)
    assert over.click(12) == 12
    stored = "SELECT count(*) FROM events.lander_clicks"
    wait_until(lambda: database.value(stored) == 12, "the followed links to be stored")
    full.ingestor.stop()
    assert over.click(5) == 5  # only the journal knows of these
    full.admin.stop()
    reboot(full)
    assert over.click(3) == 0, "closed until the totals are known"
    full.admin.start()
    wait_open(full.nginx)
    assert over.click(20) == CAP - 17
    full.ingestor.start()


@pytest.mark.parametrize("per", [None, 3])
def test_followed_links_of_dropped_partitions_still_count(make_full, database, per):
    full = make_full()
    over = OverLander(full, per)
    assert over.click(12) == 12
    wait_until(lambda: database.value("SELECT count(*) FROM events.lander_clicks") == 12, "the links to be stored")
    full.ingestor.stop()
    drop_all_days(database)
    assert database.value("SELECT count(*) FROM events.lander_clicks") == 0
    reboot(full)
    wait_open(full.nginx)
    assert over.click(40) == CAP - 12
    full.ingestor.start()


def drop_all_days(database):
    """What is stored lies two days back; then those days are dropped."""
    database.execute("SELECT events.ensure_partition((now() AT TIME ZONE 'UTC')::date - 2)")
    for table in ("clicks", "lander_clicks"):
        database.execute(f"UPDATE events.{table} SET time = time - interval '2 days'")
    while database.value("SELECT events.drop_oldest_partition((now() AT TIME ZONE 'UTC')::date)"):
        pass


def test_reboots_one_after_the_other_never_pass_the_cap_and_leave_nothing_of_it(make_full):
    """The ingestor removes what it has stored while the edge looks for it."""
    full = make_full(keep_hours=0)
    capped = Capped(full, "cap", "total")
    for clicks in (7, 0, 9, 11):
        assert capped.click(clicks) == clicks
        reboot(full)
        wait_open(full.nginx)
    assert capped.click(20) == CAP - 27
    assert capped.click(5) == 0


def test_a_journal_that_was_read_to_its_end_counts_once_while_its_files_stay(make_full, database):
    full = make_full()
    capped = Capped(full, "cap", "total")
    stored = "SELECT count(*) FROM events.clicks"
    ended = "SELECT count(*) FROM events.journals WHERE finished_at IS NOT NULL"
    for clicks in (8, 6):
        assert capped.click(clicks) == clicks
        reboot(full)
        wait_until(lambda: database.value(stored) == 2 * capped.taken, "the clicks to be stored")
        wait_until(lambda: database.value(ended) > 0, "the journals to be read to their end")
        assert list(full.nginx.journal_path.glob("*.segment"))
        wait_open(full.nginx)
    assert capped.click(40) == CAP - 14


def test_a_cap_made_today_does_not_count_the_clicks_before_it(make_full, database):
    full = make_full()
    capped = Capped(full, "cap", "total")
    path = "/api/v1/destinations/" + str(database.value("SELECT id FROM config.destinations WHERE name = 'first'"))
    assert capped.click(3) == 3
    for change in ([], [{"measure": "clicks", "period": "total", "amount": "10"}]):
        assert full.buyer.patch(path, json={"caps": change}, headers={"If-Match": "*"}).status_code == 200
    full.wait_pushed()
    assert capped.click(4) == 4
    wait_until(lambda: database.value("SELECT count(*) FROM events.clicks") == 14, "the clicks to be stored")
    reboot(full)
    wait_open(full.nginx)
    assert capped.click(20) == 6


@pytest.mark.parametrize("rule", ["cap", "per sub id"])
def test_clicks_of_dropped_partitions_still_count(make_full, database, rule):
    full = make_full()
    capped = Capped(full, rule, "total")
    assert capped.click(12) == 12
    wait_until(lambda: database.value("SELECT count(*) FROM events.clicks") == 24, "the clicks to be stored")
    full.ingestor.stop()
    drop_all_days(database)
    assert database.value("SELECT count(*) FROM events.clicks") == 0
    reboot(full)
    wait_open(full.nginx)
    assert capped.click(40) == CAP - 12
    full.ingestor.start()
