"""Conditions with deadlines. Tests wait for what they need, never for a length of time."""

import time


class Deadline(AssertionError):
    """A condition did not come true in time."""


def wait_until(condition, what, seconds=15.0, every=0.01):
    """Call `condition` until it returns something true; return that.

    `what` completes "waited for"; a function is called only when time is up, so that it can show what is there instead.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            what = what() if callable(what) else what
            raise Deadline(f"waited {seconds:g} s for {what}; last value: {value!r}")
        time.sleep(every)
