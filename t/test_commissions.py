"""What partners earn: a ledger that follows the conversions in any order, and that a recount confirms."""

import random

import pytest

from lib.ingestor_bench import Bench, sale
from lib.wait import wait_until

TEAM = "11111111-1111-1111-1111-111111111111"
BALANCES = "SELECT partner, currency, pending, payable, paid, earned::text FROM events.partner_balances ORDER BY 1, 2"
CHECK = "SELECT partner, campaign, rule, currency, amount FROM events.ledger_check()"
DAY_MS = 86_400_000


class Books(Bench):
    """An ingestor, partners and rules of commission."""

    def partners(self, *numbers):
        for number in numbers:
            self.database.execute(
                "INSERT INTO events.known_affiliates (affiliate, team) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                number,
                TEAM,
            )
        return numbers[0]

    def rule(self, number, kind, amount, **terms):
        terms = {"currency": "USD" if kind == "fixed" else "", "since": "-infinity", **terms}
        names = ", ".join(["rule", "version", "team", "kind", "amount", *terms])
        places = ", ".join(["%s"] * (5 + len(terms)))
        values = (number, 1, TEAM, kind, amount, *terms.values())
        self.database.execute(f"INSERT INTO events.known_commissions ({names}) VALUES ({places})", *values)

    def clicks_of(self, *numbers):
        """A click of campaign 1 for each of these partners; returns their ids."""
        self.partners(*numbers)
        self.write(*[line for number in numbers for line in (f"partner {number}", "clicks 1 1")], slot=90)
        query = "SELECT affiliate, replace(id::text, '-', '') FROM events.clicks"
        return wait_until(lambda: dict(self.database.rows(query)), "the clicks of the partners")

    def call(self, click, *lines, slot=0):
        """Postbacks for a click that is stored; waits until all that is known has been settled."""
        self.write(f"known {click}", *lines, slot=slot)

    def wait_settled(self, postbacks):
        query = (
            "SELECT (SELECT count(*) FROM events.postbacks),"
            " (SELECT count(*) FROM events.conversions WHERE attribution = 'awaiting_click')"
        )
        wait_until(lambda: self.database.rows(query) == [(postbacks, 0)], f"{postbacks} postbacks to be settled", 30)

    def earned(self):
        rows = self.database.rows(
            "SELECT partner, sum(amount)::text FROM events.partner_ledger GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1"
        )
        assert self.database.rows(CHECK) == []
        return dict(rows)

    def ledger(self):
        return self.database.rows("SELECT kind, amount::text, rule FROM events.partner_ledger ORDER BY id")


@pytest.fixture
def books(workspace, database):
    made = Books(workspace, database)
    yield made
    made.ingestor.kill()


def test_a_rejected_sale_is_taken_back_and_an_approved_one_comes_again(books):
    books.rule(1, "percent", "12.5")
    calls = [(1, 9), (2, 10), (3, 10), (2, 8)]  # lead, sale, rejected, sale
    books.database.execute("UPDATE events.known_networks SET back_to_sale = true")
    books.ingestor.start()
    click = books.clicks_of(7)[7]
    for step, (status, payout) in enumerate(calls):
        books.call(click, f"late {-60_000 * (9 - step)}", f"postback 0 t1 {status} {payout}000000", slot=step)
        books.wait_settled(step + 1)
    assert books.ledger() == [("earned", "1.250000", 1), ("reversed", "-1.250000", 1), ("earned", "1.000000", 1)]
    assert books.earned() == {7: "1.000000"}
    assert books.command("recount").returncode == 0


@pytest.mark.proves("F39")
def test_every_order_of_the_same_calls_ends_with_the_same_balance(books):
    """Every order is a partner of its own; tiers and caps make what one conversion earns depend on the others."""
    dice = random.Random(20261122)
    books.rule(1, "percent", "10")
    books.rule(2, "fixed", "2.5", from_count=2, cap="7.5")
    books.rule(3, "percent", "33.333333", event="rebill", cap="1.1", cap_period="day", hold_days=10)
    books.ingestor.start()
    orders = 20
    calls = [
        (t, status, dice.randrange(1, 9), age_days)
        for t in range(6)
        for status, age_days in ((dice.choice((1, 2)), 20 - 3 * t), (dice.choice((2, 3, 5, 5)), 19 - 3 * t))
    ]
    clicks = books.clicks_of(*range(100, 100 + orders))
    shuffled = [dice.sample(calls, len(calls)) for _ in range(orders)]
    for step in range(len(calls)):
        lines = [f"known {clicks[100 + order]}" for order in range(orders)]
        for order, own in enumerate(shuffled):
            t, status, payout, age_days = own[step]
            lines += [f"late {-DAY_MS * age_days}", f"postback {order} o{order}.t{t} {status} {payout}000000"]
        books.write(*lines, slot=step)
        books.wait_settled((step + 1) * orders)
    earned = books.earned()
    assert len(earned) == orders
    assert len(set(earned.values())) == 1, earned
    kinds = dict(books.database.rows("SELECT kind, count(*) FROM events.partner_ledger GROUP BY 1"))
    assert kinds["earned"] > orders
    assert kinds["reversed"] > orders
    balances = books.database.rows(BALANCES)
    assert len({row[2:] for row in balances}) == 1
    assert books.command("recount").returncode == 0


@pytest.mark.proves("A65")
def test_calls_that_come_again_and_a_killed_ingestor_book_nothing_twice(books):
    books.rule(1, "fixed", "3")
    books.ingestor.start()
    click = books.clicks_of(7)[7]
    sales = [sale(0, f"t{n}") for n in range(50)]
    books.call(click, *sales, slot=0)
    books.ingestor.kill()
    books.ingestor.start()
    books.call(click, *sales, *sales, slot=1)
    books.wait_settled(150)
    assert books.earned() == {7: "150.000000"}
    assert books.database.value("SELECT count(*) FROM events.partner_ledger") == 50


def test_the_click_says_whose_the_conversion_is(books):
    books.partners(7, 8)
    books.rule(1, "fixed", "1")
    books.rule(2, "fixed", "4", partner=8, campaign=2)
    books.rule(3, "fixed", "9", destination=9, campaign=5)
    books.ingestor.start()
    books.write(
        "partner 7", "clicks 1 1", "partner 8", "clicks 2 2", "partner 0", *[sale(n, f"t{n}") for n in range(3)]
    )
    wait_until(lambda: len(books.ledger()) == 3, books.ledger)
    assert books.earned() == {7: "1.000000", 8: "5.000000"}
    assert sorted(books.ledger()) == [("earned", "1.000000", 1), ("earned", "1.000000", 1), ("earned", "4.000000", 2)]


def test_the_most_special_rule_that_fits_counts(books):
    """Each pair of rules has a partner of its own: a plain one, and one with further terms."""
    terms = [
        ({"event": "sale"}, True),
        ({"destination": 9}, True),
        ({"campaign": 1}, True),
        ({"applies_to": "first"}, True),
        ({"applies_to": "repeat"}, False),
        ({"event": "rebill"}, False),
        ({"campaign": 2}, False),
        ({"from_count": 1}, False),
        ({"since": "infinity"}, False),
        ({"until": "-infinity"}, False),
    ]
    for n, (more, _) in enumerate(terms):
        books.rule(2 * n, "percent", "10", partner=100 + n)
        books.rule(2 * n + 1, "percent", "20", partner=100 + n, **more)
    books.partners(*range(100, 100 + len(terms)))
    books.ingestor.start()
    clicks = [line for n in range(len(terms)) for line in (f"partner {100 + n}", "clicks 1 1")]
    books.write(*clicks, *[sale(n, f"t{n}") for n in range(len(terms))])
    wait_until(lambda: len(books.ledger()) == len(terms), books.ledger)
    assert {row[2] for row in books.ledger()} == {2 * n + fits for n, (_, fits) in enumerate(terms)}


def test_partner_comes_before_campaign_before_destination_before_event(books):
    books.partners(7)
    special = [{"partner": 7}, {"campaign": 1}, {"destination": 9}, {"event": "sale"}, {"applies_to": "first"}]
    for number, terms in enumerate(special):
        books.rule(10 + number, "fixed", str(1 + number), **terms)
    books.ingestor.start()
    for step in range(len(special)):
        books.write("partner 7", "clicks 1 1", sale(0, f"t{step}"), slot=step)
        wait_until(lambda n=step: len(books.ledger()) == n + 1, books.ledger)
        books.database.execute("DELETE FROM events.known_commissions WHERE rule = %s", 10 + step)
    assert [row[2] for row in books.ledger()] == [10, 11, 12, 13, 14]


@pytest.mark.proves("F40")
def test_a_recount_finds_and_mends_a_row_that_is_missing_or_too_many(books):
    books.partners(7, 8)
    books.rule(1, "fixed", "3", cap="100")
    books.ingestor.start()
    books.write("partner 7", "clicks 1 1", *[sale(0, f"t{n}") for n in range(5)])
    wait_until(lambda: len(books.ledger()) == 5, books.ledger)
    books.database.execute("DELETE FROM events.partner_ledger WHERE id = (SELECT min(id) FROM events.partner_ledger)")
    books.database.execute(
        "INSERT INTO events.partner_ledger (team, partner, kind, amount, currency, subject, earned_at)"
        " VALUES (%s, 8, 'earned', 1, 'USD', 'x', now())",
        TEAM,
    )
    found = books.command("recount")
    assert found.returncode == 1
    assert "ledger of partner 7: -3 USD" in found.stdout
    assert "ledger of partner 8: 1 USD" in found.stdout
    assert "ledger: 2 rows booked" in books.command("recount", "--repair").stdout
    assert books.earned() == {7: "15.000000"}
    assert books.command("recount").returncode == 0


def test_what_is_held_becomes_payable_when_its_time_is_over(books):
    books.partners(7)
    books.rule(1, "fixed", "3", hold_days=2)
    books.ingestor.start()
    books.write("partner 7", "clicks 1 1", sale(0, "new"), f"late {-3 * DAY_MS}", sale(0, "old"))
    wait_until(lambda: len(books.ledger()) == 2, books.ledger)
    assert [tuple(map(str, row)) for row in books.database.rows(BALANCES)] == [
        ("7", "USD", "3.000000", "3.000000", "0", "6.000000")
    ]


@pytest.mark.parametrize("role", ["tributary_ingestor", "tributary_admin"])
def test_nobody_changes_or_deletes_what_stands_in_the_ledger(books, role):
    with books.database.cluster.connect(books.database.name, role) as session:
        for statement in ("UPDATE events.partner_ledger SET amount = 1", "DELETE FROM events.partner_ledger"):
            with pytest.raises(Exception, match="permission denied"):
                session.execute(statement)
