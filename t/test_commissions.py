"""What partners earn: a ledger that follows the conversions in any order, and that a recount confirms."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from lib.ingestor_bench import Bench, sale
from lib.prometheus import counter
from lib.wait import wait_until

TEAM = "11111111-1111-1111-1111-111111111111"
BALANCES = "SELECT partner, currency, pending, payable, paid, earned::text FROM events.partner_balances ORDER BY 1, 2"
CHECK = "SELECT partner, campaign, rule, currency, amount FROM events.ledger_check()"
DAY_MS = 86_400_000
SETTLE_MOVED = "SELECT events.settle_moved_events()"
MOVED = "SELECT count(*) FROM events.partner_events WHERE moved"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


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

    def event(self, number, partner, session=None, **columns):
        """A purchase as the ingestor stores it, of its own minute; returns its id."""
        event = f"00000000-0000-4000-8000-{number:012}"
        row = {"event_id": event, "partner": partner, "settled_partner": partner, "value": 10, "currency": "USD"}
        row |= {"advertiser": 1, "team": TEAM, "action": "purchase", **columns}
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        query = f"INSERT INTO events.partner_events (time, {names}) VALUES (now() + %s * interval '1 minute', {places})"
        if session:
            session.execute(query, (number, *row.values()))
        else:
            self.database.execute(query, number, *row.values())
        return event

    @contextmanager
    def session(self):
        """A transaction of its own, committed at the end."""
        with self.database.cluster.connect(self.database.name) as session, session.transaction():
            yield session

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


def settle(session, event):
    return session.execute("SELECT events.settle_commissions('{}', '{}', ARRAY[%s]::uuid[])", [event]).fetchone()[0]


def test_two_who_store_purchases_of_one_customer_at_once_book_one_first_purchase(books):
    books.partners(7, 8)
    books.rule(1, "fixed", "5", applies_to="first")
    books.rule(2, "fixed", "1", applies_to="repeat")
    with ThreadPoolExecutor(1) as pool, books.session() as second:
        with books.session() as first:
            later = books.event(2, 8, second, customer_key="c-1")
            assert settle(first, books.event(1, 7, first, customer_key="c-1")) == 1
            settled = pool.submit(settle, second, later)
            wait_until(lambda: settled.done() or books.database.value(WAITING) == 1, "the second to wait")
            assert not settled.done()
        assert settled.result(30) == 1
    assert books.earned() == {7: "5.000000", 8: "1.000000"}


def test_what_moves_on_while_it_is_settled_is_settled_again(books):
    books.partners(7, 8, 9)
    books.rule(1, "percent", "10")
    with books.session() as ingestor:
        event = books.event(1, 7, ingestor)
        settle(ingestor, event)
    move = "UPDATE events.partner_events SET moved = true, partner = %s"
    books.database.execute(move, 8)
    with ThreadPoolExecutor(1) as pool:
        with books.session() as other:
            other.execute("SELECT events.lock_ledgers('{8}')")
            settled = pool.submit(books.database.value, SETTLE_MOVED)
            wait_until(lambda: books.database.value(WAITING) == 1, "the maintenance to wait")
            books.database.execute(move, 9)
        assert settled.result(30) == 1
    assert books.database.value(MOVED) == 1
    assert books.database.value(SETTLE_MOVED) == 1
    assert books.earned() == {9: "1.000000"}
    assert books.database.value(MOVED) == 0


def test_an_event_of_nobody_that_moved_holds_up_no_other(books):
    books.partners(7)
    books.rule(1, "percent", "10")
    for number in range(3):
        books.event(number, 0, moved=True)
    books.event(9, 7, settled_partner=0, moved=True)
    wanted = "SELECT events.settle_moved_events(3)"
    assert [books.database.value(wanted) for _ in range(3)] == [3, 1, 0]
    assert books.earned() == {7: "1.000000"}


FIRST_RULE = """
SELECT pg_advisory_xact_lock(hashtext('events.known_commissions'));
INSERT INTO events.known_commissions (rule, version, team, kind, amount, since)
VALUES (1, 1, '11111111-1111-1111-1111-111111111111', 'percent', 10, '-infinity')
"""


def test_the_first_rule_of_a_team_misses_nothing_that_is_being_stored(books):
    """Whoever stores a conversion waits for the rule that is being made, and sees it."""
    books.ingestor.start()
    click = books.clicks_of(7)[7]
    attributed = "SELECT count(*) FROM events.conversions WHERE attribution = 'attributed'"
    with books.session() as admin:
        admin.execute(FIRST_RULE)
        books.call(click, sale(0, "t1"))
        wait_until(
            lambda: books.database.value(WAITING) == 1 or books.database.value(attributed) == 1,
            "the ingestor to wait for the rule",
        )
    books.wait_settled(1)
    assert books.earned() == {7: "0.150000"}


TOO_SLOW = """
CREATE FUNCTION events.end_in_time() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled'; END $$;
CREATE TRIGGER too_slow BEFORE UPDATE ON events.conversions FOR EACH ROW EXECUTE FUNCTION events.end_in_time()
"""


def test_what_does_not_end_in_time_holds_up_no_other_part_of_the_maintenance(books):
    books.partners(7)
    books.rule(1, "percent", "10")
    books.database.execute(TOO_SLOW)
    books.ingestor.start()
    books.write("partner 7", "clicks 1 1", sale(0, "t1"))
    failures = "tributary_ingestor_maintenance_failures_total"
    wait_until(lambda: counter(books.ingestor.metrics(), failures) >= 1, "the sweep to fail")
    books.event(9, 7, settled_partner=0, moved=True)
    wait_until(lambda: books.database.value(MOVED) == 0, "the last part of the maintenance")
    assert books.earned() == {7: "1.000000"}
    books.database.execute("DROP TRIGGER too_slow ON events.conversions")
    books.wait_settled(1)
    assert books.earned() == {7: "1.150000"}
