"""Postbacks out of order and some of them twice, over four workers and two ingestors, while everything is killed: each
conversion counts once, with its exact amount, and every call is in the log."""

import random
from collections import Counter, defaultdict
from decimal import Decimal
from types import SimpleNamespace

import pytest

from lib.admin_client import made, make_campaign
from lib.chaos import Chaos, kill_master, kill_worker
from lib.conversion_model import REJECTED, Caller, Conversion, expected, totals
from lib.full_stack import FullStack
from lib.ingestor import Ingestor
from lib.postback_calls import Maker
from lib.tools import Load, run_load
from lib.wait import wait_until

COUNT = 20_000
RATE = 500
SOAK_RATE = 1500
CONNECTIONS = 32
ROUNDS = 3
BY_HAND = 30
HOLD_FROM = Decimal(10)
# One entry of the edge's memory may be lost when two workers write beside each other.
FORGOTTEN_SHARE = 0.005
PARAMETERS = [
    {"field": "click_id", "names": ["cid"]},
    {"field": "transaction", "names": ["txid"]},
    {"field": "payout", "names": ["payout"]},
    {"field": "custom_1", "names": ["custom1"]},
]
EVENTS = {"upsell": "add_amounts", "again": "count"}
TABLES = "tributary_uniques size=8m; tributary_transactions size=64m; tributary_recent_clicks size=32m;"
CLICK = "/c/{slug}?sub1={{uid}}"
# An affiliate's call counts once there is a click that was taken at most this long after it.
CLICK_IS_LATE_S = 5
FITTING = f"""
    SELECT FROM events.external_clicks c WHERE c.affiliate = p.affiliate AND c.external_click_id = p.click_text
    AND c.time <= p.time + interval '{CLICK_IS_LATE_S} seconds'
"""
LOG = f"""
    SELECT custom[1], time, journal, position FROM events.postbacks p
    WHERE p.affiliate = 0 OR EXISTS ({FITTING})
"""
STORED = """
    SELECT key_owner, key_kind, key_event, CASE key_kind WHEN 3 THEN click_text ELSE transaction END, campaign, status,
      payout, revenue, currency, postbacks
    FROM events.conversions
"""
UNSETTLED = f"""
    SELECT (SELECT count(*) FROM events.conversions WHERE attribution = 'awaiting_click'),
      (SELECT count(*) FROM events.waiting_postbacks w JOIN events.postbacks p USING (journal, position)
       WHERE EXISTS ({FITTING})),
      (SELECT count(*) FROM events.conversion_decisions WHERE state <> 'done'),
      (SELECT count(*) FROM events.conversions WHERE network = %s AND status = 1 AND payout >= %s)
"""
FACTS = """
    SELECT campaign, currency, sum({base}unmapped), sum({base}leads), sum({base}sales), sum({base}rejected),
      sum({base}trash), sum({base}rebills), sum({base}customs), sum({base}payout), sum({base}revenue)
    FROM events.campaign_facts GROUP BY 1, 2
"""


def kill_an_ingestor(storm, chance):
    victim = chance.choice(storm.ingestors)
    victim.kill()
    victim.start()


def kill_both_ingestors(storm, chance):
    for ingestor in storm.ingestors:
        ingestor.kill()
    for ingestor in storm.ingestors:
        ingestor.start()


def kill_postgres(storm, chance):
    storm.postgres.kill()
    storm.postgres.start()


VICTIMS = (*[kill_worker] * 2, *[kill_an_ingestor] * 2, kill_both_ingestors, kill_master, kill_postgres)


@pytest.fixture
def storm(workspace, database, postgres):
    """Four workers, two ingestors, two networks with rules of their own and an affiliate."""
    full = FullStack(workspace, database, workers=4, http=TABLES, server="", postback_options="")
    second = Ingestor(workspace, database, full.nginx, name="second")
    try:
        full.add_edge()
        yield SimpleNamespace(
            full=full,
            nginx=full.nginx,
            database=database,
            postgres=postgres,
            workspace=workspace,
            ingestors=(full.ingestor, second),
            **configured(full),
        )
    finally:
        postgres.ensure_running()
        second.kill()
        full.finish()


def configured(full):
    buyer = full.buyer
    url = "https://shop.example.com/?cid={click_id}"
    destination = made(buyer.post("/api/v1/destinations", json={"name": "shop", "url": url}))
    stream = {"name": "all", "destinations": [{"destination_id": destination["id"], "weight": 1}]}
    campaigns = {slug: make_campaign(buyer, slug, currency="USD")["id"] for slug in ("one", "two")}
    for campaign in campaigns.values():
        made(buyer.post(f"/api/v1/campaigns/{campaign}/streams", json=stream))
    fields = {"parameters": PARAMETERS, "statuses": {"step": "custom"}}
    plain = network(full, "plain", fields | {"event_duplicates": EVENTS})
    holding = network(full, "holding", fields | {"hold_rules": [{"days": 0, "min_amount": str(HOLD_FROM)}]})
    partner = made(buyer.post("/api/v1/partners", json={"name": "Ana", "auth": "none"}))["id"]
    full.wait_pushed()
    caller = Caller(partner, 3)
    return {
        "campaigns": campaigns,
        "networks": [
            (Caller(plain["id"], 1, event_duplicates=tuple(EVENTS.items())), plain["path"]),
            (Caller(holding["id"], 1, hold_from=HOLD_FROM), holding["path"]),
        ],
        "affiliate": (
            caller,
            f"/postback?affiliate_id={partner}",
            f"/click?affiliate_id={partner}&campaign_id={{campaign}}&click_id={{click}}",
        ),
    }


def network(full, name, fields):
    answer = made(full.buyer.post("/api/v1/networks", json={"name": name, "key": name, **fields}))
    return {"id": answer["id"], "path": f"/postback/{name}/{answer['secret']}"}


def clicked(storm, count):
    """(campaign, click id) of `count` clicks, none of which is in PostgreSQL yet."""
    found = []
    for slug, campaign in storm.campaigns.items():
        result = run_load(
            storm.nginx.port,
            out=storm.workspace.disk / f"clicks-{slug}.tsv",
            click=CLICK.format(slug=slug),
            rate=2000,
            duration=count / 2 / 2000,
            connections=CONNECTIONS,
            run=slug,
        )
        assert result.failed == result.unsent == 0
        found += [(campaign, answer.id) for answer in result.answers]
    assert storm.database.value("SELECT count(*) FROM events.clicks") == 0
    return found


def send(storm, lines, number, rate, meanwhile):
    """Send the calls; returns the answers."""
    file = storm.workspace.disk / f"calls-{number}.tsv"
    file.write_text("".join(f"{uid}\t{path}\n" for uid, path in lines))
    out = storm.workspace.disk / f"answers-{number}.tsv"
    load = Load(storm.nginx.port, out=out, calls=file, rate=rate, connections=CONNECTIONS, timeout=20, drain=60)
    try:
        while load.running():
            meanwhile()
        result = load.finish()
    finally:
        load.abandon()
    assert result.unsent == 0
    assert set(result.by_status) <= {"200", "503"}
    return result.answers


def send_until_answered(storm, lines, rate, meanwhile):
    """As networks do: what got no answer, or 503, comes again. Returns the answers of each round."""
    rounds, again = [], []
    paths = dict(lines)
    size = -(-len(lines) // ROUNDS)
    for number in range(ROUNDS):
        part = again + lines[number * size : (number + 1) * size]
        rounds.append(send(storm, part, number, rate, meanwhile))
        again = [(a.uid, paths[a.uid]) for a in rounds[-1] if a.status != 200]
    while again:
        assert len(rounds) < ROUNDS + 3, f"{len(again)} calls are never answered"
        rounds.append(send(storm, again, len(rounds), rate, lambda: None))
        again = [(a.uid, paths[a.uid]) for a in rounds[-1] if a.status != 200]
    return rounds


def set_by_hand(storm):
    """Reject some conversions over the API; returns key -> status."""
    network_id = storm.networks[0][0].owner
    query = {"network_id": network_id, "status": "sale", "limit": BY_HAND}

    def enough():
        found = storm.full.buyer.get("/api/v1/conversions", params=query).json()["data"]
        return len(found) == BY_HAND and found

    decided = {}
    for found in wait_until(enough, "conversions to decide about", 30, every=0.2):
        owner, kind, event, name = storm.database.rows(f"{STORED} WHERE id = %s", found["id"])[0][:4]
        if event == "again":
            continue  # several conversions have this key
        path = f"/api/v1/conversions/{found['id']}/status"
        assert storm.full.buyer.post(path, json={"status": "rejected"}).status_code == 202
        decided[owner, kind, event, name] = REJECTED
    return decided


def answered(rounds):
    return Counter(a.uid for answers in rounds for a in answers if a.status == 200)


def assert_log_is_what_was_sent(storm, calls, rounds, most_in_flight):
    """Every answered call is in the log, and nothing that is not explained."""
    told = answered(rounds)
    unknown = Counter(a.uid for answers in rounds for a in answers if a.status != 200)
    stored = Counter(uid for (uid,) in storm.database.rows("SELECT custom[1] FROM events.postbacks"))
    postbacks = set(calls.by_uid)
    lost = {uid: told[uid] for uid in postbacks if stored[uid] < told[uid]}
    assert not lost, f"{len(lost)} answered and not stored: {sorted(lost)[:10]}"
    invented = {uid: number for uid, number in stored.items() if number > told[uid] + unknown[uid]}
    assert not invented, f"{len(invented)} stored more often than sent: {sorted(invented.items())[:10]}"
    more = stored.total() - sum(told[uid] for uid in postbacks)
    assert more <= most_in_flight
    twice = "SELECT journal, position FROM events.postbacks GROUP BY 1, 2 HAVING count(*) > 1"
    assert storm.database.rows(twice) == []
    assert storm.database.value("SELECT count(*) FROM events.ingestion_errors") == 0
    assert storm.database.value("SELECT count(*) FROM events.incidents") == 0
    clicks = storm.database.rows("SELECT external_click_id, count(*) FROM events.external_clicks GROUP BY 1")
    assert dict(clicks) == dict.fromkeys(calls.clicks, 1)
    return more


def assert_repeats_are_answered_as_such(calls, rounds):
    """Of a network's calls, one that came again after its answer is `repeated`; not all that came of one are."""
    attempts = defaultdict(list)
    for number, answers in enumerate(rounds):
        for answer in answers:
            if answer.uid in calls.by_uid and calls.by_uid[answer.uid].caller.kind == 1:
                attempts[answer.uid].append(((number, answer.due_us), answer))
    asked = missed = 0
    for uid, sent in attempts.items():
        assert any(a.word != "repeated" for _, a in sent), f"{uid} is taken for a repeat of itself"
        ends = [(number, due + a.latency_us) for (number, due), a in sent if a.status == 200]
        after = [a for due, a in sent if a.status == 200 and due > min(ends)]
        asked += len(after)
        missed += sum(a.word != "repeated" for a in after)
    assert asked > 0
    assert missed <= asked * FORGOTTEN_SHARE
    return asked, missed


def stored_conversions(database):
    return Counter(Conversion(tuple(row[:4]), *row[4:]) for row in database.rows(STORED))


def assert_rollups(storm, wanted):
    for base in ("", "received_"):
        rows = storm.database.rows(FACTS.format(base=base))
        found = {(campaign, currency): list(row) for campaign, currency, *row in rows if any(row)}
        assert found == totals(wanted), base
    days = "SELECT min(time AT TIME ZONE 'UTC')::date::text, (now() AT TIME ZONE 'UTC')::date::text FROM events.clicks"
    first, last = storm.database.rows(days)[0]
    recount = storm.ingestors[0].command("recount", "--from", first, "--to", last)
    assert recount.returncode == 0, recount.stdout
    logged = storm.database.value("SELECT sum(postbacks) FROM events.campaign_facts")
    assert logged == storm.database.value("SELECT count(*) FROM events.postbacks")


def wait_settled(storm):
    def unsettled():
        return storm.database.rows(UNSETTLED, storm.networks[1][0].owner, HOLD_FROM)[0]

    wait_until(lambda: not any(unsettled()), lambda: f"{unsettled()} to be settled", 120, every=0.5)


def run(storm, count, rate, seed):
    storm.full.ingestor.stop()
    calls = Maker(seed, clicked(storm, count // 5), storm.networks, storm.affiliate).make(count)
    for ingestor in storm.ingestors:
        ingestor.start()
    decided = {}
    chaos = Chaos(storm, VICTIMS, seed)

    def meanwhile():
        chaos.kill() if decided else decided.update(set_by_hand(storm))

    rounds = send_until_answered(storm, calls.lines, rate, meanwhile)
    told = sum(number for uid, number in answered(rounds).items() if uid in calls.by_uid)
    stored = "SELECT count(*) FROM events.postbacks"
    wait_until(lambda: storm.database.value(stored) >= told, "every answered call to be stored", 120, every=0.2)
    clicks = "SELECT count(*) FROM events.external_clicks"
    wait_until(lambda: storm.database.value(clicks) == len(calls.clicks), "every affiliate's click", 30, every=0.2)
    wait_settled(storm)

    more = assert_log_is_what_was_sent(storm, calls, rounds, chaos.kills * CONNECTIONS)
    repeats, missed = assert_repeats_are_answered_as_such(calls, rounds)
    wanted = expected(calls.by_uid, storm.database.rows(LOG), decided)
    found = stored_conversions(storm.database)
    assert found == wanted, f"{list((found - wanted).items())[:5]} instead of {list((wanted - found).items())[:5]}"
    assert_rollups(storm, wanted)
    print(
        f"seed {seed}: {told} postbacks answered, {more} recorded without an answer, {wanted.total()} conversions,"
        f" {repeats} repeats after an answer, {missed} of them not told; kills {chaos.done}"
    )
    assert all(chaos.done.values())


@pytest.mark.slow
@pytest.mark.proves("A64", "A71", "A72", "A103", "C29", "C165", "F29", "F32", "F39")
def test_postbacks_under_kills_count_once_and_to_the_micro_unit(storm):
    run(storm, COUNT, RATE, seed=random.randrange(2**32))


@pytest.mark.soak
def test_soak(storm, request):
    """The same with --postbacks of them."""
    run(storm, request.config.getoption("--postbacks"), SOAK_RATE, seed=random.randrange(2**32))
