"""scripts/quickstart from the first start to the last: what runs, what stays, what a kill leaves."""

import json
import os
import re
import shutil
import signal
import subprocess

import psycopg
import pytest

from lib.places import BUILD, ROOT, free_port
from lib.process import alive
from lib.wait import wait_until

# One after the other: each brings the same build tree up to date.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quickstart")]
PROGRAMS = {"nginx", "postgres", "tributary-admin", "tributary-ingestor"}


class Instance:
    """One instance in a directory and on a port of its own, from the build tree that is tested."""

    def __init__(self, place):
        self.place = place
        self.port = free_port()
        self.env = {**os.environ, "TRIBUTARY_BUILD": str(BUILD)}

    def command(self, *arguments):
        return [ROOT / "scripts/quickstart", "--dir", self.place, *arguments]

    def run(self, *arguments, seconds=240):
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=seconds, env=self.env, check=False
        )

    def start(self, *arguments):
        result = self.run("--port", str(self.port), "--detach", *arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def status(self):
        return json.loads(self.run("--status", "--json").stdout)

    def pids(self):
        return {process["name"]: process["pid"] for process in self.status()["processes"]}


@pytest.fixture
def instance(workspace):
    made = Instance(workspace.disk / "instance")
    yield made
    run_path = made.status()["run_path"]
    made.run("--down")
    shutil.rmtree(run_path, ignore_errors=True)


def users(instance):
    with psycopg.connect(instance.status()["postgres"]) as connection:
        return connection.execute("SELECT id, email FROM config.users").fetchall()


def test_the_second_start_keeps_the_data(instance):
    instance.start("--no-demo")
    status = instance.status()
    first = users(instance)

    assert set(status) == {
        "url",
        "admin_user",
        "admin_password_file",
        "postgres",
        "journal_path",
        "run_path",
        "processes",
    }
    assert {process["name"] for process in status["processes"]} == PROGRAMS
    assert all(process["state"] == "running" and alive(process["pid"]) for process in status["processes"])
    assert instance.run("--down").returncode == 0
    assert not any(alive(process["pid"]) for process in status["processes"])
    instance.start("--no-demo")
    assert users(instance) == first


@pytest.mark.proves("E17", "E23")
def test_the_requests_of_the_readme(instance):
    instance.start()
    section = (ROOT / "README.md").read_text().split("## Requests and answers")[1].split("\n## ")[0]
    values = {
        ":8080": f":{instance.port}",
        "/SECRET?": f"/{(instance.place / 'postback-secret').read_text().strip()}?",
        '"PASSWORD"': f'"{(instance.place / "admin-password").read_text().strip()}"',
    }
    for placeholder, value in values.items():
        section = section.replace(placeholder, value)
    click, postback, tracked, converted, login, report = re.findall(r"^\$ ((?:.*\\\n)*.*)$", section, re.MULTILINE)

    def shell(command):
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout

    answer = shell(click)
    assert answer.startswith("HTTP/1.1 302")
    postback = postback.replace("CLICK_ID", re.search(r"[0-9a-hjkmnp-tv-z]{32}", answer)[0])
    assert json.loads(shell(postback))["verdict"] == "accepted"
    assert json.loads(shell(postback))["verdict"] == "repeated"
    assert json.loads(shell(tracked))["success"]
    assert json.loads(shell(converted))["verdict"] == "accepted"
    unknown = converted.replace("abc123", "never-clicked")
    invalid = {"status": "error", "message": "Invalid click"}
    wait_until(lambda: json.loads(shell(unknown)) == invalid, "the click to be known as never reported", every=0.5)
    assert json.loads(shell(f"{login}\n{report}"))["totals"]["clicks"] >= 400


def test_a_killed_supervisor_leaves_nothing_running(instance):
    instance.start("--no-demo")
    pids = instance.pids()
    with open(f"{instance.status()['run_path']}/supervisord.pid") as file:
        os.kill(int(file.read()), signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids.values()), "the programs to end", 60)
    assert "not running" in instance.run("--status").stdout


def test_an_instance_whose_directory_was_deleted(instance):
    """Its programs can be stopped, and the next one takes over nothing.

    The memory of the edge had outlived the directory, and it went on with the configuration of the old database.
    """
    instance.start()
    pids = instance.pids()
    shutil.rmtree(instance.place)

    result = instance.run("--port", str(instance.port), "--detach")
    assert result.returncode == 1
    assert "scripts/quickstart --down" in result.stderr
    assert instance.run("--down").returncode == 0
    assert not any(alive(pid) for pid in pids.values())
    instance.start()


@pytest.mark.parametrize("moment", ["creating a private PostgreSQL cluster", "applying migration"])
def test_an_interrupted_start_leaves_nothing_running_and_can_be_repeated(instance, moment):
    process = subprocess.Popen(
        instance.command("--port", str(instance.port), "--no-demo"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=instance.env,
        start_new_session=True,
        # A test run in the background ignores Ctrl-C, and what it starts would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    said = ""
    while moment not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    os.killpg(process.pid, signal.SIGINT)
    said += process.communicate(timeout=120)[0]

    assert process.returncode == 130, said
    assert "interrupted" in said
    assert "not running" in instance.run("--status").stdout
    instance.start("--no-demo")
