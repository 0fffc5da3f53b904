"""What conversions have to be, computed a second time: from what was sent, and the order in which it was written down.

The money is decimal and the rules are those of docs/ingestion.md, written without a look at the ingestor.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

UNMAPPED, LEAD, SALE, REJECTED, TRASH, REBILL, CUSTOM = range(7)
RANK = {UNMAPPED: 0, LEAD: 1, CUSTOM: 1, SALE: 2, REBILL: 2, REJECTED: 3, TRASH: 3}
EARNING = (LEAD, SALE, REBILL, CUSTOM)


@dataclass(frozen=True)
class Caller:
    """A network or an affiliate, and its rules."""

    owner: int
    kind: int  # of its keys: 1 a transaction of a network, 3 a click of an affiliate
    back_to_sale: bool = False
    event_duplicates: tuple = ()  # (event, policy); all others update
    hold_from: Decimal | None = None  # leads of this much become sales

    def policy(self, event):
        return dict(self.event_duplicates).get(event, "update")

    def rank(self, status):
        return 2 if self.back_to_sale and status in (REJECTED, TRASH) else RANK[status]


@dataclass(frozen=True)
class Call:
    """One postback as its sender means it."""

    uid: str
    caller: Caller
    name: str  # its transaction, or the affiliate's click
    campaign: int
    status: int
    currency: str
    payout: Decimal | None = None
    revenue: Decimal | None = None
    event: str = ""

    @property
    def key(self):
        event = self.event
        if self.status == REBILL:
            event = f"rebill:{event}" if event else "rebill"
        elif self.caller.policy(self.event) == "add_amounts":
            event = f"{event}|{self.currency}"
        return (self.caller.owner, self.caller.kind, event, self.name)


@dataclass(frozen=True)
class Conversion:
    key: tuple
    campaign: int
    status: int
    payout: Decimal | None
    revenue: Decimal | None
    currency: str
    postbacks: int


def earned(call):
    """The revenue that counts: what was sent, else the payout."""
    return call.payout if call.revenue is None else call.revenue


def expected(calls, log, by_hand=None):
    """Every conversion as a multiset. `log` is (uid, time, journal, position) of each recorded call; `by_hand` is
    key -> status."""
    groups = defaultdict(list)
    for uid, *standing in log:
        call = calls[uid]
        own = tuple(standing) if call.status != REBILL and call.caller.policy(call.event) == "count" else None
        groups[call.key, own].append((call, tuple(standing)))
    return Counter(fold(key, group, (by_hand or {}).get(key)) for (key, _), group in groups.items())


def fold(key, group, decided):
    def standing(entry):
        call, place = entry
        return call.caller.rank(call.status), *place

    latest, _ = max(group, key=standing)
    payout, revenue = latest.payout, earned(latest)
    if latest.status != REBILL and latest.caller.policy(latest.event) == "add_amounts":
        counted = [call for call, _ in group if call.status not in (REJECTED, TRASH)]
        payout, revenue = sum(call.payout for call in counted), sum(earned(call) for call in counted)
    status = latest.status
    hold = latest.caller.hold_from
    if status == LEAD and hold is not None and revenue >= hold:
        status = SALE
    status = status if decided is None else decided
    return Conversion(key, latest.campaign, status, payout, revenue, latest.currency, len(group))


def totals(conversions):
    """(campaign, currency) -> counts by status, payout and revenue, as a report adds them up."""
    found = defaultdict(lambda: [0] * 7 + [Decimal(0), Decimal(0)])
    for one, number in conversions.items():
        row = found[one.campaign, one.currency]
        row[one.status] += number
        if one.status in EARNING:
            row[7] += number * (one.payout or 0)
            row[8] += number * (one.revenue or 0)
    return dict(found)
