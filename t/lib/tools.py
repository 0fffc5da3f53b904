"""The C++ tools of t/tools, called from Python."""

import json
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lib.places import program

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def click_id(redirect):
    """The click id in the target of a redirect."""
    return parse_qs(urlsplit(redirect.headers["location"]).query)["cid"][0]


def click_identity(text):
    """The stored uuid of a click id: the upper 108 of its 160 bits, lower 20 bits of the uuid zero."""
    number = 0
    for character in text.lower():
        number = number << 5 | CROCKFORD.index(character)
    return uuid.UUID(int=number >> 52 << 20)


@dataclass
class Answer:
    """One line of the load generator's file."""

    uid: str
    kind: str
    outcome: str
    status: int
    id: str | None
    due_us: int
    latency_us: int
    word: str  # the verdict of an answered postback, or the reason of a failure

    @classmethod
    def parse(cls, line):
        uid, kind, outcome, status, identity, due, latency, word = line.rstrip("\n").split("\t")
        return cls(uid, kind, outcome, int(status), None if identity == "-" else identity, int(due), int(latency), word)


@dataclass
class LoadResult:
    summary: dict
    answers: list = field(default_factory=list)

    def __getattr__(self, name):
        try:
            return self.summary[name]
        except KeyError:
            raise AttributeError(name) from None


class Load:
    """A run of tributary-load in the background."""

    def __init__(self, port, out=None, prefix=(), **options):
        self.out = Path(out) if out else None
        command = [*prefix, program("tributary-load"), "--port", port]
        if out:
            command += ["--out", out]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                command.append(flag)
            elif value is not None and value is not False:
                command += [flag, value]
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def running(self):
        return self.process.poll() is None

    def finish(self, seconds=300):
        stdout, stderr = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, stderr
        answers = [Answer.parse(line) for line in self.out.open()] if self.out else []
        return LoadResult(json.loads(stdout.splitlines()[-1]), answers)

    def abandon(self):
        if self.running():
            self.process.kill()
        self.process.communicate()


def run_load(port, seconds=300, **options):
    return Load(port, **options).finish(seconds)


@dataclass
class Snapshot:
    """A compiled snapshot and the signed header that belongs to it."""

    path: Path
    header: str


def make_snapshot(out, keys, **options):
    """Compile a snapshot; options are those of tributary-make-snapshot; a list repeats one."""
    command = [str(program("tributary-make-snapshot")), "--out", str(out), "--keys", str(keys)]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            command += ["--" + name.replace("_", "-"), str(one)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Snapshot(Path(out), done.stdout.strip())


def journal_items(journal_path, run_path):
    """Everything that is still in the journals. The ingestor must not run: a journal has one reader."""
    done = subprocess.run(
        [str(program("tributary-journal-dump")), str(journal_path), str(run_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
