"""The ingestor as a child process."""

import httpx

from lib.places import free_port, program
from lib.process import Program

SETTINGS = """\
postgres:
  url: "{url}"
source: journal
journal:
  path: "{journal}"
  run_path: "{run}"
  keep_hours: 24
  keep_bytes: 1073741824
batch:
  rows: {rows}
  bytes: 16777216
  interval_ms: 50
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

    def __init__(self, workspace, database, nginx, rows=10000):
        self.port = free_port()
        self.settings = workspace.disk / "ingestor.yaml"
        url = database.url("tributary_ingestor")
        self.settings.write_text(
            SETTINGS.format(url=url, journal=nginx.journal_path, run=nginx.run_path, rows=rows, port=self.port)
        )
        command = [program("tributary-ingestor"), "--config", self.settings]
        self.program = Program("ingestor", command, workspace.logs)

    def start(self):
        self.program.start()
        self.program.wait_ready(self.listening)
        return self

    def listening(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def metrics(self):
        return httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text

    @property
    def pid(self):
        return self.program.pid

    def kill(self):
        self.program.kill()

    def stop(self):
        code = self.program.stop()
        assert code == 0, f"the ingestor ended with {code}:\n{self.program.tail()}"
