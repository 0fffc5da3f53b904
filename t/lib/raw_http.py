"""HTTP by hand, for requests that no client library would send."""

import contextlib
import socket
from dataclasses import dataclass, field


@dataclass
class RawAnswer:
    status: int
    headers: list = field(default_factory=list)  # (lower-case name, value) as received
    body: bytes = b""

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    @property
    def location(self):
        return self.header("location")


def exchange(port, request, timeout=10.0):
    """Send bytes, read until the server closes or the answer is whole; None when it closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        # The server may answer and close before it has read everything.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(request)
        return read_answer(connection)


def read_answer(connection):
    received = b""
    while not complete(received):
        try:
            chunk = connection.recv(65536)
        except ConnectionResetError:
            break
        if not chunk:
            break
        received += chunk
    return parse(received) if received else None


def complete(received):
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    return length is not None and len(body) >= int(length.split(b":")[1])


def parse(received):
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if not lines[0].startswith(b"HTTP/"):
        return RawAnswer(0, [], received)  # HTTP/0.9
    headers = [tuple(part.strip().decode("latin-1") for part in line.split(b":", 1)) for line in lines[1:]]
    return RawAnswer(int(lines[0].split()[1]), [(name.lower(), value) for name, value in headers], body)


def get(port, target, method=b"GET", headers=()):
    """One request with `target` sent byte for byte."""
    if isinstance(target, str):
        target = target.encode()
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
    return exchange(port, b"\r\n".join(lines) + b"\r\n\r\n")
