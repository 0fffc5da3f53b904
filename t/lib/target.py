"""A destination: a small HTTP server that answers as it is told, and remembers what it was asked."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Target:
    def __init__(self):
        self.status = 200
        self.location = None
        self.hangs = threading.Event()  # while set, nobody gets an answer
        self.closing = threading.Event()
        self.asked = []  # "METHOD path"
        self.agents = []  # User-Agent of each
        self.headers = []  # all headers of each
        self.bodies = []  # of each; empty without one
        self.text = ""  # what it answers
        self.lock = threading.Lock()
        self.busy = 0  # requests that are being answered
        self.most_busy = 0
        self.server = ThreadingHTTPServer(("0.0.0.0", 0), self.handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def handler(self):
        target = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                target.asked.append(f"{self.command} {self.path}")
                target.agents.append(self.headers["User-Agent"])
                target.headers.append(dict(self.headers))
                target.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
                with target.lock:
                    target.busy += 1
                    target.most_busy = max(target.most_busy, target.busy)
                while target.hangs.is_set() and not target.closing.wait(0.01):
                    pass
                with target.lock:
                    target.busy -= 1
                self.send_response(target.status)
                if target.location:
                    self.send_header("Location", target.location)
                self.send_header("Content-Length", str(len(target.text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(target.text.encode())

            do_GET = do_HEAD = do_POST = answer

            def log_message(self, *arguments):
                pass

        return Handler
