"""HTTP/2 by hand, for what no client library would send."""

import contextlib
import socket
import ssl
import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, END_HEADERS = 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def string(text):
    """Not compressed; its length in seven bits and as many more as it takes."""
    length = len(text)
    if length < 127:
        return bytes([length]) + text
    out, length = b"\x7f", length - 127
    while length >= 128:
        out, length = out + bytes([length % 128 + 128]), length // 128
    return out + bytes([length]) + text


def request(stream, path, *fields, method="GET", authority="localhost"):
    """The one frame of a request without a body. `fields` are pairs, in this order behind the pseudo headers."""
    usual = [(":method", method), (":scheme", "http"), (":path", path), (":authority", authority)]
    return block(stream, *[pair for pair in usual if pair[1] is not None], *fields)


def block(stream, *fields):
    pairs = b"".join(b"\x10" + string(as_bytes(name)) + string(as_bytes(value)) for name, value in fields)
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, pairs)


@contextlib.contextmanager
def connect(port, over_tls=False):
    raw = socket.create_connection(("127.0.0.1", port), 10)
    if over_tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        raw = context.wrap_socket(raw)
    with raw as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
        yield connection


def frames(connection):
    """Kind, stream and content of every frame until the server closes."""
    received = b""
    while True:
        while len(received) >= 9 and len(received) >= 9 + int.from_bytes(received[:3], "big"):
            length = int.from_bytes(received[:3], "big")
            yield received[3], int.from_bytes(received[5:9], "big"), received[9 : 9 + length]
            received = received[9 + length :]
        try:
            chunk = connection.recv(65536)
        except ConnectionResetError:
            return
        if not chunk:
            return
        received += chunk


def status_of(content):
    """The status in the header block of a response; nginx names it first."""
    if content[0] & 0xE0 == 0x20:  # a new size of the table goes before
        content = content[1:]
    known = {0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500}
    if content[0] in known:
        return known[content[0]]
    assert content[0] & 0x3F == 8, content
    assert content[1] == 3, content
    return int(content[2:5])


def outcome(connection, stream):
    """What became of a request: the status of its answer, or "reset" of the stream, or "closed" for the connection."""
    for kind, seen_stream, content in frames(connection):
        if (kind, seen_stream) == (HEADERS, stream):
            return status_of(content)
        if (kind, seen_stream) == (RST_STREAM, stream):
            return "reset"
        if kind == GOAWAY:
            return "closed"
    return "closed"


def wait_frame(connection, kind, stream):
    for seen_kind, seen_stream, content in frames(connection):
        if (seen_kind, seen_stream) == (kind, stream):
            return content
    raise AssertionError(f"closed before a frame of kind {kind} on stream {stream}")
