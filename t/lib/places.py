"""Where things are: the build tree, the packaged programs, directories for one instance."""

import contextlib
import functools
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TRIBUTARY_BUILD", ROOT / "build")).resolve()
BIN = BUILD / "bin"
IS_ROOT = os.geteuid() == 0
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin") or "/usr/sbin/nginx"


def program(name):
    """A program of ours. Missing means the build tree is not complete, which is an error, not a reason to skip."""
    path = BIN / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: run scripts/test build, or set TRIBUTARY_BUILD")
    return path


def module():
    """The nginx module of the build tree."""
    found = sorted(BUILD.rglob("ngx_http_tributary_module.so"), key=lambda p: len(p.parts))
    if not found:
        raise FileNotFoundError(f"no ngx_http_tributary_module.so below {BUILD}: run scripts/test build")
    return found[0]


@functools.cache
def sanitizer():
    """The sanitizer library that our module was linked with, None for an ordinary build."""
    listed = subprocess.run(["ldd", module()], capture_output=True, text=True, check=True).stdout
    found = re.search(r"lib[at]san\.so\S* => (\S+)", listed)
    return found and found[1]


def library_module(name):
    """A packaged nginx module, None when it is not installed."""
    path = Path("/usr/lib/nginx/modules") / name
    return path if path.exists() else None


def free_ports(count):
    """Loopback ports that were free a moment ago."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def free_port():
    return free_ports(1)[0]


def worker_user():
    """Who nginx workers run as when we are root."""
    return "www-data" if IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name


def give_to(path, user):
    """Hand a directory to `user` when we are allowed to."""
    if IS_ROOT:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


class Workspace:
    """Directories of one instance: `disk` for what must last, `run` on tmpfs."""

    def __init__(self, name="instance"):
        self.disk = Path(tempfile.mkdtemp(prefix=f"tributary-{name}-"))
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.run = Path(tempfile.mkdtemp(prefix=f"tributary-{name}-", dir=shm))
        for path in (self.disk, self.run):
            path.chmod(0o755)
        self.logs = self.directory("logs", owner=None)

    def directory(self, name, owner="worker", on_run=False):
        path = (self.run if on_run else self.disk) / name
        path.mkdir(exist_ok=True)
        if owner:
            give_to(path, worker_user() if owner == "worker" else owner)
        return path

    def remove(self):
        shutil.rmtree(self.disk, ignore_errors=True)
        shutil.rmtree(self.run, ignore_errors=True)
