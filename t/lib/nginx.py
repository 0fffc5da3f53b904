"""The packaged nginx with our module, in a directory of its own."""

import os
import signal
import subprocess

import httpx

from lib.logs import assert_clean
from lib.places import IS_ROOT, NGINX, ROOT, free_port, module, sanitizer, worker_user
from lib.process import alive, children, signal_pid
from lib.tools import journal_items, make_snapshot
from lib.wait import wait_until

MAIN = """\
load_module {module};
{user}
worker_processes {workers};
pid {prefix}/nginx.pid;
error_log {logs}/error.log {log_level};
worker_shutdown_timeout 30s;
worker_rlimit_nofile 8192;
{main}
events {{ worker_connections 4096; }}
"""

HTTP = """\
http {{
    access_log off;
    default_type text/plain;
    keepalive_requests 1000000;
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;

    tributary_run_path {run_path};
    tributary_journal_path {journal_path} {journal_options};
    tributary_snapshot_path {snapshot_path};
    tributary_edge {edge} number={edge_number};
    tributary_config_key {keys}/push.pub;
    {http}
    server {{
        listen 127.0.0.1:{port} {listen_options};
        server_name _;
        {server}
        location /c/ {{ tributary_redirect; }}
        location /r/ {{ tributary_link; }}
        location = /lp {{ tributary_lander_click; }}
        location /lp/ {{ tributary_lander_click {lander_options}; }}
        location = /click {{ tributary_click; }}
        location /t/ {{ tributary_track; }}
        location = /t.js {{ tributary_script; }}
        location = /postback {{ tributary_postback {postback_options}; }}
        location ~ ^/[A-Za-z0-9_-]+/postback$ {{ tributary_postback {postback_options}; }}
        location ^~ /postback/ {{ tributary_postback {postback_options}; }}
        location = /api/v1/events {{ tributary_events {events_options}; }}
        location /event/ {{ tributary_events; }}
        location = /tributary/config {{ tributary_config; }}
        location = /tributary/status {{ tributary_status; }}
        location = /tributary/metrics {{ tributary_metrics; }}
    }}
}}
"""

DEFAULTS = {
    "workers": 2,
    "log_level": "notice",
    "main": "",
    "http": "",
    "server": "",
    "edge": "test",
    "edge_number": 1,
    "journal_options": "ring=4m segment=8m",
    "postback_options": "",
    "lander_options": "",
    "events_options": "",
    "listen_options": "",
}


SUPPRESSIONS = ROOT / "t/lib/nginx.lsan"
# A binary upgrade starts a program too, with only those variables that the configuration names.
SANITIZED = "env LD_PRELOAD; env ASAN_OPTIONS; env LSAN_OPTIONS; env UBSAN_OPTIONS;\n"


class Nginx:
    """Start, reload, upgrade, stop and kill an nginx; push snapshots to it."""

    def __init__(self, workspace, **options):
        self.workspace = workspace
        self.prefix = workspace.directory("nginx", owner=None)
        self.run_path = workspace.directory("tributary", on_run=True)
        self.journal_path = workspace.directory("journal")
        self.snapshot_path = workspace.directory("snapshots")
        self.keys = workspace.directory("keys", owner=None)
        self.port = free_port()
        self.options = {**DEFAULTS, **options}
        self.allowed_log_lines = []
        self.counter = 0
        self.edge = self.options["edge"]
        make_snapshot(self.prefix / "keys-only.snapshot", self.keys)
        self.client = httpx.Client(base_url=self.url, timeout=10, follow_redirects=False)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def error_log(self):
        return self.workspace.logs / "error.log"

    def configuration(self, template=HTTP):
        """The text of nginx.conf with the present options."""
        values = {
            **self.options,
            "main": (SANITIZED if sanitizer() else "") + self.options["main"],
            "module": module(),
            "user": f"user {worker_user()};" if IS_ROOT else "",
            "prefix": self.prefix,
            "logs": self.workspace.logs,
            "run_path": self.run_path,
            "journal_path": self.journal_path,
            "snapshot_path": self.snapshot_path,
            "keys": self.keys,
            "port": self.port,
        }
        return (MAIN + template).format(**values)

    def write(self, text=None):
        path = self.prefix / "nginx.conf"
        path.write_text(text if text is not None else self.configuration())
        return path

    def command(self, *arguments):
        # The path of the binary is absolute: a binary upgrade executes argv[0].
        return [NGINX, "-p", f"{self.prefix}/", "-c", f"{self.prefix}/nginx.conf", *arguments]

    def run(self, *arguments):
        """Run the nginx command; a module built with a sanitizer needs its library in the process from the start."""
        environment = {**os.environ}
        if sanitizer():
            environment |= {
                "LD_PRELOAD": sanitizer(),
                "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0",
                "UBSAN_OPTIONS": "print_stacktrace=1",
            }
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, env=environment)

    def test(self, text=None):
        """`nginx -t`: the exit code and what it said."""
        self.write(text)
        log = ["-g", "error_log stderr;"] if text is None else []
        done = self.run("-t", *log)
        return done.returncode, done.stderr

    def start(self, text=None):
        self.write(text)
        done = self.run()
        assert done.returncode == 0, done.stderr + self.tail()
        wait_until(self.master, "the pid file of nginx")
        wait_until(lambda: len(self.workers()) >= self.options["workers"], "the workers of nginx")
        return self

    def tail(self, lines=30):
        if not self.error_log.exists():
            return ""
        return "\n".join(self.error_log.read_text(errors="replace").splitlines()[-lines:])

    def master(self):
        """The pid of the present master, or None."""
        try:
            pid = int((self.prefix / "nginx.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if alive(pid) else None

    def workers(self):
        """Workers of the present master that do not shut down."""
        master = self.master()
        return [pid for pid in children(master) if is_serving_worker(pid)] if master else []

    def all_processes(self):
        """Every process of this instance: whatever holds its error log, orphans and old masters included."""
        log = str(self.error_log)
        return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit() and holds(entry.name, log)]

    def reload(self):
        """HUP, and wait until the workers are new ones."""
        before = set(self.workers())
        os.kill(self.master(), signal.SIGHUP)
        wait_until(
            lambda: len(set(self.workers()) - before) >= self.options["workers"] and not before & set(self.workers()),
            lambda: f"new workers after a reload\n{self.tail()}",
        )

    def upgrade(self):
        """USR2 and QUIT: another master and other workers on the same sockets."""
        old = self.master()
        os.kill(old, signal.SIGUSR2)
        wait_until(lambda: self.master() not in (None, old), lambda: f"a new master after USR2\n{self.tail()}")
        wait_until(lambda: len(self.workers()) >= self.options["workers"], "workers of the new master")
        os.kill(old, signal.SIGQUIT)
        wait_until(lambda: not alive(old), "the old master to end", 40)

    def kill_worker(self, pid):
        signal_pid(pid, signal.SIGKILL)
        self.allowed_log_lines.append(rf"worker process {pid} exited on signal 9")

    def kill_master(self):
        master = self.master()
        signal_pid(master, signal.SIGKILL)
        wait_until(lambda: not alive(master), "the master to be gone")
        return master

    def restart_after_kill(self):
        """A new master, as soon as the orphans have let go of the port."""

        def started():
            return self.run().returncode == 0

        # "Address already in use" comes from our own attempts to start while the orphans are leaving.
        self.allowed_log_lines.append(r"bind\(\) to .* failed \(98|still could not bind")
        wait_until(started, lambda: f"a new master to start\n{self.tail()}", 20, every=0.05)
        wait_until(lambda: len(self.workers()) >= self.options["workers"], "the workers of nginx")

    def stop(self, graceful=True):
        master = self.master()
        if master:
            signal_pid(master, signal.SIGQUIT if graceful else signal.SIGTERM)
            wait_until(lambda: not alive(master), lambda: f"nginx to stop\n{self.tail()}", 40)

    def finish(self):
        """Stop whatever runs and look at the logs."""
        self.client.close()
        try:
            self.stop(graceful=False)
        finally:
            for pid in self.all_processes():
                signal_pid(pid, signal.SIGKILL)
        assert_clean(self.workspace.logs, self.allowed_log_lines)

    def journal(self):
        """What the workers have recorded so far, for tests without an ingestor."""
        return journal_items(self.journal_path, self.run_path)

    def wait_recorded(self, count, seconds=10.0):
        """Wait until `count` events can be read from the journals; returns them."""

        def read():
            items = self.journal()
            return items if len(items) >= count else None

        return wait_until(read, f"{count} events in the journal", seconds)

    # Snapshots

    def snapshot(self, counter=None, edge=None, epoch=1, **options):
        """Compile a snapshot of the next generation without pushing it."""
        self.counter = counter if counter is not None else self.counter + 1
        path = self.prefix / f"{epoch}-{self.counter}.snapshot"
        return make_snapshot(path, self.keys, counter=self.counter, epoch=epoch, edge=edge or self.edge, **options)

    def put(self, snapshot, header=None, body=None):
        """Push as admin-api does; returns the answer."""
        content = body if body is not None else snapshot.path.read_bytes()
        headers = {} if header == "" else {"Tributary-Push": header or snapshot.header}
        return self.client.put("/tributary/config", content=content, headers=headers, timeout=60)

    def push(self, **options):
        """Compile, push and wait until every worker has it."""
        answer = self.put(self.snapshot(**options))
        assert answer.status_code == 200, answer.text
        self.wait_generation(answer.json()["counter"])
        return answer.json()

    def edge_state(self):
        return self.client.get("/tributary/config").json()

    def wait_generation(self, counter, seconds=10.0):
        def adopted():
            state = self.edge_state()
            return state["acknowledged"] and state["counter"] == counter and state

        return wait_until(adopted, f"every worker to serve generation {counter}", seconds)


def is_serving_worker(pid):
    title = read_proc(pid, "cmdline")
    return b"worker process" in title and b"shutting down" not in title


def read_proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def holds(pid, path):
    try:
        return any(os.readlink(entry.path) == path for entry in os.scandir(f"/proc/{pid}/fd"))
    except OSError:
        return False
