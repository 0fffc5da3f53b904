"""Metrics that promtool accepts, a status for people, and both only from this host."""

import subprocess

import pytest

from lib.wait import wait_until


def check_with_promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def counter(text, name):
    """Sum of all samples of one metric."""
    lines = [line for line in text.splitlines() if line.startswith((name + " ", name + "{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def metrics(nginx):
    return nginx.client.get("/tributary/metrics").text


@pytest.mark.proves("C69", "C166")
def test_the_metrics_of_the_edge_are_well_formed(nginx):
    nginx.client.get("/c/c1")
    check_with_promtool(metrics(nginx))


@pytest.mark.proves("C69", "C166")
def test_the_metrics_of_the_ingestor_are_well_formed(stack):
    check_with_promtool(stack.ingestor.metrics())


def test_clicks_are_counted_over_all_workers(nginx):
    names = [line.split()[2] for line in metrics(nginx).splitlines() if line.startswith("# TYPE tributary_")]
    name = next(name for name in names if "click" in name or "redirect" in name)
    before = counter(metrics(nginx), name)
    for _ in range(50):
        nginx.client.get("/c/c1")
    wait_until(lambda: counter(metrics(nginx), name) == before + 50, f"{name} to count 50 clicks")


@pytest.mark.proves("C58", "C64")
def test_the_status_names_workers_and_generation(nginx):
    status = nginx.client.get("/tributary/status").json()
    assert {worker["pid"] for worker in status["workers"]} == set(nginx.workers())
