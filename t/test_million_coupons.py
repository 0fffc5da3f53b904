"""A million coupons: made, exported, and looked up by the ingestor through the index alone."""

from pathlib import Path

import pytest

from lib.admin_client import made
from lib.shop import Shop
from lib.wait import wait_until

COUPONS = "SELECT count(*) FROM events.known_coupons"
EVENTS = "SELECT count(*) FROM events.customer_events"
CREDITED = f"{EVENTS} WHERE matcher = 'coupon' AND confidence = 100"
SCANS = "SELECT seq_scan, idx_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'known_coupons'"
CALLS, PER_CALL = 10, 1000  # of events
TICKS_PER_S = 100


class Shopping:
    """Purchases of customers who have coupons, and what the ingestor and PostgreSQL do for them."""

    def __init__(self, full):
        self.full = full
        self.shop = Shop(full)
        self.owned = {"campaign_id": self.shop.campaign["id"], "partner_id": self.shop.partner["id"]}
        self.database = full.database
        self.sent = 0

    def generate(self, count):
        body = {**self.owned, "count": count, "length": 10}
        return made(self.full.buyer.post("/api/v1/coupons/generate", json=body, timeout=300))["codes"]

    def purchase(self, codes):
        """Returns the sequential scans of coupons, rows of them read, and CPU seconds of the ingestor."""
        before, cpu = self.scans(), cpu_s(self.full.ingestor.pid)
        for call in range(CALLS):
            part = codes[call * PER_CALL :][:PER_CALL]
            events = [{"action": "purchase", "value": 1, "coupon_code": code} for code in part]
            assert self.shop.send(events).json()["accepted"] == len(part)
            self.sent += len(part)
        wait_until(lambda: self.database.value(EVENTS) == self.sent, "the events to be stored", 120)
        wait_until(lambda: self.scans()[1] > before[1], "the statistics of the scans")
        after = self.scans()
        return after[0] - before[0], after[2] - before[2], cpu_s(self.full.ingestor.pid) - cpu

    def scans(self):
        return self.database.rows(SCANS)[0]

    def exported(self):
        rows, cursor = 0, None
        while rows == 0 or cursor:
            arguments = {"cursor": cursor} if cursor else {}
            page = self.full.buyer.get("/api/v1/coupons/export", params=arguments, timeout=300)
            rows += page.text.count("\r\n") - 1
            cursor = page.headers.get("next-cursor")
        return rows


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def peak_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.soak
@pytest.mark.proves("C20", "C21", "C123", "C161")
def test_a_million_coupons_are_looked_up_through_the_index(full):
    shopping = Shopping(full)
    few = shopping.generate(1000)
    scans, _, few_cpu = shopping.purchase(few * CALLS)
    assert scans == 0

    many = few + [code for _ in range(10) for code in shopping.generate(100_000)]
    assert shopping.database.value(COUPONS) == len(many) == 1_001_000
    scans, rows, many_cpu = shopping.purchase(many[:: len(many) // (CALLS * PER_CALL)])

    assert (scans, rows <= CALLS * PER_CALL) == (0, True)
    assert shopping.database.value(CREDITED) == shopping.sent
    assert shopping.exported() == 1_001_000
    print(
        f"CPU of the ingestor for {CALLS * PER_CALL} events: {few_cpu:.2f} s, with a million coupons {many_cpu:.2f} s"
    )
    print(f"peak of tributary-admin: {peak_mib(full.admin.program.pid)} MiB")
