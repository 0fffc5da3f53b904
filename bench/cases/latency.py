"""Latency of a routed, signed, journalled redirect at half load beside that of what nginx does by itself."""

import contextlib

from measure import CLIENT_CORE, SERVER_CORE, median_interval, quartiles, ratios, table

from cases.redirect import BASELINE, make_servers, one_slice, send

CASES = (BASELINE, "plain", "full")
SATURATING_SLICES = 3


def half_load(servers, seconds):
    """Half of what the slowest case answers at most, and what each does. The slices warm the servers up, too."""
    most = {case: [] for case in servers}
    for _ in range(SATURATING_SLICES):
        for case, server in servers.items():
            most[case].append(one_slice(server, case, seconds).requests_per_s)
    saturation = {case: quartiles(rates)[1] for case, rates in most.items()}
    return min(saturation.values()) / 2, saturation


def latency_us(server, case, rate, seconds):
    """Of requests that come by a schedule, from when each was due."""
    result = send(server, case, round(rate), seconds)
    assert result.unsent == 0, result.summary
    return result.latency_us


def report(taken, saturation):
    results = []
    p99 = {case: [one["p99"] for one in latencies] for case, latencies in taken.items()}
    for case, latencies in taken.items():
        found = ratios(p99[case], p99[BASELINE])
        low, ratio, high = quartiles(found)
        results.append(
            {
                "name": case,
                "ratio": round(ratio, 3),
                "ratio_interval": [round(end, 3) for end in median_interval(found)],
                "ratio_quartiles": [round(low, 3), round(high, 3)],
                "p50_us": round(quartiles([one["p50"] for one in latencies])[1]),
                "p99_us": round(quartiles(p99[case])[1]),
                "saturation_per_s": round(saturation[case]),
                "rounds": len(latencies),
            }
        )
    rows = [
        (r["name"], r["p50_us"], r["p99_us"], r["ratio"], *r["ratio_interval"], *r["ratio_quartiles"]) for r in results
    ]
    table(("case", "p50 us", "p99 us", "p99 ratio", "95 % from", "to", "q1", "q3"), rows)
    return results


def run(options):
    with contextlib.ExitStack() as stack:
        every = make_servers(stack, options.campaigns)
        servers = {case: every[case] for case in CASES}
        rate, saturation = half_load(servers, options.seconds)
        print(f"{rate:,.0f} requests/s for each case, server on core {SERVER_CORE}, client on core {CLIENT_CORE}")
        taken = {case: [] for case in CASES}
        for _ in range(options.rounds or 20):
            for case, server in servers.items():
                taken[case].append(latency_us(server, case, rate, options.seconds))
        return report(taken, saturation)
