"""Whole payloads as networks and trackers send them with their macros filled in, and what each has to mean.

`$` stands for our click id. What is meant is written down by hand, from the reference pages of each, not made from the
presets.
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Payload:
    preset: str
    sent: str | dict  # a query string, or the JSON of a POST
    status: str
    payout: Decimal  # the revenue too
    currency: str = "USD"
    transaction: str | None = None
    event: str | None = None
    word: str | None = None  # the status as it was sent
    custom: dict = field(default_factory=dict)  # number -> text


def of(preset, sent, status, payout, *rest, **more):
    return Payload(preset, sent, status, Decimal(payout), *rest, **more)


COUNTED = [
    of(
        "keitaro",
        "subid=$&status=sale&payout=10.123456&currency=EUR&tid=K-1&cost=0.5&sub_id_1=banner&sub_id_15=last",
        *("sale", "10.123456", "EUR", "K-1"),
        word="sale",
        custom={1: "banner", 15: "last"},
    ),
    of("keitaro", "subid=$&tid=K-2&revenue=4&status=lead", "lead", "4", "USD", "K-2", word="lead"),
    of(
        "keitaro",
        "subid=$&tid=K-3&payout=4&status=ftd&sale_status=ftd,redep&rejected_status=chb",
        *("sale", "4", "USD", "K-3"),
        word="ftd",
    ),
    of("keitaro", "subid=$&tid=K-4&payout=4&status=rebill", "rebill", "4", "USD", "K-4", word="rebill"),
    of(
        "voluum",
        "cid=$&payout=1.5&txid=V-1&et=deposit&currency=GBP&param1=one&param5=five",
        *("sale", "1.5", "GBP", "V-1", "deposit"),
        custom={1: "one", 5: "five"},
    ),
    of(
        "binom",
        "cnv_id=$&payout=2.25&cnv_status=approve&cnv_status2=second&cnv_currency=EUR&event1=3&event19=4",
        *("sale", "2.25", "EUR"),
        word="approve",
        custom={1: "3", 19: "4", 20: "second"},
    ),
    of("binom", "clickid=$&payout=2.25", "sale", "2.25"),
    of(
        "redtrack",
        "clickid=$&sum=7&type=Purchase&status=approved&currency=CAD&sub1=x&sub20=y",
        *("sale", "7", "CAD", None, "Purchase"),
        word="approved",
        custom={1: "x", 20: "y"},
    ),
    of(
        "peerclick",
        "cid=$&payout=3&status=lead&txid=P-1&event1=a&event20=z",
        *("lead", "3", "USD", "P-1"),
        word="lead",
        custom={1: "a", 20: "z"},
    ),
    of("bemob", "cid=$&payout=0.75&txid=B-1", "sale", "0.75", "USD", "B-1"),
    of(
        "tune",
        "aff_sub=$&payout=12.50&currency=EUR&transaction_id=102f&status=approved&offer_id=8&offer_name=A%20B&source=s",
        *("sale", "12.50", "EUR", "102f"),
        word="approved",
        custom={1: "8", 2: "A B", 3: "s"},
    ),
    of(
        "everflow",
        "sub1=$&payout_amount=5&sale_amount=80&currency=USD&transaction_id=abc&offer_id=2&event_id=0&event_name=Base",
        *("sale", "5", "USD", "abc", "Base"),
        custom={1: "80", 2: "2", 3: "0"},
    ),
    of(
        "cake",
        "s2=$&price=9.00&tid=998&offer_id=31&campaign_id=7",
        *("sale", "9.00", "USD", "998"),
        custom={1: "31", 2: "7"},
    ),
    of(
        "affise",
        "sub1=$&sum=11&currency=EUR&status=5&transactionid=5d&goal=1&offer_id=77&order_sum=110.5",
        *("lead", "11", "EUR", "5d", "1"),
        word="5",
        custom={1: "77", 2: "110.5"},
    ),
    of("affise", "sub1=$&sum=11&status=1&transactionid=5e", "sale", "11", "USD", "5e", word="1"),
    of("affise", "sub1=$&sum=11&status=3&transactionid=5f", "rejected", "11", "USD", "5f", word="3"),
    of(
        "impact",
        {"SubId1": "$", "Payout": 4.2, "Status": "REVERSED", "ActionId": "77", "CampaignId": 1001},
        *("rejected", "4.2", "USD", "77"),
        word="REVERSED",
        custom={1: "1001"},
    ),
    of(
        "awin",
        "clickRef=$&commission=1.10&transactionCurrency=GBP&transactionId=31&transactionAmount=22.00&merchantId=9",
        *("lead", "1.10", "GBP", "31"),
        custom={1: "22.00", 2: "9"},
    ),
    of(
        "clickbank",
        "tid=$&affiliate_earnings=18.40&event_type=PURCHASE&event_id=e1",
        *("sale", "18.40", "USD", "e1"),
        word="PURCHASE",
    ),
    of("maxbounty", "s2=$&rate=30&offer_id=4", "sale", "30", custom={1: "4"}),
    of(
        "admitad",
        "subid=$&payment_sum=99,5&currency=RUB&order_id=O1&payment_status=declined&order_sum=995&offer_id=6"
        "&offer_name=%D0%9C%D0%B0%D0%B3",
        *("rejected", "99.5", "RUB", "O1"),
        word="declined",
        custom={1: "995", 2: "6", 3: "Маг"},
    ),
    of("adcombo", "subacc4=$&revenue=15&trans_id=A1&status=hold", "lead", "15", "USD", "A1", word="hold"),
    of("adcombo", "clickid=$&revenue=15&trans_id=A2&status=trash", "trash", "15", "USD", "A2", word="trash"),
    of("adworkmedia", "sid=$&amount=2&leadID=L&status=2", "rejected", "2", "USD", "L", word="2"),
    of(
        "mylead",
        "ml_sub1=$&payout=6&currency=PLN&status=pre_approved&transaction_id=m",
        *("lead", "6", "PLN", "m"),
        word="pre_approved",
    ),
    of("terraleads", "sub_id=$&cost=8&status=confirm", "sale", "8", word="confirm"),
    of("kma", "data1=$&sum=5&status=A", "sale", "5", word="A"),
    of("altercpa", "subid=$&id=77&cash=3&stage=cancel", "rejected", "3", "USD", "77", word="cancel"),
    of("alanbase", "sub_id1=$&revenue=21.07&status=confirmed", "sale", "21.07", word="confirmed"),
    of("scaleo", "aff_click_id=$&payout=1&conv_status=pending", "lead", "1", word="pending"),
    of("zeydoo", "ymid=$&amount=0.5", "sale", "0.5"),
    of(
        "generic",
        "click_id=$&payout=1&status=chargeback&txid=G-1",
        *("rejected", "1", "USD", "G-1"),
        word="chargeback",
    ),
]

# Words and numbers that mean nothing there, though they would elsewhere; macros that nobody filled in.
QUARANTINED = [
    ("affise", "sub1=$&sum=11&status=4&transactionid=x", "unknown_status"),
    ("adworkmedia", "sid=$&amount=2&leadID=x&status=3", "unknown_status"),
    ("tune", "aff_sub=$&payout=1&transaction_id=x&status=1", "unknown_status"),
    ("clickbank", "tid=$&affiliate_earnings=1&event_type=ABANDONED_ORDER&event_id=x", "unknown_status"),
    ("clickbank", "tid=$&affiliate_earnings=0&event_type=ORDER_IMPRESSION&event_id=x", "unknown_status"),
    ("cake", "s2=%23s2%23&price=9&tid=x", "unexpanded_macro"),
    ("awin", "clickRef=!!!clickRef!!!&commission=1&transactionId=x", "unexpanded_macro"),
    ("admitad", "subid=[[[subid]]]&payment_sum=1&order_id=x", "unexpanded_macro"),
    ("mylead", "ml_sub1=$&payout=[payout]&transaction_id=x&status=approved", "unexpanded_macro"),
    ("everflow", "sub1=$&payout_amount=five&transaction_id=x", "bad_money"),
    ("voluum", "cid=$&payout=1&currency=BTC&txid=x", "bad_currency"),
]
