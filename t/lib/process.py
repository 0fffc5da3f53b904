"""One program of ours as a child process with its own log file."""

import os
import signal
import subprocess

import httpx

from lib.wait import wait_until


def alive(pid):
    """True while `pid` runs; a zombie has ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def signal_pid(pid, number):
    """Send a signal; a process that has ended already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def answers(url):
    """True when a server takes requests at `url` and has no trouble of its own."""
    try:
        return httpx.get(url, timeout=2).status_code < 500
    except httpx.HTTPError:
        return False


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listing:
            return [int(child) for child in listing.read().split()]
    except FileNotFoundError:
        return []


def cpu_ns(pid):
    """Scheduler run time of all threads, nanoseconds."""
    total = 0
    for task in os.scandir(f"/proc/{pid}/task"):
        with open(f"{task.path}/schedstat") as stat:
            total += int(stat.read().split()[0])
    return total


class Program:
    """A child process; everything it says goes to `log`."""

    def __init__(self, name, command, log_dir, env=None, cwd=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log_dir / f"{name}.log"
        self.env = {**os.environ, **(env or {})}
        self.cwd = cwd
        self.process = None

    def start(self):
        assert self.process is None or self.process.poll() is not None, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, cwd=self.cwd
            )
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def wait_ready(self, condition, seconds=20.0):
        """Wait for `condition`, failing at once with the log when the program ends."""

        def ready():
            assert self.running, f"{self.name} ended with {self.process.returncode}:\n{self.tail()}"
            return condition()

        wait_until(ready, f"{self.name} to be ready", seconds)
        return self

    def stop(self, seconds=20.0):
        """Ask it to end (SIGTERM) and return its exit code."""
        if not self.running:
            return self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} s:\n{self.tail()}") from None

    def kill(self):
        if self.running:
            self.process.kill()
            self.process.wait()
