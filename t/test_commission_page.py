"""The commands of docs/commission.md, pasted into a shell."""

import os
import re
import subprocess

from lib.admin_client import made
from lib.places import ROOT


def test_the_commands_of_the_page_work_as_printed(admin, buyer, database):
    key = made(buyer.post("/api/v1/api-keys", json={"name": "page"}))["key"]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / "docs/commission.md").read_text(), re.DOTALL))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, "API": admin.url, "KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    rules = "SELECT count(*), count(*) FILTER (WHERE partner <> 0) FROM events.known_commissions"
    assert database.rows(rules) == [(5, 2)]
    booked = database.rows("SELECT kind, amount::text, reference FROM events.partner_ledger ORDER BY id")
    assert booked == [("adjusted", "50.000000", "welcome"), ("paid", "-20.000000", "SEPA 2026-0117")]
    [balance] = buyer.get("/api/v1/partners/1/balance").json()["balances"]
    assert (balance["currency"], balance["payable"], balance["paid"]) == ("EUR", "30", "20")
