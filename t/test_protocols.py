"""HTTP/2, TLS, pipelining, chunks, 100-continue, clients that leave while they wait, other modules of nginx around."""

import json
import re
import socket
import struct
import subprocess
import zlib

import pytest

from lib.http2 import HEADERS, RST_STREAM, frame, request, wait_frame
from lib.http2 import connect as connect_http2
from lib.places import free_ports
from lib.raw_http import parse, read_answer
from lib.tools import click_id
from lib.wait import wait_until

CALL = "/postback/demo/secret"
SECURE = """
    server {{
        listen 127.0.0.1:{secure_port} ssl http2;
        ssl_certificate {keys}/tls.crt;
        ssl_certificate_key {keys}/tls.key;
        location /c/ {{ tributary_redirect; }}
        location /postback/ {{ tributary_postback; }}
        location = /tributary/config {{ tributary_config; }}
    }}
    server {{
        listen 127.0.0.1:{clear_port} http2;
        location /c/ {{ tributary_redirect; }}
        location /postback/ {{ tributary_postback; }}
    }}
"""


@pytest.fixture
def secure(make_nginx):
    """nginx with an https listener and one of HTTP/2 without TLS beside the usual one."""
    nginx = make_nginx(workers=1)
    # The certificate is that of another name: what is tested is the protocol.
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=edge", "-keyout", nginx.keys / "tls.key", "-out", nginx.keys / "tls.crt"],
        check=True,
        capture_output=True,
    )
    nginx.secure_port, nginx.clear_port = free_ports(2)
    nginx.options["http"] = SECURE.format(secure_port=nginx.secure_port, clear_port=nginx.clear_port, keys=nginx.keys)
    nginx.start()
    nginx.push()
    return nginx


def curl(url, *options):
    """Status, head and body of one request."""
    command = ["curl", "-sS", "-k", "-i", "--max-time", "10", "-H", "Expect:", *options, url]
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


def protocols(nginx):
    return {
        "h2": (f"https://127.0.0.1:{nginx.secure_port}", ["--http2"]),
        "https": (f"https://127.0.0.1:{nginx.secure_port}", ["--http1.1"]),
        "h2c": (f"http://127.0.0.1:{nginx.clear_port}", ["--http2-prior-knowledge"]),
    }


@pytest.mark.parametrize("protocol", ["h2", "https", "h2c"])
def test_clicks_and_postbacks_over_http2_and_tls(secure, protocol):
    base, options = protocols(secure)[protocol]
    status, head, _ = curl(f"{base}/c/c1", *options)
    assert status == 302
    click = re.search(r"cid=(\w{32})", head)[1]
    bodies = [
        curl(f"{base}{CALL}?cid={click}&txid=get", *options),
        curl(f"{base}{CALL}", *options, "-d", f"cid={click}&txid=form"),
        curl(f"{base}{CALL}", *options, "--json", json.dumps({"cid": click, "txid": "json", "filler": "x" * 100_000})),
        curl(f"{base}{CALL}", *options, "-H", "Transfer-Encoding: chunked", "-d", f"cid={click}&txid=chunked"),
    ]
    assert [(status, json.loads(body)["verdict"]) for status, _, body in bodies] == [(200, "accepted")] * 4
    assert curl(f"{base}{CALL}", *options, "-X", "DELETE")[0] == 405
    kinds = [item["type"] for item in secure.wait_recorded(5)]
    assert kinds == ["click"] + ["postback"] * 4


def test_a_push_over_http2_is_published(secure):
    snapshot = secure.snapshot(campaigns=2000)
    base, options = protocols(secure)["h2"]
    status, _, body = curl(
        f"{base}/tributary/config", *options, "-T", snapshot.path, "-H", f"Tributary-Push: {snapshot.header}"
    )
    assert (status, json.loads(body)["result"]) == (200, "published")
    secure.wait_generation(2)


def read_answers(connection, count):
    """`count` answers of one connection, each with a length."""
    received = b""
    answers = []
    while len(answers) < count:
        head, separator, rest = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) if separator else 0
        if separator and len(rest) >= length:
            answers.append(parse(head + separator + rest[:length]))
            received = rest[length:]
            continue
        chunk = connection.recv(65536)
        assert chunk, f"closed after {len(answers)} answers"
        received += chunk
    return answers


def get(target, **headers):
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(body, *headers):
    return ("\r\n".join([f"POST {CALL} HTTP/1.1", "Host: localhost", *headers]) + "\r\n\r\n").encode() + body


@pytest.fixture
def halted(make_nginx):
    """An edge whose disk takes nothing until `let_go` is called: postbacks wait. One click was made."""
    nginx = make_nginx(workers=1, postback_options="timeout=20s").start()
    nginx.push()
    nginx.journal_path.chmod(0o500)
    nginx.click = click_id(nginx.client.get("/c/c1"))
    yield nginx
    nginx.journal_path.chmod(0o700)


def parked(nginx):
    return sum(int(n) for n in re.findall(r'"parked":\s*(\d+)', nginx.client.get("/tributary/status").text))


def let_go(nginx):
    nginx.journal_path.chmod(0o700)


def connect(nginx):
    return socket.create_connection(("127.0.0.1", nginx.port), 10)


def test_requests_that_follow_a_waiting_postback_are_answered_behind_it(halted):
    with connect(halted) as connection:
        form = f"cid={halted.click}&txid=second".encode()
        connection.sendall(
            get(f"{CALL}?cid={halted.click}&txid=first")
            + post(form, f"Content-Length: {len(form)}")
            + get("/c/c1")
            + get("/tributary/status", Connection="close")
        )
        wait_until(lambda: parked(halted) == 1, "the first postback to wait")
        let_go(halted)
        answers = read_answers(connection, 4)
    assert [answer.status for answer in answers] == [200, 200, 302, 200]
    assert [json.loads(answer.body)["data"]["transaction_id"] for answer in answers[:2]] == ["first", "second"]


def test_a_client_that_goes_away_while_it_waits_leaves_its_record(halted):
    connection = connect(halted)
    connection.sendall(get(f"{CALL}?cid={halted.click}&txid=left"))
    wait_until(lambda: parked(halted) == 1, "the postback to wait")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    wait_until(lambda: parked(halted) == 0, "the request to be forgotten")
    let_go(halted)
    assert [item.get("transaction") for item in halted.wait_recorded(2)][1] == "left"


def test_a_body_in_chunks_with_100_continue(nginx):
    click = click_id(nginx.client.get("/c/c1"))
    with connect(nginx) as connection:
        connection.sendall(post(b"", "Transfer-Encoding: chunked", "Expect: 100-continue", "Connection: close"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        for part in (f"cid={click}&tx".encode(), b"id=parts"):
            connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        answer = read_answer(connection)
    assert json.loads(answer.body)["data"]["transaction_id"] == "parts"


@pytest.mark.parametrize("over_tls", [False, True], ids=["h2c", "h2"])
@pytest.mark.parametrize("leaving", ["reset", "close"])
def test_a_stream_that_is_given_up_while_it_waits_leaves_its_record(secure, over_tls, leaving):
    secure.journal_path.chmod(0o500)
    try:
        click = click_id(secure.client.get("/c/c1"))
        with connect_http2(secure.secure_port if over_tls else secure.clear_port, over_tls) as connection:
            for stream in (1, 3, 5):
                connection.sendall(request(stream, f"{CALL}?cid={click}&txid=t{stream}"))
            wait_until(lambda: parked(secure) == 3, "three streams to wait")
            if leaving == "reset":
                connection.sendall(frame(RST_STREAM, 0, 1, struct.pack(">I", 8)))
                wait_until(lambda: parked(secure) == 2, "one stream to be forgotten")
                let_go(secure)
                # The others are answered, and the connection serves on.
                assert wait_frame(connection, HEADERS, 5)
                connection.sendall(request(7, "/c/c1?sub1=after"))
                assert wait_frame(connection, HEADERS, 7)
    finally:
        let_go(secure)
    wait_until(lambda: parked(secure) == 0, "nothing to wait any more")
    recorded = {item.get("transaction") for item in secure.wait_recorded(4)}
    assert {"t1", "t3", "t5"} <= recorded
    assert secure.client.get("/c/c1").status_code == 302


# Other modules around the handlers


@pytest.mark.parametrize(
    "directives",
    [
        "gzip on; gzip_types *; gzip_min_length 1;",
        "limit_rate 400;",
        "keepalive_timeout 0;",
        "aio threads; sendfile on; output_buffers 1 1k;",
        "client_body_in_file_only clean; client_body_in_single_buffer on;",
        "client_body_in_file_only on; client_body_buffer_size 16;",
        "postpone_output 100000; tcp_nopush on; sendfile on;",
        "limit_req_status 429; satisfy any; allow all; deny all;",
    ],
)
def test_other_settings_change_no_answer(make_nginx, directives):
    nginx = make_nginx(workers=1, http=directives).start()
    nginx.push()
    answer = nginx.client.get("/c/c1", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 302
    content = {"cid": click_id(answer), "txid": "t-1", "filler": "x" * 2000}
    answer = nginx.client.post(CALL, json=content, headers={"Accept-Encoding": "gzip"})
    assert answer.json()["verdict"] == "accepted"
    assert len(nginx.wait_recorded(2)) == 2


def test_compressed_answers_are_whole(make_nginx):
    nginx = make_nginx(http="gzip on; gzip_types *; gzip_min_length 1;").start()
    nginx.push()
    with nginx.client.stream("GET", "/tributary/status", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(zlib.decompress(raw, 31))["problem"] == ""


LOCATIONS = """
        location /outer/ {{
            return 404;
            location /outer/inner/ {{ tributary_redirect; }}
        }}
        location /if/ {{
            tributary_redirect;
            if ($arg_x) {{ set $seen 1; }}
        }}
        location ~ ^/(go|visit)/(?<rest>.*)$ {{ rewrite ^ /c/$rest last; }}
        location /break/ {{ rewrite ^/break/(.*)$ /$1 break; tributary_redirect; }}
        location ~ ^/[a-z]+\\d$ {{ tributary_redirect; }}
        location /try/ {{ root {prefix}; try_files $uri @track; }}
        location @track {{ rewrite ^/try/(.*)$ /$1 break; tributary_redirect; }}
        location /missing/ {{ error_page 404 = /c/c1; return 404; }}
        location = /exact/c1 {{ rewrite ^ /c1 break; tributary_redirect; }}
        location ^~ /preferred/ {{ tributary_redirect; }}
        location /limited/ {{ limit_except GET {{ deny all; }} tributary_redirect; }}
        location /aliased/ {{ alias {prefix}/; tributary_redirect; }}
"""


@pytest.mark.parametrize(
    "path",
    [
        *("/outer/inner/c1", "/if/c1", "/if/c1?x=1", "/go/c1", "/visit/c1?sub1=s", "/break/c1", "/c1", "/try/c1"),
        *("/missing/at-all", "/exact/c1", "/preferred/c1", "/limited/c1", "/aliased/c1"),
    ],
)
def test_a_click_reaches_its_campaign_through_any_location(make_nginx, path):
    nginx = make_nginx(workers=1)
    nginx.options["server"] = LOCATIONS.format(prefix=nginx.prefix)
    nginx.start()
    nginx.push()
    answer = nginx.client.get(path)
    assert answer.status_code == 302, answer.text
    assert click_id(answer)
    assert [item["type"] for item in nginx.wait_recorded(1)] == ["click"]


SUBREQUESTS = """
        location = /mirrored {{ mirror /c/c1; mirror /postback/demo/secret; return 204; }}
        location /mirrored-postback/ {{
            mirror /void;
            rewrite ^/mirrored-postback/(.*)$ /$1 break;
            tributary_postback;
        }}
        location = /void {{ internal; return 204; }}
        location = /guarded {{ auth_request /c/c1; empty_gif; }}
        location = /added {{ default_type text/html; add_before_body /c/c1; empty_gif; }}
        location = /allowed/ {{ auth_request /void; tributary_status; }}
"""


def test_subrequests_are_no_clicks_and_no_postbacks(make_nginx):
    nginx = make_nginx(workers=1, server=SUBREQUESTS.format()).start()
    nginx.push()
    nginx.client.post("/mirrored", data={"txid": "t-1"})
    assert nginx.client.get("/guarded").status_code == 403
    nginx.client.get("/added")
    assert nginx.client.get("/allowed/").status_code == 200
    click = click_id(nginx.client.get("/c/c1"))
    assert [item["type"] for item in nginx.wait_recorded(1)] == ["click"]
    # A postback whose body was read before, for a mirror, is whole.
    answer = nginx.client.post("/mirrored-postback/demo/secret", data={"cid": click, "txid": "t-2"})
    assert answer.json()["verdict"] == "accepted"
