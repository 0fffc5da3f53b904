"""Postbacks as networks and affiliates send them: each conversion in several steps, steps out of order, some twice."""

import random
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from lib.conversion_model import CUSTOM, LEAD, REBILL, REJECTED, SALE, Call

WORDS = {LEAD: "lead", SALE: "sale", REJECTED: "rejected", REBILL: "rebill", CUSTOM: "step"}
CURRENCIES = ("USD", "EUR", "JPY", "GBP")
WINDOW = 2000  # how many calls late a step may be
REPEATS = 0.1
AFFILIATES = 0.15


@dataclass
class Calls:
    """`lines` are (uid, path) in the order of sending; a uid that comes twice is the same call twice."""

    by_uid: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)
    clicks: set = field(default_factory=set)  # ids that affiliates chose for clicks


class Maker:
    """Makes `count` postbacks for `clicks` (campaign, click id). `networks` and `affiliate` are (caller, path)."""

    def __init__(self, seed, clicks, networks, affiliate):
        self.dice = random.Random(seed)
        self.clicks = clicks
        self.networks = networks
        self.affiliate = affiliate
        self.calls = Calls()
        self.placed = []  # (place, uid, path)

    def make(self, count):
        fresh = round(count * (1 - REPEATS))
        while len(self.calls.by_uid) < fresh:
            if self.dice.random() < AFFILIATES:
                self.flow_of_an_affiliate()
            else:
                self.flow_of_a_network()
        postbacks = [entry for entry in self.placed if entry[1] in self.calls.by_uid]
        for place, uid, path in self.dice.sample(postbacks, count - fresh):
            self.placed.append((place + self.dice.choice((0.5, self.dice.uniform(1, WINDOW))), uid, path))
        self.calls.lines = [(uid, path) for _, uid, path in sorted(self.placed)]
        return self.calls

    def amount(self, least=0):
        return Decimal(self.dice.randrange(least * 10**6, 100 * 10**6)).scaleb(-6)

    def place(self):
        return len(self.placed) + self.dice.uniform(0, WINDOW)

    def flow_of_a_network(self):
        caller, path = self.dice.choice(self.networks)
        name, currency = f"t{len(self.calls.by_uid)}", self.dice.choice(CURRENCIES)
        campaign, click = self.dice.choice(self.clicks)

        def step(status, event="", name=name, payout=None, **amounts):
            payout = self.amount() if payout is None else payout
            uid = f"p-{len(self.calls.by_uid)}"
            call = Call(uid, caller, name, campaign, status, currency, payout, event=event, **amounts)
            said = {"cid": click, "txid": name, "status": WORDS[status], "payout": payout, "currency": currency}
            said |= {"revenue": call.revenue} if call.revenue is not None else {}
            said |= {"event": event} if event else {}
            self.add(call, f"{path}?{urlencode({**said, 'custom1': uid})}")

        self.dice.choice((self.sale, self.story, self.rebills, self.upsells, self.held))(step)

    def sale(self, step):
        step(SALE)

    def story(self, step):
        """What most networks tell, in part, and each with an amount of its own."""
        for status in self.dice.sample((LEAD, CUSTOM, SALE, SALE, REJECTED), self.dice.randint(2, 5)):
            # A lead too small for any hold rule, so that it does not depend on the moment whether one found it.
            step(status, payout=self.amount().scaleb(-2).quantize(Decimal("0.000001")) if status == LEAD else None)

    def rebills(self, step):
        step(SALE, revenue=self.amount())
        step(REBILL)
        for number in range(self.dice.randint(1, 3)):
            step(REBILL, name=f"r{len(self.calls.by_uid)}.{number}")

    def upsells(self, step):
        step(SALE)
        for event in ("upsell", "upsell", "again", "other"):
            step(SALE, event)

    def held(self, step):
        step(LEAD, payout=self.amount(least=10))

    def flow_of_an_affiliate(self):
        caller, path, click_path = self.affiliate
        campaign, currency = self.dice.choice(self.clicks)[0], self.dice.choice(CURRENCIES)
        name = f"ext{len(self.calls.by_uid)}"
        self.calls.clicks.add(name)
        # Half of the clicks come before their postbacks, half anywhere among them.
        place = len(self.placed) + self.dice.choice((0, self.dice.uniform(0, WINDOW)))
        self.placed.append((place, f"c-{name}", click_path.format(campaign=campaign, click=name)))
        for status in self.dice.choice(((SALE,), (SALE, SALE), (SALE, REJECTED), (LEAD, SALE))):
            uid = f"p-{len(self.calls.by_uid)}"
            call = Call(uid, caller, name, campaign, status, currency, revenue=self.amount())
            said = {"click_id": name, "amount": call.revenue, "status": WORDS[status], "currency": currency}
            self.add(call, f"{path}&{urlencode({**said, 'custom1': uid})}")

    def add(self, call, path):
        self.calls.by_uid[call.uid] = call
        self.placed.append((self.place(), call.uid, path))
