"""Kills at random moments: what a fault test does to a running stack."""

import random
import time

from lib.process import alive
from lib.wait import wait_until


def kill_worker(stack, chance):
    victim = chance.choice(stack.nginx.workers())
    stack.nginx.kill_worker(victim)
    number = stack.nginx.options["workers"]
    wait_until(lambda: victim not in stack.nginx.workers() and len(stack.nginx.workers()) == number, "a worker", 10)


def kill_ingestor(stack, chance):
    stack.ingestor.kill()
    stack.ingestor.start()


def kill_master(stack, chance):
    orphans = stack.nginx.workers()
    stack.nginx.kill_master()
    stack.nginx.restart_after_kill()
    wait_until(lambda: not any(alive(pid) for pid in orphans), "the orphans to leave", 35)


class Chaos:
    """Kills one of `victims` after the other, every kind at least once when there is time, each after at most
    `pause_s`."""

    def __init__(self, stack, victims, seed, pause_s=1.5):
        self.stack = stack
        self.victims = victims
        self.chance = random.Random(seed)
        self.pause_s = pause_s
        self.first = list(dict.fromkeys(victims))
        self.chance.shuffle(self.first)
        self.done = {victim.__name__: 0 for victim in victims}

    @property
    def kills(self):
        return sum(self.done.values())

    def kill(self):
        time.sleep(self.chance.uniform(0, self.pause_s))  # the moment of the kill is what is random here
        victim = self.first.pop() if self.first else self.chance.choice(self.victims)
        victim(self.stack, self.chance)
        self.done[victim.__name__] += 1
