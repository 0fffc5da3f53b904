"""What is only read: the overview and the ingestion errors."""

import pytest

from lib.admin import EMAIL
from lib.admin_client import log_in, make_campaign, make_team, problem


@pytest.mark.proves("A25")
def test_overview_adds_rollup_and_deltas_in_the_zone_of_the_reader(admin, root, buyer, database):
    campaign = make_campaign(buyer)
    team = buyer.get("/api/v1/auth/me").json()["team_id"]
    for table, batch in (("rollup_campaign", ""), ("rollup_delta", ", batch")):
        database.execute(
            f"INSERT INTO events.{table} (bucket, campaign, team, currency, clicks, sales, cost, revenue{batch})"
            f" VALUES ('2026-03-01 22:00Z', %s, %s, 'USD', 10, 1, 0.5, 12.25{', 1' if batch else ''})",
            campaign["id"],
            team,
        )
    period = {"from": "2026-03-01", "to": "2026-03-02"}
    report = buyer.get("/api/v1/reports/overview", params=period).json()
    assert report["totals"]["clicks"] == 20
    money = {"currency": "USD", "cost": "1", "revenue": "24.5", "payout": "0", "profit": "23.5"}
    assert report["totals"]["money"] == [money]
    assert [(c["campaign_id"], c["name"], c["sales"]) for c in report["campaigns"]] == [(campaign["id"], "sale", 2)]
    assert [day["clicks"] for day in report["days"]] == [20, 0]
    almaty = buyer.get("/api/v1/reports/overview", params={**period, "tz": "Asia/Almaty"}).json()
    assert [day["clicks"] for day in almaty["days"]] == [0, 20]
    blue = make_team(admin, root, "blue")[1]
    assert blue.get("/api/v1/reports/overview", params=period).json()["totals"]["clicks"] == 0


@pytest.mark.proves("A28")
def test_an_ingestion_error_is_listed_and_queued_for_another_try(root, database):
    database.execute(
        "INSERT INTO events.ingestion_errors (journal, position, next_position, batch, kind, reason, bytes)"
        " VALUES (1, 0, 16, 1, 'damaged', 'damaged', 'a'), (1, 16, 32, 1, 'click', 'clock', 'abc')"
    )
    error, damaged = root.get("/api/v1/ingestion-errors").json()["data"]
    assert (error["reason"], error["size"]) == ("clock", 3)
    problem(root.post(f"/api/v1/ingestion-errors/{damaged['id']}/redrive"), 409)
    assert root.post(f"/api/v1/ingestion-errors/{error['id']}/redrive").status_code == 202
    assert database.rows("SELECT state FROM events.ingestion_errors ORDER BY id") == [("open",), ("queued",)]


def test_a_statement_that_takes_too_long_is_told_with_its_setting(admin, database):
    admin.stop()
    settings = admin.settings.read_text()
    admin.settings.write_text(settings.replace("postgres:\n", "postgres:\n  statement_timeout_ms: 200\n"))
    root = log_in(admin.start(), EMAIL, admin.password)
    with database.cluster.connect(database.name) as session, session.transaction():
        session.execute("LOCK TABLE events.rollup_campaign IN ACCESS EXCLUSIVE MODE")
        told = problem(root.get("/api/v1/reports/overview"), 503)
    assert "postgres.statement_timeout_ms" in told["detail"]
    assert root.get("/api/v1/reports/overview").status_code == 200
