"""Journal to PostgreSQL, exactly once and with rollups, beside COPY text of the same rows into the same tables."""

import os
import resource
import subprocess
import time

from measure import quartiles, ratios, table

from lib.ingestor import Ingestor
from lib.nginx import Nginx
from lib.places import Workspace
from lib.postgres import Postgres
from lib.process import children, cpu_ns
from lib.tools import Load
from lib.wait import wait_until

TABLES = ("events.clicks", "events.postbacks", "events.conversions")
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "512MB", "autovacuum": "off"}
CLICK = "/c/c{n}?sub1={uid}&sub2=banner&utm_source=facebook&utm_campaign=spring&cost=0.012&external_id=b7f3a9"
POSTBACK = "/postback/demo/secret?cid={click}&txid={uid}&payout=1.25&status=approved"
CAMPAIGNS = 1000
KNOWN = """
INSERT INTO events.known_campaigns (campaign, team)
SELECT n, '11111111-1111-1111-1111-111111111111' FROM generate_series(1, %s) n;
INSERT INTO events.known_networks (network, team)
SELECT n, '11111111-1111-1111-1111-111111111111' FROM generate_series(1, %s) n
"""
TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def fill_journal(nginx, rows):
    """Clicks with 2 % postbacks until there are enough; returns how many."""
    total = 0
    while total < rows:
        load = Load(
            nginx.port,
            rate=0,
            duration=5,
            run=f"fill{total}",
            campaigns=CAMPAIGNS,
            click=CLICK,
            postback=POSTBACK,
            postback_share=0.02,
        )
        result = load.finish()
        assert result.failed == 0, result.summary
        total += result.answered
    return total


def postgres_cpu_ns(cluster):
    """CPU of the server: processes that ended, and those that live."""
    pid = cluster.program.pid
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    ended = sum(int(value) for value in fields[11:15]) * TICK_NS
    return ended + sum(cpu_ns(child) for child in children(pid))


def new_database(cluster):
    """As in service: campaigns are known, the partitions of these days are made. Nothing of another run is dirty."""
    database = cluster.database()
    for statement in (KNOWN.replace("%s", str(CAMPAIGNS)), "SELECT events.ensure_partitions()"):
        database.execute(statement)
    database.execute("CHECKPOINT")
    return database


def run_ingestor(workspace, cluster, nginx, rows):
    """Seconds and CPU-seconds until every row of the journal is committed; keeps the database."""
    database = new_database(cluster)
    ingestor = Ingestor(workspace, database, nginx, rows=50_000, interval_ms=250)  # the defaults
    cpu_before = postgres_cpu_ns(cluster)
    with cluster.connect(database.name) as session:

        def stored():
            query = "SELECT coalesce(sum(clicks + trafficbacks + postbacks + errors), 0) FROM events.batches"
            return session.execute(query).fetchone()[0] >= rows

        begin = time.monotonic()
        ingestor.program.start()
        try:
            wait_until(stored, f"{rows} rows", 600, every=0.02)
            seconds = time.monotonic() - begin
            cpu = cpu_ns(ingestor.pid) + postgres_cpu_ns(cluster) - cpu_before
        finally:
            ingestor.stop()
    return database, seconds, cpu / 1e9


def export(database, directory):
    """The rows as text files, by table."""
    files = {}
    for name in TABLES:
        path = directory / f"{name}.copy"
        query = f"COPY (SELECT * FROM {name}) TO STDOUT"
        with (
            database.cluster.connect(database.name) as session,
            path.open("wb") as file,
            session.cursor().copy(query) as copy,
        ):
            for block in copy:
                file.write(block)
        files[name] = path
    return files


def children_cpu_ns():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((used.ru_utime + used.ru_stime) * 1e9)


def run_copy(cluster, files):
    """COPY text of the same rows by psql: one connection over the same socket, one transaction."""
    database = new_database(cluster)
    command = ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", database.url()]
    for name, path in files.items():
        command += ["-c", f"\\copy {name} FROM '{path}'"]
    cpu_before = postgres_cpu_ns(cluster) + children_cpu_ns()
    begin = time.monotonic()
    subprocess.run(command, check=True)
    seconds = time.monotonic() - begin
    cpu = postgres_cpu_ns(cluster) + children_cpu_ns() - cpu_before
    database.drop()
    return seconds, cpu / 1e9


def measure(workspace, cluster, nginx, rows, rounds):
    """Rounds of both; the first run of the ingestor is the warm-up and supplies the rows."""
    database, _, _ = run_ingestor(workspace, cluster, nginx, rows)
    files = export(database, workspace.disk)
    database.drop()
    seconds = {"copy_text": [], "ingestor": []}
    cpu = {"copy_text": [], "ingestor": []}
    for _ in range(rounds):
        for case in seconds:
            if case == "copy_text":
                took, used = run_copy(cluster, files)
            else:
                database, took, used = run_ingestor(workspace, cluster, nginx, rows)
                database.drop()
            seconds[case].append(took)
            cpu[case].append(used)
    return seconds, cpu


def report(rows, seconds, cpu):
    results = []
    for case in seconds:
        low, ratio, high = quartiles(ratios(seconds["copy_text"], seconds[case]))
        results.append(
            {
                "name": case,
                "ratio": round(ratio, 3),
                "ratio_quartiles": [round(low, 3), round(high, 3)],
                "cpu_ratio": round(quartiles(ratios(cpu["copy_text"], cpu[case]))[1], 3),
                "rows_per_s": round(rows / quartiles(seconds[case])[1]),
                "rows_per_cpu_s": round(rows / quartiles(cpu[case])[1]),
                "rows": rows,
            }
        )
    columns = ("case", "rows/s", "ratio", "q1", "q3", "rows/CPU-s", "CPU ratio")
    table(
        columns,
        [(r["name"], r["rows_per_s"], r["ratio"], *r["ratio_quartiles"], r["rows_per_cpu_s"], r["cpu_ratio"])
         for r in results],
    )  # fmt: skip
    return results


def run(options):
    workspace = Workspace("bench")
    cluster = Postgres(workspace, **SETTINGS)
    nginx = Nginx(workspace, workers=1, journal_options="ring=64m segment=64m")
    try:
        cluster.create().make_template()
        nginx.start()
        nginx.push(campaigns=CAMPAIGNS, destinations=3)
        rows = fill_journal(nginx, options.rows)
        nginx.stop()
        print(f"{rows:,} rows; ratio: rows per second of the case / of copy_text in the same round")
        return report(rows, *measure(workspace, cluster, nginx, rows, options.rounds or 3))
    finally:
        nginx.finish()
        cluster.remove()
        workspace.remove()
