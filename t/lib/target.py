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
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def handler(self):
        target = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                target.asked.append(f"{self.command} {self.path}")
                while target.hangs.is_set() and not target.closing.wait(0.01):
                    pass
                self.send_response(target.status)
                if target.location:
                    self.send_header("Location", target.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = answer

            def log_message(self, *arguments):
                pass

        return Handler
