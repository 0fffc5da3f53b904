"""nginx, ingestor and a database that belong together, without admin-api: for faults and load."""

from lib.conservation import check, wait_drained
from lib.ingestor import Ingestor
from lib.nginx import Nginx

CLICK = "/c/c{n}?sub1={uid}&cost=0.01"
POSTBACK = "/postback/demo/secret?cid={click}&txid={uid}&payout=1.25&status=approved"


class Stack:
    def __init__(self, workspace, database, **nginx_options):
        self.workspace = workspace
        self.database = database
        self.nginx = Nginx(workspace, **nginx_options)
        self.ingestor = Ingestor(workspace, database, self.nginx)

    def start(self, **snapshot):
        self.nginx.start()
        self.nginx.push(**snapshot)
        self.ingestor.start()
        return self

    def load_options(self, **options):
        """Clicks with a tenth of postbacks, every one with an id of its own."""
        defaults = {
            "out": self.workspace.disk / f"answers-{options.get('run', 'run')}.tsv",
            "click": CLICK,
            "postback": POSTBACK,
            "postback_share": 0.1,
            "repeat_share": 0.1,
        }
        return {**defaults, **options}

    def assert_conserved(self, answers, seconds=60.0):
        wait_drained(self.database, self.nginx, answers, seconds)
        self.ingestor.stop()
        return check(answers, self.database, self.nginx)

    def finish(self):
        try:
            if self.ingestor.program.running:
                self.ingestor.stop()
        finally:
            self.nginx.finish()
