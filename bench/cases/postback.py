"""Durable postbacks beside what nginx answers by itself, and redirects on the same worker meanwhile."""

import contextlib
import time

from measure import CLIENT_CORE, SERVER_CORE, pinned, quartiles, ratios, table

from cases.redirect import PINNED, SETTLE_S, make_nginx
from lib.process import cpu_ns
from lib.tools import Load, click_id

CONNECTIONS = (1, 16, 256)
LOCATION = "location /return_200/ { return 200 OK; }"
QUERY = "?cid={click}&txid={{uid}}&payout=1.25&status=approved"
REDIRECT_RATE = 200  # a second: enough for a 99th percentile, and no load of its own


def start(nginx, path, **options):
    return Load(nginx.port, prefix=pinned(CLIENT_CORE), campaigns=1, click=path, **options)


def finish(load, status):
    result = load.finish()
    assert result.failed == 0, result.summary
    assert set(result.by_status) == {status}, result.summary
    return result


def one_slice(nginx, path, connections, seconds):
    """CPU of a request, all threads of the worker, and requests per second."""
    (worker,) = nginx.workers()
    before = cpu_ns(worker)
    result = finish(start(nginx, path, rate=0, duration=seconds, connections=connections), "200")
    time.sleep(SETTLE_S)
    return (cpu_ns(worker) - before) / result.answered, result.answered / seconds


def throughput(nginx, paths, options):
    """Slices of both by turns, at each number of connections."""
    taken = {(case, n): [] for n in CONNECTIONS for case in paths}
    for n in CONNECTIONS:
        for path in paths.values():
            one_slice(nginx, path, n, options.seconds)
        for _ in range(options.rounds or 10):
            for case, path in paths.items():
                taken[case, n].append(one_slice(nginx, path, n, options.seconds))
    results = []
    for n in CONNECTIONS:
        cpu = {case: [cost for cost, _ in taken[case, n]] for case in paths}
        for case in paths:
            low, ratio, high = quartiles(ratios(cpu[case], cpu["return_200"]))
            results.append(
                {
                    "name": f"{case}_{n}",
                    "ratio": round(ratio, 3),
                    "ratio_quartiles": [round(low, 3), round(high, 3)],
                    "cpu_ns_per_request": round(quartiles(cpu[case])[1]),
                    "requests_per_s": round(quartiles([rate for _, rate in taken[case, n]])[1]),
                }
            )
    rows = [
        (r["name"], r["cpu_ns_per_request"], r["ratio"], *r["ratio_quartiles"], r["requests_per_s"]) for r in results
    ]
    table(("case_connections", "CPU ns/request", "ratio", "q1", "q3", "answered/s"), rows)
    return results


def redirect_latency(nginx, beside, rate, seconds):
    """Of redirects by a schedule, while `beside` is asked for at `rate` on 16 connections; None: nothing else is."""
    with contextlib.ExitStack() as stack:
        other = start(nginx, beside, rate=rate, duration=seconds, connections=16) if beside else None
        if other:
            stack.callback(other.abandon)
        result = finish(start(nginx, "/c/c1?sub1={uid}", rate=REDIRECT_RATE, duration=seconds, connections=8), "302")
        if other:
            finish(other, "200")
    return result.latency_us


def latency(nginx, paths, rate, options):
    """The 99th percentile beside postbacks and beside `return 200` at the same rate, over that of redirects alone."""
    cases = {"redirect_alone": None, **{f"redirect_beside_{case}": path for case, path in paths.items()}}
    taken = {case: [] for case in cases}
    for _ in range(options.rounds or 10):
        for case, path in cases.items():
            taken[case].append(redirect_latency(nginx, path, rate, max(options.seconds, 2)))
    results = []
    for case, latencies in taken.items():
        found = {
            name: quartiles(ratios([one[name] for one in latencies], [one[name] for one in taken["redirect_alone"]]))
            for name in ("p50", "p99")
        }
        results.append(
            {
                "name": case,
                "ratio": round(found["p99"][1], 3),
                "ratio_quartiles": [round(found["p99"][0], 3), round(found["p99"][2], 3)],
                "p50_ratio": round(found["p50"][1], 3),
                "p50_us": round(quartiles([one["p50"] for one in latencies])[1]),
                "p99_us": round(quartiles([one["p99"] for one in latencies])[1]),
            }
        )
    rows = [(r["name"], r["p50_us"], r["p50_ratio"], r["p99_us"], r["ratio"], *r["ratio_quartiles"]) for r in results]
    table(("case", "p50 us", "p50 ratio", "p99 us", "p99 ratio", "q1", "q3"), rows)
    return results


def run(options):
    with contextlib.ExitStack() as stack:
        nginx = make_nginx(stack, "bench-postback", main=PINNED, server=LOCATION)
        nginx.start()
        nginx.push()
        click = click_id(nginx.client.get("/c/c1"))
        query = QUERY.format(click=click)
        paths = {"return_200": "/return_200/" + query, "postback": "/postback/demo/secret" + query}
        print(f"server on core {SERVER_CORE}, client on core {CLIENT_CORE}; a postback is answered when it is on disk")
        results = throughput(nginx, paths, options)
        rate = min(r["requests_per_s"] for r in results if r["name"] == "postback_16") // 2
        print(f"{REDIRECT_RATE} redirects/s, beside them {rate:,} requests/s")
        return results + latency(nginx, paths, rate, options)
