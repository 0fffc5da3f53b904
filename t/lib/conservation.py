"""The oracle of every fault test: what was answered is recorded, once, and the reports agree with the raw rows.

answered = in PostgreSQL + dead letter + journal not yet drained; duplicates = 0; recorded but not answered is at most
what was in flight on killed processes; sum(rollup) = count(raw).
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from lib.tools import click_identity, journal_items
from lib.wait import wait_until

ACCEPTED = 200
REDIRECTS = (301, 302, 303, 307)
STORED_UID = """
    SELECT sub_ids[1] FROM events.clicks
    UNION ALL SELECT sub_ids[1] FROM events.trafficbacks
    UNION ALL SELECT sub_ids[1] FROM events.lander_clicks
    UNION ALL SELECT transaction FROM events.postbacks
"""
TWICE = """
    SELECT '{table}', journal, position, count(*) FROM events.{table}
    GROUP BY journal, position HAVING count(*) > 1
"""
TABLES = ("clicks", "trafficbacks", "lander_clicks", "postbacks")
ROLLUP = """
    SELECT
      (SELECT count(*) FROM events.clicks),
      (SELECT coalesce(sum(clicks), 0) FROM events.campaign_facts),
      (SELECT count(*) FROM events.trafficbacks),
      (SELECT coalesce(sum(trafficbacks), 0) FROM events.campaign_facts),
      (SELECT count(*) FROM events.lander_views),
      (SELECT coalesce(sum(lander_views), 0) FROM events.campaign_facts),
      (SELECT count(*) FROM events.lander_clicks),
      (SELECT coalesce(sum(lander_clicks), 0) FROM events.campaign_facts),
      (SELECT count(*) FROM events.postbacks),
      (SELECT coalesce(sum(postbacks), 0) FROM events.campaign_facts),
      (SELECT count(*) FROM events.conversions),
      (SELECT coalesce(sum(unmapped + leads + sales + rejected + trash + rebills + customs), 0)
         FROM events.campaign_facts),
      (SELECT count(*) FROM events.conversions),
      (SELECT coalesce(sum(received_unmapped + received_leads + received_sales + received_rejected + received_trash
                           + received_rebills + received_customs), 0) FROM events.campaign_facts),
      (SELECT coalesce(sum(payout), 0) FROM events.conversions WHERE status IN (1, 2, 5, 6)),
      (SELECT coalesce(sum(payout), 0) FROM events.campaign_facts),
      (SELECT coalesce(sum(cost), 0) FROM events.clicks),
      (SELECT coalesce(sum(cost), 0) FROM events.campaign_facts)
"""
ROLLUP_NAMES = (
    "clicks",
    "trafficbacks",
    "lander views",
    "lander clicks",
    "postbacks",
    "conversions",
    "conversions by receipt",
    "payout",
    "cost",
)


@dataclass
class Recorded:
    """Everything recorded: how often each request's id occurs, and the identities of the clicks."""

    uids: Counter = field(default_factory=Counter)
    clicks: set = field(default_factory=set)
    dead_letters: int = 0
    undrained: int = 0


def records_in_postgres(database):
    recorded = Recorded()
    recorded.uids.update(uid for (uid,) in database.rows(STORED_UID) if uid)
    recorded.clicks.update(str(identity) for (identity,) in database.rows("SELECT id FROM events.clicks"))
    return recorded


def add_dead_letters(recorded, database):
    """Dead letters keep the bytes; the ids of the load generator are plain text in them."""
    for (stored,) in database.rows("SELECT bytes FROM events.ingestion_errors WHERE state <> 'redriven'"):
        recorded.dead_letters += 1
        recorded.uids.update({match.decode() for match in re.findall(rb"[a-z0-9]+-\d+", bytes(stored))})


def add_undrained(recorded, database, nginx):
    """What lies in the journals behind the progress that PostgreSQL knows."""
    progress = {
        str(journal): position
        for journal, position in database.rows("SELECT journal, next_position FROM events.journals")
    }
    for item in journal_items(nginx.journal_path, nginx.run_path):
        if item["position"] < progress.get(item["journal"], 0):
            continue
        assert item["type"] not in ("damaged", "gap"), f"the journal has a hole: {item}"
        recorded.undrained += 1
        recorded.uids[item.get("sub1") or item.get("transaction")] += 1
        if item["type"] == "click":
            recorded.clicks.add(
                f"{item['click'][:8]}-{item['click'][8:12]}-{item['click'][12:16]}-"
                f"{item['click'][16:20]}-{item['click'][20:]}"
            )


def promised(answer):
    """True when the answer says that the event is recorded."""
    if answer.outcome != "answered":
        return False
    return answer.status in REDIRECTS if answer.kind == "click" else answer.status == ACCEPTED


def possible(answer):
    """True when the event may be recorded although no answer said so: in flight, or a postback told to come again."""
    return answer.outcome == "failed" or (answer.outcome == "answered" and answer.status == 503)


def compare(answers, recorded):
    """Every contradiction between what clients were told and what is recorded."""
    told, allowed, problems = Counter(), Counter(), []
    for answer in answers:
        told[answer.uid] += promised(answer)
        allowed[answer.uid] += promised(answer) or possible(answer)
        if answer.kind == "click" and promised(answer) and answer.id:
            identity = str(click_identity(answer.id))
            if identity not in recorded.clicks:
                problems.append(f"lost: click {answer.id} of request {answer.uid} was answered and is nowhere")
    for uid, count in told.items():
        if recorded.uids[uid] < count:
            problems.append(f"lost: request {uid} was answered {count} times, recorded {recorded.uids[uid]} times")
    for uid, count in recorded.uids.items():
        if count > allowed[uid]:
            problems.append(f"too many: request {uid} is recorded {count} times, at most {allowed[uid]} are explained")
    ids = Counter(a.id for a in answers if a.kind == "click" and promised(a) and a.id)
    problems += [f"twice: click id {identity} was given to {n} clicks" for identity, n in ids.items() if n > 1]
    return problems


def stored_twice(database):
    problems = []
    for table in TABLES:
        for row in database.rows(TWICE.format(table=table)):
            problems.append("stored twice: {} journal {} position {}: {} rows".format(*row))
    for identity, count in database.rows("SELECT id, count(*) FROM events.clicks GROUP BY id HAVING count(*) > 1"):
        problems.append(f"stored twice: click {identity}: {count} rows")
    return problems


def rollup_differs(database):
    values = database.rows(ROLLUP)[0]
    pairs = zip(ROLLUP_NAMES, values[::2], values[1::2], strict=True)
    return [f"rollup: {name}: raw {raw}, rollup {rollup}" for name, raw, rollup in pairs if raw != rollup]


def wait_drained(database, nginx, answers, seconds=60.0):
    """Wait until everything that was promised is in PostgreSQL."""
    wanted = sum(promised(answer) for answer in answers)

    def stored():
        rows = "SELECT (SELECT count(*) FROM events.clicks) + (SELECT count(*) FROM events.trafficbacks)"
        rows += " + (SELECT count(*) FROM events.lander_clicks) + (SELECT count(*) FROM events.postbacks)"
        rows += " + (SELECT count(*) FROM events.ingestion_errors)"
        return database.value(rows) >= wanted

    wait_until(stored, f"{wanted} events to be stored", seconds, every=0.2)


def check(answers, database, nginx=None):
    """Assert conservation. With `nginx`, what is not drained counts too; the ingestor must be stopped then."""
    recorded = records_in_postgres(database)
    add_dead_letters(recorded, database)
    if nginx:
        add_undrained(recorded, database, nginx)
    problems = compare(answers, recorded) + stored_twice(database) + rollup_differs(database)
    assert not problems, f"{len(problems)} contradictions:\n" + "\n".join(problems[:20])
    return recorded
