"""Everything together: admin-api, one edge that takes its pushes, an ingestor."""

from lib.admin import EMAIL, Admin
from lib.admin_client import log_in, made, make_team
from lib.ingestor import Ingestor
from lib.nginx import Nginx
from lib.wait import wait_until

CLICKS = """
        location = /tributary/clicks {{
            internal;
            proxy_pass {admin}/internal/external-click;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_set_header Content-Length "";
            proxy_connect_timeout 1s;
            proxy_read_timeout 1s;
        }}
"""


class FullStack:
    """admin-api, one edge that takes its pushes, an ingestor."""

    def __init__(self, workspace, database, settings=None, ingestor_settings=None, keep_hours=24, **options):
        """`settings` (section: lines) join those of admin-api, `keep_hours` is the ingestor's, options are nginx's."""
        self.database = database
        self.admin = Admin(workspace, database)
        self.admin.settings.write_text(joined(self.admin.settings.read_text(), settings or {}))
        self.admin.set_up()
        self.socket = workspace.run / "edge.sock"
        defaults = {
            "http": "tributary_uniques size=8m;",
            "server": f"listen unix:{self.socket};" + CLICKS.format(admin=self.admin.url),
            "postback_options": "clicks=/tributary/clicks",
        }
        self.nginx = Nginx(workspace, **{**defaults, **options})
        self.nginx.keys = self.admin.keys
        self.nginx.start()
        self.ingestor = Ingestor(workspace, database, self.nginx, keep_hours=keep_hours)
        self.ingestor.settings.write_text(joined(self.ingestor.settings.read_text(), ingestor_settings or {}))
        self.ingestor.start()
        self.root = log_in(self.admin, EMAIL, self.admin.password)
        self.buyer = make_team(self.admin, self.root, "red")[1]

    def add_edge(self, address=None):
        """Make the edge known to admin-api, which pushes to it from then on."""
        edge = {"name": "test", "number": 1, "push_url": f"{address or self.nginx.url}/tributary/config"}
        return made(self.root.post("/api/v1/edges", json=edge))

    def wait_pushed(self):
        def pushed():
            edges = self.root.get("/api/v1/snapshot/status").json()["edges"]
            return edges and all(edge["acknowledged"] and edge["lag"] == 0 for edge in edges)

        wait_until(pushed, "the edge to acknowledge the last change")

    def finish(self):
        try:
            self.ingestor.stop()
            self.admin.stop()
        finally:
            self.nginx.finish()


def joined(text, settings):
    """YAML with more lines in its sections."""
    for section, lines in settings.items():
        head = f"{section}:\n"
        text = text if head in text else text + head
        text = text.replace(head, head + "".join(f"  {line}\n" for line in lines))
    return text
