"""The commands of docs/advertisers.md, pasted into a shell in front of a running installation."""

import os
import re
import subprocess

import pytest

from lib.admin_client import made
from lib.places import ROOT
from lib.wait import wait_until

STORED = "SELECT action, matcher, value::float, currency FROM events.customer_events ORDER BY time, position"


@pytest.mark.proves("C172")
def test_the_commands_of_the_page_work_as_printed(full, database):
    full.add_edge()
    key = made(full.buyer.post("/api/v1/api-keys", json={"name": "page"}))["key"]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / "docs/advertisers.md").read_text(), re.DOTALL))

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, "API": full.admin.url, "EDGE": full.nginx.url, "KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr + done.stdout
    assert '"refused":0' in done.stdout
    wait_until(lambda: len(database.rows(STORED)) == 5, "the five events of the page", 20)
    assert sorted(database.rows(STORED), key=str) == [
        ("add_to_cart", "landing_url", None, "USD"),
        ("drop_off", "ref_code", None, "USD"),
        ("purchase", "ref_code", 49.9, "EUR"),
        ("purchase", None, 12.5, "USD"),
        ("signup", "ref_code", None, "USD"),
    ]
    assert database.value("SELECT count(*) FROM events.customer_events WHERE affiliate <> 0") == 4
