"""PostgreSQL has no room: the ingestor waits, says why, and goes on by itself; nothing is lost, doubled or refused."""

import psycopg
import pytest

from lib.ingestor_bench import Bench, sale
from lib.places import IS_ROOT, Workspace
from lib.postgres import SUPERUSER, Postgres
from lib.small_disk import fill, mounted
from lib.wait import wait_until

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="mounting a small file system needs root")

DATA_KB = 192 * 1024
WAL_KB = 128 * 1024
JOURNALS = 6
CLICKS = 3000
SALES = 20


@pytest.fixture
def space():
    made = Workspace("full")
    yield made
    made.remove()


@pytest.fixture
def cluster_with_small_data(space):
    wal = space.directory("wal", owner=SUPERUSER) / "pg_wal"
    with mounted(space.directory("postgres"), DATA_KB, SUPERUSER) as disk:
        yield from running_cluster(Postgres(space, wal), disk)


@pytest.fixture
def cluster_with_small_wal(space):
    with mounted(space.directory("wal"), WAL_KB, SUPERUSER) as disk:
        postgres = Postgres(space, disk / "pg_wal", max_wal_size="64MB", min_wal_size="32MB")
        yield from running_cluster(postgres, disk)


def running_cluster(postgres, disk):
    postgres.create()
    try:
        postgres.make_template()
        yield postgres, disk
    finally:
        postgres.remove()


@pytest.fixture
def begin(workspace):
    """A running ingestor with one stored journal, and the disk of its PostgreSQL full."""
    made = []

    def make(postgres, disk):
        bench = Bench(workspace, postgres.database())
        made.append(bench)
        write(bench, 0)
        bench.ingestor.start()
        bench.wait_for_counts(CLICKS, SALES, SALES)
        return bench, fill(disk)

    yield make
    for bench in made:
        bench.ingestor.kill()


def write(bench, slot):
    bench.write(f"clicks {CLICKS} 20", *[sale(n, f"t{slot}.{n}") for n in range(SALES)], slot=slot)


def assert_all_stored_once(bench):
    bench.wait_for_counts(CLICKS * JOURNALS, SALES * JOURNALS, SALES * JOURNALS, seconds=60)
    assert bench.database.value("SELECT count(*) FROM events.ingestion_errors") == 0
    assert bench.database.value("SELECT count(*) FROM events.incidents") == 0
    bench.assert_rollup_is_raw()


@pytest.mark.proves("F36")
def test_f36_full_data_directory_pauses_ingestion_until_there_is_room(cluster_with_small_data, begin):
    bench, hog = begin(*cluster_with_small_data)
    for slot in range(1, JOURNALS - 1):
        write(bench, slot)
    wait_until(lambda: "No space left on device" in bench.ingestor.program.tail(), "the cause in the log")
    assert "tributary_ingestor_connected" in bench.ingestor.metrics()
    hog.unlink()
    write(bench, JOURNALS - 1)
    assert_all_stored_once(bench)


@pytest.mark.proves("F36")
def test_f36_a_server_that_panics_for_want_of_wal_comes_back_to_an_ingestor_that_waited(cluster_with_small_wal, begin):
    postgres, disk = cluster_with_small_wal
    bench, hog = begin(postgres, disk)
    for slot in range(1, JOURNALS - 1):
        write(bench, slot)
        use_up_a_wal_segment(postgres)
    wait_until(lambda: not postgres.program.running or use_up_a_wal_segment(postgres), "the server to go down")
    wait_until(lambda: "tributary_ingestor_connected 0" in bench.ingestor.metrics(), "the loss to be noticed")
    assert bench.ingestor.program.running
    hog.unlink()
    postgres.ensure_running()  # as a service manager does
    write(bench, JOURNALS - 1)
    assert_all_stored_once(bench)


def use_up_a_wal_segment(postgres):
    try:
        with postgres.connect("postgres") as session:
            session.execute("CREATE TEMPORARY TABLE written (n int)")
            session.execute("SELECT pg_switch_wal()")
    except psycopg.Error:
        pass  # it is down, or on its way
    return False
