"""A private PostgreSQL cluster: one per test session, a copy of the migrated template database per test."""

import signal
import subprocess
from pathlib import Path

import psycopg

from lib.places import IS_ROOT, ROOT, free_port, program
from lib.process import Program, alive, children, signal_pid
from lib.wait import wait_until

SUPERUSER = "postgres"
TEMPLATE = "tributary_template"
SETTINGS = {
    "fsync": "off",  # a test kills processes, not the machine
    "max_connections": "100",
    "shared_buffers": "128MB",
    "log_line_prefix": "%m [%p] ",
    "listen_addresses": "127.0.0.1",
    "max_wal_size": "4GB",
}


def binary(name):
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    assert found, f"{name} is not installed: run scripts/install-dependencies"
    return found[-1]


def as_server_user(command):
    """PostgreSQL refuses to run as root."""
    drop = ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--clear-groups"] if IS_ROOT else []
    return [*drop, *command]


class Postgres:
    """One cluster, its write-ahead log in `wal` when that is given. Databases are reached over its unix socket, without
    passwords."""

    def __init__(self, workspace, wal=None, **settings):
        self.directory = workspace.directory("postgres", owner=SUPERUSER if IS_ROOT else None)
        self.data = self.directory / "data"
        self.wal = wal
        self.port = free_port()
        self.logs = workspace.logs
        self.settings = {**SETTINGS, **settings, "port": str(self.port), "unix_socket_directories": str(self.directory)}
        self.program = None
        self.made = 0

    def create(self):
        command = [binary("initdb"), "-D", self.data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        command += ["--locale=C.UTF-8"]
        command += ["-X", self.wal] if self.wal else []
        subprocess.run(as_server_user(command), check=True, capture_output=True, cwd="/")
        return self.start()

    def start(self):
        command = [binary("postgres"), "-D", self.data]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        self.program = Program("postgres", as_server_user(command), self.logs, cwd="/").start()
        self.program.wait_ready(self.ready)
        return self

    def ready(self):
        try:
            with self.connect("postgres"):
                return True
        except psycopg.OperationalError:
            return False

    def ensure_running(self):
        if not self.program.running:
            self.start()

    def stop(self):
        """Fast shutdown: sessions are cut."""
        if self.program.running:
            self.program.process.send_signal(signal.SIGINT)
            self.program.process.wait(60)

    def kill(self):
        """Everything at once, as the kernel would."""
        pids = [self.program.pid, *children(self.program.pid)]
        self.program.kill()
        for pid in pids[1:]:
            signal_pid(pid, signal.SIGKILL)  # a backend that lived on would keep the shared memory
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        wait_until(lambda: not any(alive(pid) for pid in pids), "postgres to be gone")

    def url(self, database, role=SUPERUSER):
        return f"postgresql://{role}@/{database}?host={self.directory}&port={self.port}"

    def connect(self, database, role=SUPERUSER):
        return psycopg.connect(self.url(database, role), autocommit=True, connect_timeout=10)

    def psql(self, database, file):
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), self.url(database)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def make_template(self):
        """The database that every test gets a copy of, migrated the way an operator does it."""
        self.psql("postgres", ROOT / "schema" / "roles.sql")
        with self.connect("postgres") as session:
            session.execute(f"CREATE DATABASE {TEMPLATE} OWNER tributary_owner")
        migrate(self.url(TEMPLATE, "tributary_owner"), self.directory.parent)

    def database(self):
        """A new migrated database; returns it as a Database."""
        self.ensure_running()
        self.made += 1
        name = f"test_{self.made}"
        with self.connect("postgres") as session:
            session.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER tributary_owner")
        return Database(self, name)

    def remove(self):
        if self.program and self.program.running:
            signal_pid(self.program.pid, signal.SIGQUIT)
            self.program.process.wait(60)


class Database:
    """One database of the cluster."""

    def __init__(self, cluster, name):
        self.cluster = cluster
        self.name = name

    def url(self, role=SUPERUSER):
        return self.cluster.url(self.name, role)

    def rows(self, query, *parameters):
        with self.cluster.connect(self.name) as session:
            return session.execute(query, parameters or None).fetchall()

    def value(self, query, *parameters):
        return self.rows(query, *parameters)[0][0]

    def execute(self, query, *parameters):
        with self.cluster.connect(self.name) as session:
            session.execute(query, parameters or None)

    def drop(self):
        self.cluster.ensure_running()
        with self.cluster.connect("postgres") as session:
            session.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


def migrate(url, directory):
    """`tributary-admin migrate` against `url`."""
    from lib.admin import write_settings

    settings = write_settings(directory / "migrate.yaml", url)
    command = [str(program("tributary-admin")), "migrate", "--config", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
