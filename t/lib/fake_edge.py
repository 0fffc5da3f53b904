"""An edge that is a small Python server: verifies pushes by itself, keeps what it took, can be told to misbehave."""

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

ENVELOPE = re.compile(
    r"v1; edge=(?P<edge>[^;]+); epoch=(?P<epoch>\d+); generation=(?P<counter>\d+); length=(?P<length>\d+);"
    r" sha256=(?P<sha256>[0-9a-f]{64}); format=1; expires=(?P<expires>\d+); signature=(?P<signature>.+)"
)


class FakeEdge:
    """Answers like a location with tributary_config. `unavailable`, `workers_behind` and a
    `created_ms` make it a bad one."""

    def __init__(self, keys, name="test", number=0):
        text = (keys / "push.pub").read_text().strip().removeprefix("ed25519:")
        self.key = VerifyKey(base64.b64decode(text))
        self.name = name
        self.number = number
        self.generation = (0, 0)
        self.created_ms = 0  # what it says of the generation it has; 0: nothing
        self.pushes = []  # (epoch, counter, bytes) of every push that was taken
        self.unavailable = False
        self.workers_behind = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/config"

    def forget(self):
        """As after a reboot without a disk."""
        self.generation = (0, 0)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self, header, body):
        envelope = ENVELOPE.fullmatch(header or "")
        if not envelope:
            return 400, {"result": "refused", "reason": "malformed"}
        signed = b"PUT\n" + header.rpartition("; signature=")[0].encode()
        try:
            self.key.verify(signed, base64.b64decode(envelope["signature"]))
        except BadSignatureError:
            return 403, {"result": "refused", "reason": "bad signature"}
        right = envelope["edge"] == self.name and int(envelope["length"]) == len(body)
        if not right or envelope["sha256"] != hashlib.sha256(body).hexdigest():
            return 403, {"result": "refused", "reason": "not this edge or not this body"}
        self.generation = (int(envelope["epoch"]), int(envelope["counter"]))
        self.pushes.append((*self.generation, body))
        return 200, {"result": "published", "epoch": self.generation[0], "counter": self.generation[1]}

    def report(self):
        epoch, counter = self.generation
        worker = {"slot": 0, "pid": 1, "epoch": epoch, "counter": 0 if self.workers_behind else counter}
        return 200, {
            "edge": self.name,
            "number": self.number,
            "formats": {"min": 1, "max": 1},
            "epoch": epoch,
            "counter": counter,
            "created_ms": self.created_ms,
            "workers": [worker],
            "acknowledged": not self.workers_behind,
        }

    def handler(self):
        edge = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if edge.unavailable:
                    return self.answer(503, {})
                return self.answer(*edge.take(self.headers["Tributary-Push"], body))

            def do_GET(self):
                return self.answer(503, {}) if edge.unavailable else self.answer(*edge.report())

            def log_message(self, *arguments):
                pass

        return Handler
