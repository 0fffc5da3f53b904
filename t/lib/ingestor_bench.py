"""The ingestor without nginx: journals made by tributary-journal-write, and what came of them in PostgreSQL."""

import subprocess
from types import SimpleNamespace

from lib.ingestor import Ingestor
from lib.places import program
from lib.wait import wait_until

COUNTS = """
SELECT (SELECT count(*) FROM events.clicks), (SELECT count(DISTINCT id) FROM events.clicks),
       (SELECT count(*) FROM events.postbacks), (SELECT count(*) FROM events.conversions)
"""


class Bench:
    """Journals in two directories, an ingestor and its database."""

    def __init__(self, workspace, database):
        self.database = database
        self.directories = SimpleNamespace(
            journal_path=workspace.directory("journal", owner=None),
            run_path=workspace.directory("run", owner=None, on_run=True),
        )
        self.workspace = workspace
        self.ingestor = Ingestor(workspace, database, self.directories)
        database.execute(
            "INSERT INTO events.known_campaigns (campaign, team)"
            " SELECT n, '11111111-1111-1111-1111-111111111111' FROM generate_series(1, 50) n"
        )
        database.execute(
            "INSERT INTO events.known_networks (network, team) VALUES (1, '11111111-1111-1111-1111-111111111111')"
        )

    def write(self, *commands, slot=0, die=False, segment=None):
        """Make one journal."""
        command = [program("tributary-journal-write"), "--journal", self.directories.journal_path]
        command += ["--run", self.directories.run_path, "--slot", str(slot)]
        command += ["--die"] if die else []
        command += ["--segment", str(segment)] if segment else []
        subprocess.run([str(part) for part in command], input="\n".join(commands), text=True, check=True)

    def counts(self):
        return self.database.rows(COUNTS)[0]

    def wait_for_counts(self, clicks, postbacks=0, conversions=0, seconds=30):
        expected = (clicks, clicks, postbacks, conversions)
        wait_until(lambda: self.counts() == expected, lambda: f"{expected} in PostgreSQL, not {self.counts()}", seconds)

    def begin_command(self, *arguments):
        return self.ingestor.begin_command(*arguments)

    def command(self, *arguments):
        return self.ingestor.command(*arguments)

    def assert_rollup_is_raw(self):
        days = self.database.rows(
            "SELECT min(time AT TIME ZONE 'UTC')::date::text, max(time AT TIME ZONE 'UTC')::date::text"
            " FROM events.clicks"
        )[0]
        done = self.command("recount", "--from", days[0], "--to", days[1])
        assert done.returncode == 0, done.stdout


def sale(click, transaction, payout=1_500_000):
    return f"postback {click} {transaction} 2 {payout}"
