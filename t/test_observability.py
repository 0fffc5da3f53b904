"""Metrics that promtool accepts, and a status for people."""

import subprocess

import httpx
import pytest

from lib.prometheus import counter
from lib.wait import wait_until


def check_with_promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def metrics(nginx):
    return nginx.client.get("/tributary/metrics").text


@pytest.mark.proves("C69", "C166")
def test_the_metrics_of_the_edge_are_well_formed(nginx):
    nginx.client.get("/c/c1")
    check_with_promtool(metrics(nginx))


@pytest.mark.proves("C69", "C166")
def test_the_metrics_of_the_ingestor_are_well_formed(stack):
    check_with_promtool(stack.ingestor.metrics())


def test_clicks_are_counted_over_all_workers(make_nginx):
    nginx = make_nginx(listen_options="reuseport").start()  # the kernel deals connections out to both workers
    nginx.push()
    for _ in range(50):
        httpx.get(nginx.url + "/c/c1")
    assert len({item["journal"] for item in nginx.wait_recorded(50)}) == 2
    assert counter(metrics(nginx), "tributary_clicks_redirected_total") == 50


@pytest.mark.proves("C58", "C64")
def test_the_status_names_workers_and_generation(nginx):
    def seen():
        status = nginx.client.get("/tributary/status").json()
        workers = {worker["pid"]: worker["generation"] for worker in status["workers"]}
        return status["published"], workers

    newest = {"epoch": 1, "counter": 1}
    expected = (newest, dict.fromkeys(nginx.workers(), newest))
    wait_until(lambda: seen() == expected, "the status to show every worker at the generation that was pushed")
