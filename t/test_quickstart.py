"""scripts/quickstart refuses in plain words, before it has installed, built or written anything."""

import fcntl
import os
import socket
import subprocess

import pytest

from lib.places import IS_ROOT, ROOT, free_port, give_to

QUICKSTART = ROOT / "scripts/quickstart"


def quickstart(*arguments, before=(), env=None):
    command = [*before, QUICKSTART, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})})


def refused(result, *words):
    """It ended with an error that holds `words`, and had not begun to work."""
    assert result.returncode == 1, result.stderr
    assert "==>" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert result.stderr.startswith("error: ")


@pytest.fixture
def place(workspace):
    return workspace.disk / "instance"


@pytest.fixture
def port():
    return str(free_port())


def as_nobody(*arguments, **options):
    before = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--") if IS_ROOT else ()
    return quickstart(*arguments, before=before, **options)


def in_own_mounts(mounts, *arguments):
    """With file systems of its own, made by the shell commands `mounts`."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("mounts need root")
    return quickstart(*arguments, before=("unshare", "--mount", "sh", "-e", "-c", f'{mounts}; exec "$@"', "sh"))


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none(port):
    refused(quickstart("--port", port), f'"{port}" is no port')


def test_a_port_in_use(place):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused(quickstart("--dir", place, "--port", str(port)), f"port {port} is in use", "--port N")
    assert not place.exists()


def test_a_port_for_root_only(place):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as first:
        if int(first.read()) <= 1:
            pytest.skip("this machine lets everybody have every port")
    refused(quickstart("--dir", place, "--port", "1"), "port 1 is for root only", "--port N")


def test_a_path_with_a_space(workspace, port):
    place = workspace.disk / "with space"
    refused(quickstart("--dir", place, "--port", port), "has a space", "--dir")
    assert not place.exists()


def test_a_folder_of_somebody_else_is_left_as_it_was(place, port):
    place.mkdir(mode=0o711)
    (place / "letter.txt").write_text("mine")
    before = place.stat()

    refused(quickstart("--dir", place, "--port", port), f"{place} holds other files")

    after = place.stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert [path.name for path in place.iterdir()] == ["letter.txt"]


def test_a_file_where_the_folder_should_be(place, port):
    place.write_text("")
    refused(quickstart("--dir", place, "--port", port), f"{place} is no directory")


def test_a_folder_that_may_not_be_written(place, port):
    place.mkdir(mode=0o555)
    refused(as_nobody("--dir", place / "below", "--port", port), f"cannot write to {place}", "--dir")


@pytest.mark.skipif(not IS_ROOT, reason="only root can be two users")
def test_an_instance_of_another_user(place, port):
    place.mkdir()
    (place / "port").write_text(port)
    give_to(place, "www-data")
    refused(quickstart("--dir", place, "--port", port), "belongs to user www-data")
    refused(as_nobody("--dir", place, "--port", port), "belongs to user www-data")


def test_little_room(place, port):
    place.mkdir()
    result = in_own_mounts(f"mount -t tmpfs -o size=8m tmpfs {place}", "--dir", place, "--port", port)
    refused(result, f"{place} has 8 MB free", "1500 MB are needed", "--dir")


def test_no_tmpfs(workspace, place, port):
    mounts = f"mount --bind {workspace.disk} /dev/shm; mount --bind {workspace.disk} /run"
    refused(in_own_mounts(mounts, "--dir", place, "--port", port), "is a tmpfs", "mount -t tmpfs")


def test_two_at_once(place, port):
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        refused(quickstart("--dir", place, "--port", port), "another scripts/quickstart is at work")
        refused(quickstart("--dir", place, "--down"), "another scripts/quickstart is at work")
    finally:
        os.close(lock)
    assert not place.exists()


def test_missing_packages_without_the_right_to_install_them(workspace):
    """The message is a command that an administrator can run."""
    stubs = workspace.directory("stubs", owner=None)
    for name, code in {"dpkg-query": 1, "apt-cache": 0, "sudo": 1}.items():
        (stubs / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (stubs / name).chmod(0o755)
    before = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--") if IS_ROOT else ()

    result = subprocess.run(
        [*before, ROOT / "scripts/install-dependencies", "run"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": f"{stubs}:/usr/bin:/bin"},
    )

    refused(result, "only root can install", "apt-get install --no-install-recommends nginx postgresql-15")


def test_the_state_of_nothing_is_told(place):
    result = quickstart("--dir", place, "--status")
    assert result.returncode == 0
    assert result.stdout == f"not running; data in {place}\n"
    assert not place.exists()
