"""Statistics and pinning that the benchmarks share."""

import math
import os
import statistics

SERVER_CORE = 0
CLIENT_CORE = 1


def pinned(core):
    """Command prefix that pins a program; empty on a machine with one core."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 else []


def quartiles(values):
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def ratios(candidate, baseline):
    """Ratios of the same round: what both shared (load, clock speed) cancels out."""
    return [c / b for c, b in zip(candidate, baseline, strict=True)]


def median_interval(values):
    """Where the median lies with a certainty of 95 %: order statistics, whatever the distribution."""
    ordered = sorted(values)
    outside = int((len(ordered) - 1.96 * math.sqrt(len(ordered))) / 2)
    outside = max(outside, 0)
    return ordered[outside], ordered[len(ordered) - 1 - outside]


def table(header, rows):
    """Print columns, the first to the left, the others to the right."""
    widths = [max(len(str(row[i])) for row in (header, *rows)) for i in range(len(header))]
    for row in (header, *rows):
        cells = [str(row[0]).ljust(widths[0]), *(str(c).rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells))
