"""Every call of a network over the API: its verdict, what to change, what became of it; and the conversions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from test_full_stack import PARAMETERS, configure

from lib.admin_client import made, make_team, problem
from lib.tools import click_id
from lib.wait import wait_until

TEAM = "SELECT id FROM config.teams WHERE name = 'red'"


def call(full, path, **parameters):
    answer = full.nginx.client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json().get("data", {}).get("conversion_id")  # none of a call in quarantine


def wait_for_calls(client, number):
    def listed():
        calls = client.get("/api/v1/postbacks").json()["data"]
        return calls if len(calls) == number else None

    return wait_until(listed, f"{number} calls in the log")


@pytest.mark.proves("A26", "A65")
def test_each_call_is_listed_with_its_verdict_a_hint_and_what_became_of_it(full):
    campaign, path = configure(full)
    click = click_id(full.nginx.client.get("/c/sale"))
    lead = call(full, path, cid=click, txid="t1", status="lead", payout="3")
    sale = call(full, path, cid=click, txid="t1", status="approved", payout="5")
    call(full, path, cid="{clickid}", txid="t2")
    call(full, path, cid=click, txid="t3", status="okay")
    word, macro, second, first = wait_for_calls(full.buyer, 4)
    assert [c["verdict"] for c in (first, second, macro, word)] == ["accepted"] * 2 + [
        "unexpanded_macro",
        "unknown_status",
    ]
    assert (first["id"], second["id"]) == (lead, sale)
    assert '"cid" = "{clickid}"' in macro["hint"]
    assert '"okay"' in word["hint"]
    assert first["hint"] is None
    secret = path.rsplit("/", 1)[1]
    assert all(secret not in c["uri"] and "***" in c["uri"] for c in (first, second, macro, word))

    detail = full.buyer.get(f"/api/v1/postbacks/{sale}").json()
    conversion = detail["conversion"]
    assert (conversion["id"], conversion["status"], conversion["payout"]) == (lead, "sale", "5")
    assert conversion["campaign_id"] == campaign["id"]
    changes = [(h["postback_id"], h["change"], h["new_status"]) for h in conversion["history"] if h["postback_id"]]
    assert changes == [(lead, "created", "lead"), (sale, "changed", "sale")]
    assert full.buyer.get(f"/api/v1/postbacks/{macro['id']}").json()["conversion"] is None
    problem(make_team(full.admin, full.root, "blue")[1].get(f"/api/v1/postbacks/{sale}"), 404)


def insert_calls(database, number, network=1, verdict=1, team=TEAM):
    """Raw rows a second apart, the newest last; their numbers begin with the network."""
    database.execute("SELECT events.ensure_partition('2026-03-01'::date)")
    database.execute(
        "INSERT INTO events.postbacks (time, conversion_id, position, batch, journal, network, affiliate, edge, slot,"
        " verdict, status, verified, team, transaction, method, uri)"
        f" SELECT timestamptz '2026-03-01Z' + n * interval '1 second', {network} * 1000 + n, n, 1, {network},"
        f" {network}, n % 2, 1, 1, {verdict}, 2, true, ({team}), 't' || n, 'GET', '/postback/x/***?a=1'"
        f" FROM generate_series(1, {number}) AS n"
    )


@pytest.mark.proves("A26")
def test_pages_and_filters_of_the_log(root, buyer, database):
    insert_calls(database, 25, network=1)
    insert_calls(database, 10, network=2, verdict=69)
    insert_calls(database, 7, network=3, team="SELECT gen_random_uuid()")

    def ids(client=buyer, **arguments):
        found, cursor = [], None
        while True:
            page = client.get(
                "/api/v1/postbacks", params={**arguments, **({"cursor": cursor} if cursor else {})}
            ).json()
            found += [c["id"] for c in page["data"]]
            cursor = page["next_cursor"]
            if not cursor:
                return found

    # Equal times are told apart: nothing comes twice, nothing is left out, whatever the size of the page.
    expected = sorted([*range(1001, 1026), *range(2001, 2011)], key=lambda n: (-(n % 1000), -n))
    for limit in (1, 3, 100):
        assert ids(limit=limit) == expected
    assert len(ids(root)) == 42
    assert (
        ids(network_id=2) == ids(verdict="quarantined") == ids(verdict="unknown_status") == list(range(2010, 2000, -1))
    )
    assert len(ids(verdict="counted")) == 25
    assert len(ids(affiliate_id=1)) == 18
    assert ids(transaction="t20") == [1020]
    period = {"from": "2026-03-01T00:00:03Z", "to": "2026-03-01T00:00:05Z"}
    assert ids(**period) == [2004, 1004, 2003, 1003]
    assert ids(status="lead") == []
    for wrong in ({"verdict": "x"}, {"status": "x"}, {"from": "yesterday"}, {"cursor": "AAAA"}, {"network_id": "x"}):
        problem(buyer.get("/api/v1/postbacks", params=wrong), 400)


@pytest.mark.proves("A71")
def test_conversions_are_listed_with_their_click_and_its_state(full):
    campaign, path = configure(full)
    clicks = [click_id(full.nginx.client.get("/c/sale")) for _ in range(3)]
    numbers = [call(full, path, cid=click, txid=f"t{n}", revenue=n) for n, click in enumerate(clicks)]
    call(full, path, cid=clicks[0], txid="t0", status="rejected")
    wait_for_calls(full.buyer, 4)

    def attributed():
        found = full.buyer.get("/api/v1/conversions", params={"attribution": "attributed"}).json()["data"]
        return found if len(found) == 3 else None

    newest, _, oldest = wait_until(attributed, "the clicks of all conversions to be found", 20)
    assert [newest["id"], oldest["id"]] == [numbers[2], numbers[0]]
    assert (oldest["status"], oldest["postbacks"], oldest["campaign_id"]) == ("rejected", 2, campaign["id"])
    assert newest["destination_id"] is not None
    assert newest["click_text"] == clicks[2]

    def ids(**arguments):
        return [c["id"] for c in full.buyer.get("/api/v1/conversions", params=arguments).json()["data"]]

    assert ids(status="rejected") == [numbers[0]]
    assert ids(click=clicks[1]) == [numbers[1]]
    assert ids(click=oldest["click"]) == [numbers[0]]
    assert ids(transaction="t2", campaign_id=campaign["id"], network_id=newest["network_id"]) == [numbers[2]]
    problem(make_team(full.admin, full.root, "blue")[1].get(f"/api/v1/conversions/{numbers[0]}"), 404)


def network_of(full):
    return full.buyer.get("/api/v1/networks").json()["data"][0]


def mend(full, **fields):
    path = f"/api/v1/networks/{network_of(full)['id']}"
    assert full.buyer.patch(path, json=fields, headers={"If-Match": "*"}).status_code == 200


def redrive(full, **selection):
    answer = full.buyer.post("/api/v1/postback-redrives", json={"network_id": network_of(full)["id"], **selection})
    assert answer.status_code == (200 if selection.get("dry_run") else 202), answer.text
    return answer.json()


def wait_for_redrives(full, number):
    def done():
        return len(full.buyer.get("/api/v1/postback-redrives", params={"state": "done"}).json()["data"]) == number

    wait_until(done, f"{number} calls to be redriven", 20)


def assert_rollup_is_raw(full):
    day = full.database.value("SELECT min(time AT TIME ZONE 'UTC')::date::text FROM events.postbacks")
    today = full.database.value("SELECT (now() AT TIME ZONE 'UTC')::date::text")
    done = full.ingestor.command("recount", "--from", day, "--to", today)
    assert done.returncode == 0, done.stdout


@pytest.mark.proves("A65", "A64")
def test_a_quarantined_call_counts_once_after_the_map_was_mended(full):
    _, path = configure(full)
    click = click_id(full.nginx.client.get("/c/sale"))
    call(full, path, cid=click, txid="t1", status="okay", payout="7")
    number = wait_for_calls(full.buyer, 1)[0]["id"]
    assert redrive(full, dry_run=True)["calls"][0]["new_verdict"] == "unknown_status"
    mend(full, statuses={"okay": "sale"})
    tried = redrive(full, dry_run=True)
    assert (tried["judged"], tried["counts"], tried["queued"]) == (1, 1, 0)
    expected = {"postback_id": number, "old_verdict": "unknown_status", "new_verdict": "accepted", "status": "sale"}
    assert tried["calls"] == [{**expected, "hint": None}]
    assert full.database.value("SELECT count(*) FROM events.conversions") == 0

    with ThreadPoolExecutor(8) as pool:
        queued = list(pool.map(lambda n: redrive(full, **({"postback_ids": [number]} if n % 2 else {})), range(8)))
    assert sum(answer["queued"] for answer in queued) == 1
    wait_for_redrives(full, 1)
    assert redrive(full)["judged"] == 0
    conversion = full.buyer.get(f"/api/v1/postbacks/{number}").json()["conversion"]
    assert (conversion["id"], conversion["status"], conversion["payout"]) == (number, "sale", "7")
    assert conversion["postbacks"] == 1
    assert full.database.value("SELECT sum(sales) FROM events.campaign_facts") == 1
    assert_rollup_is_raw(full)
    audit = full.buyer.get("/api/v1/audit-log", params={"entity": "postbacks"}).json()["data"]
    assert {entry["action"] for entry in audit} == {"redrive"}


@pytest.mark.proves("A64")
def test_a_redriven_call_changes_nothing_that_came_later(full):
    _, path = configure(full)
    clicks = [click_id(full.nginx.client.get("/c/sale")) for _ in range(2)]
    for n, click in enumerate(clicks):
        call(full, path, cid=click, txid=f"t{n}", status="okay", payout="7")
    call(full, path, cid=clicks[0], txid="t0", status="rejected")
    call(full, path, cid=clicks[1], txid="t1", status="sale", payout="9")
    wait_for_calls(full.buyer, 4)
    mend(full, statuses={"okay": "sale"})
    assert redrive(full, verdict="unknown_status")["queued"] == 2
    wait_for_redrives(full, 2)
    found = full.database.rows("SELECT transaction, status, payout, postbacks FROM events.conversions ORDER BY 1")
    assert found == [("t0", 3, 7, 2), ("t1", 2, 9, 2)]
    assert_rollup_is_raw(full)


def test_what_may_be_redriven(full):
    configure(full)
    client = full.buyer
    network = network_of(full)["id"]
    for wrong in ({}, {"network_id": 0}, {"verdict": "accepted", "network_id": network}, {"postback_ids": []}):
        problem(client.post("/api/v1/postback-redrives", json=wrong), 422)
    for wrong in ({"network_id": network, "since": "x"}, {"network_id": network, "from": "x"}):
        problem(client.post("/api/v1/postback-redrives", json=wrong), 422)
    blue = make_team(full.admin, full.root, "blue")[1]
    insert_calls(full.database, 3, network=network, verdict=69)
    assert blue.post("/api/v1/postback-redrives", json={"network_id": network}).json()["judged"] == 0
    answer = client.post("/api/v1/postback-redrives", json={"network_id": network, "limit": 2}).json()
    assert (answer["judged"], answer["more"], answer["next_from"]) == (2, True, "2026-03-01T00:00:02.000000Z")


@pytest.mark.proves("A70")
def test_a_payout_alone_is_what_we_earn_unless_the_network_says_otherwise(full):
    _, path = configure(full)
    click = click_id(full.nginx.client.get("/c/sale"))

    other = {"name": "other", "key": "other", "parameters": PARAMETERS, "earned": "revenue"}
    other_path = f"/postback/other/{made(full.buyer.post('/api/v1/networks', json=other))['secret']}"
    full.wait_pushed()

    def earned(postback, transaction, **amounts):
        number = call(full, postback, cid=click, txid=transaction, **amounts)

        def stored():
            answer = full.buyer.get(f"/api/v1/conversions/{number}")
            return answer.json() if answer.status_code == 200 else None

        return wait_until(stored, f"conversion {transaction}")["revenue"]

    assert earned(path, "t1", payout="3") == "3"
    assert earned(path, "t2", payout="3", revenue="40") == "40"
    assert earned(other_path, "t3", payout="3") is None
    assert_rollup_is_raw(full)


def test_settings_for_duplicates_are_checked(buyer):
    network = made(buyer.post("/api/v1/networks", json={"name": "n", "key": "n", "duplicates": "count_labelled"}))
    assert (network["earned"], network["back_to_sale"], network["event_duplicates"]) == ("payout", False, {})
    path = f"/api/v1/networks/{network['id']}"
    for wrong in (
        {"duplicates": "twice"},
        {"event_duplicates": {"upsell": "x"}},
        {"event_duplicates": {"Up": "count"}},
    ):
        problem(buyer.patch(path, json=wrong, headers={"If-Match": "*"}), 422)
