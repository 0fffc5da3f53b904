"""From an accepted push to every worker answering by it, with 100,000 campaigns, under load."""

import time

from measure import CLIENT_CORE, pinned, quartiles, table

from lib.nginx import Nginx
from lib.places import Workspace
from lib.tools import Load
from lib.wait import wait_until

RATE = 2000


def wait_acknowledged(nginx, counter):
    """Without a pause: the time between two looks is part of the figure."""

    def acknowledged():
        state = nginx.edge_state()
        return state["acknowledged"] and state["counter"] == counter

    wait_until(acknowledged, f"every worker to serve generation {counter}", 30, every=0)


def one_push(nginx, snapshot):
    """(ms from the accepted PUT to the last worker, ms of the PUT itself)."""
    begin = time.monotonic()
    answer = nginx.put(snapshot)
    accepted = time.monotonic()
    assert answer.status_code == 200, answer.text
    wait_acknowledged(nginx, answer.json()["counter"])
    return (time.monotonic() - accepted) * 1000, (accepted - begin) * 1000


def run(options):
    workspace = Workspace("bench")
    nginx = Nginx(workspace, workers=2).start()
    rounds = options.rounds or 10
    try:
        nginx.push(campaigns=options.campaigns)
        snapshots = [nginx.snapshot(campaigns=options.campaigns) for _ in range(rounds)]
        load = Load(
            nginx.port,
            prefix=pinned(CLIENT_CORE),
            rate=RATE,
            duration=5 + 2 * rounds,
            campaigns=options.campaigns,
            click="/c/c{n}?sub1={uid}",
        )
        try:
            figures = [one_push(nginx, snapshot) for snapshot in snapshots]
            assert load.running(), "the load ended before the last push"
            result = load.finish()
        finally:
            load.abandon()
        size = snapshots[0].path.stat().st_size
    finally:
        nginx.finish()
        workspace.remove()
    assert result.failed == result.unsent == 0, result.summary
    visible, put = [f[0] for f in figures], [f[1] for f in figures]
    low, middle, high = quartiles(visible)
    rows = [("full", f"{middle:.1f}", f"{low:.1f}", f"{high:.1f}", f"{max(visible):.1f}", f"{quartiles(put)[1]:.0f}")]
    table(("case", "ms", "q1", "q3", "worst", "PUT ms"), rows)
    told = f"p99 {result.latency_us['p99']} us, {result.answered} answered, 0 failed"
    print(f"{size / 1e6:.1f} MB, {RATE}/s at once: {told}")
    return [
        {
            "name": "full",
            "ms": round(middle, 2),
            "worst_ms": round(max(visible), 2),
            "put_ms": round(quartiles(put)[1], 1),
            "bytes": size,
            "load": result.summary,
        }
    ]
