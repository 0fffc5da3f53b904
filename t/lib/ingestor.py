"""The ingestor as a child process."""

import subprocess

import httpx

from lib.places import free_port, program
from lib.process import Program, answers

SETTINGS = """\
postgres:
  url: "{url}"
source: journal
journal:
  path: "{journal}"
  run_path: "{run}"
  keep_hours: {keep_hours}
  keep_bytes: 1073741824
batch:
  rows: {rows}
  bytes: 16777216
  interval_ms: {interval_ms}
http:
  listen: "127.0.0.1:{port}"
log:
  level: info
  format: json
retention:
  days: 30
"""


class Ingestor:
    """Drains the journals of one nginx into one database."""

    def __init__(self, workspace, database, nginx, rows=10000, interval_ms=50, keep_hours=24, name="ingestor"):
        self.port = free_port()
        self.settings = workspace.disk / f"{name}.yaml"
        url = database.url("tributary_ingestor")
        self.settings.write_text(
            SETTINGS.format(
                url=url,
                journal=nginx.journal_path,
                run=nginx.run_path,
                rows=rows,
                interval_ms=interval_ms,
                keep_hours=keep_hours,
                port=self.port,
            )
        )
        command = [program("tributary-ingestor"), "--config", self.settings]
        self.program = Program(name, command, workspace.logs)

    def start(self):
        self.program.start()
        self.program.wait_ready(lambda: answers(self.metrics_url))
        return self

    def begin_command(self, *arguments):
        """Another subcommand of tributary-ingestor with the same settings."""
        return subprocess.Popen(
            [str(program("tributary-ingestor")), "--config", str(self.settings), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *arguments):
        command = self.begin_command(*arguments)
        output, errors = command.communicate(timeout=60)
        return subprocess.CompletedProcess(command.args, command.returncode, output, errors)

    @property
    def metrics_url(self):
        return f"http://127.0.0.1:{self.port}/metrics"

    def metrics(self):
        return httpx.get(self.metrics_url, timeout=5).text

    @property
    def pid(self):
        return self.program.pid

    def kill(self):
        self.program.kill()

    def stop(self):
        code = self.program.stop()
        assert code == 0, f"the ingestor ended with {code}:\n{self.program.tail()}"
