"""What the ingestor finds out about visitors: the place by geo data, the device by user agent rules."""

import subprocess

import pytest

from lib.ingestor_bench import Bench
from lib.places import ROOT, program
from lib.wait import wait_until

FIXTURES = ROOT / "core" / "geo" / "fixtures"
RULES = ROOT / "conf" / "user-agents" / "agents.rules"
FILES = "TRIBUTARY_INGESTOR_GEO__FILES"
VISITOR = """
SELECT DISTINCT country, continent, region, city, isp, asn, connection, device, os, browser, browser_version, bot
FROM events.clicks
"""


@pytest.fixture
def bench(workspace, database):
    made = Bench(workspace, database)
    yield made
    made.ingestor.kill()


def said(bench, text):
    return text in bench.ingestor.program.tail(1000)


@pytest.mark.proves("C27", "C129")
def test_what_the_edge_did_not_need_is_filled_in(bench):
    files = ":".join(str(FIXTURES / f"{name}.mmdb") for name in ("city-nested", "asn"))
    bench.ingestor.program.env.update({FILES: files, "TRIBUTARY_INGESTOR_USER_AGENTS__RULES": str(RULES)})
    bench.write("clicks 200 3")
    bench.ingestor.start()
    bench.wait_for_counts(200)
    place = ("DE", "EU", "BE", "Berlin", "Example Networks", 64496, None)
    assert bench.database.rows(VISITOR) == [(*place, "desktop", "Linux", "Chrome", "120.0", False)]


def test_the_place_that_the_edge_decided_by_stays(bench):
    bench.ingestor.program.env[FILES] = str(FIXTURES / "city-nested.mmdb")
    bench.write("place CH Basel", "clicks 10 1")
    bench.ingestor.start()
    bench.wait_for_counts(10)
    assert bench.database.rows("SELECT DISTINCT country, city, region FROM events.clicks") == [("CH", "Basel", None)]


def test_geo_data_is_replaced_while_the_ingestor_runs_and_a_bad_file_changes_nothing(bench, tmp_path):
    file = tmp_path / "geo.mmdb"

    def become(content):
        fresh = tmp_path / "fresh"
        fresh.write_bytes(content)
        fresh.rename(file)

    become((FIXTURES / "country-flat.mmdb").read_bytes())
    bench.ingestor.program.env[FILES] = str(file)
    bench.write("clicks 10 1", slot=0)
    bench.ingestor.start()
    bench.wait_for_counts(10)
    become(b"not a database")
    wait_until(lambda: said(bench, "geo data cannot be used"), "the bad file to be noticed")
    bench.write("clicks 10 1", slot=1)
    bench.wait_for_counts(20)
    assert bench.database.rows("SELECT DISTINCT country, isp FROM events.clicks") == [("DE", None)]
    become((FIXTURES / "ipinfo.mmdb").read_bytes())
    wait_until(lambda: said(bench, "ipinfo"), "the new file to be noticed")
    bench.write("clicks 10 1", slot=2)
    bench.wait_for_counts(30)
    assert ("IT", "Example LLC") in bench.database.rows("SELECT DISTINCT country, isp FROM events.clicks")


def test_without_data_files_everything_else_is_stored(bench):
    bench.ingestor.program.env[FILES] = "/nonexistent.mmdb"
    bench.write("clicks 10 1")
    bench.ingestor.start()
    bench.wait_for_counts(10)
    assert bench.database.value("SELECT count(*) FROM events.clicks WHERE country IS NULL AND bot IS NULL") == 10
    assert said(bench, "No such file or directory")


def test_check_names_a_file_that_cannot_be_used(bench):
    environment = {**bench.ingestor.program.env, FILES: str(FIXTURES / "no-place.mmdb")}
    command = [program("tributary-ingestor"), "--config", bench.ingestor.settings, "check"]
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 1
    assert "no-place.mmdb (GeoIP2-Domain) holds nothing of use" in checked.stdout
