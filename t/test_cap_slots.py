"""Places of counters are given again, and what one cap has counted never counts for the next."""

from urllib.parse import urlsplit

import pytest

from lib.admin_client import compile_problems, made, make_campaign
from lib.full_stack import FullStack
from lib.wait import wait_until

PLACES = 65_536  # tributary_caps by default
ANY_VERSION = {"If-Match": "*"}
TOTAL = {"measure": "clicks", "period": "total", "amount": "5", "time_zone": "UTC"}
LIMIT = {"kind": "click_limit", "argument": "day", "accepted": ["5"]}
NUMBERS = "SELECT slot FROM config.destination_caps UNION ALL SELECT cap_slot FROM config.stream_conditions"


def place_and_turn(database):
    [(number,)] = database.rows(f"SELECT * FROM ({NUMBERS}) AS numbers (number) WHERE number IS NOT NULL")
    return number % 2**24, number // 2**24


def make_destination(buyer, name="some", **fields):
    return made(buyer.post("/api/v1/destinations", json={"name": name, "url": "https://a.example/", **fields}))


def change(client, path, **fields):
    answer = client.patch(f"/api/v1/{path}", json=fields, headers=ANY_VERSION)
    assert answer.status_code == 200, answer.text


def test_after_caps_were_replaced_more_often_than_there_are_places_there_is_still_one(root, buyer, database):
    destination = make_destination(buyer)
    batch = 2000
    database.execute(
        "INSERT INTO config.destinations (team_id, name, url)"
        " SELECT d.team_id, d.name || n, d.url FROM config.destinations AS d, generate_series(2, %s) AS n",
        batch,
    )
    for _ in range(70_000 // batch):
        database.execute(
            "INSERT INTO config.destination_caps (destination_id, measure, period, amount)"
            " SELECT id, 'clicks', 'day', 1 FROM config.destinations"
        )
        database.execute("DELETE FROM config.destination_caps")
    zones = ("UTC", "Asia/Almaty")
    for turn in range(40):
        caps = [{**TOTAL, "period": period, "time_zone": zones[turn % 2]} for period in ("hour", "day", "week")]
        change(buyer, f"destinations/{destination['id']}", caps=caps)
    numbers = [number for (number,) in database.rows("SELECT slot FROM config.destination_caps")]
    assert len(numbers) == len({number % 2**24 for number in numbers}) == 3
    assert max(number % 2**24 for number in numbers) < PLACES
    assert compile_problems(root) == []


def test_what_is_deleted_gives_its_places_back(buyer, database):
    rotation = made(buyer.post("/api/v1/rotations", json={"name": "shared"}))
    campaigns = [make_campaign(buyer, slug) for slug in ("a", "b")]
    streams = [
        made(buyer.post(f"/api/v1/{path}/streams", json={"name": "some", "conditions": [LIMIT, {"kind": "bot"}]}))
        for path in (
            f"campaigns/{campaigns[0]['id']}",
            f"campaigns/{campaigns[1]['id']}",
            f"rotations/{rotation['id']}",
        )
    ]
    destination = make_destination(buyer, caps=[TOTAL])
    given = {number for (number,) in database.rows(NUMBERS) if number is not None}
    assert given == {0, 1, 2, 3}
    gone = [f"destinations/{destination['id']}", f"streams/{streams[0]['id']}"]
    gone += [f"campaigns/{campaigns[1]['id']}", f"rotations/{rotation['id']}"]
    for path in gone:
        assert buyer.delete(f"/api/v1/{path}", headers=ANY_VERSION).status_code == 204
    free = [number for (number,) in database.rows("SELECT slot FROM config.free_cap_slots ORDER BY place")]
    assert [number - 2**24 for number in free] == [3, 0, 1, 2]


def test_a_place_is_used_up_after_its_last_turn(buyer, database):
    destination = make_destination(buyer, caps=[TOTAL])
    database.execute("UPDATE config.destination_caps SET slot = slot + 2047::bigint * 16777216")
    change(buyer, f"destinations/{destination['id']}", caps=[])
    change(buyer, f"destinations/{destination['id']}", caps=[TOTAL])
    assert place_and_turn(database) == (1, 0)


@pytest.fixture
def full(workspace, database):
    stack = FullStack(workspace, database, settings={"facts": ["caps_interval_ms: 100", "clicks_interval_ms: 100"]})
    yield stack
    stack.finish()


def test_a_cap_at_the_place_of_another_has_all_of_its_own(full):
    """A full cap goes, the next one stands in its place: on the edge, in what is shown and among the alerts."""
    full.add_edge()
    url = "https://{}.example.com/?cid={{click_id}}"
    spare = made(full.buyer.post("/api/v1/destinations", json={"name": "spare", "url": url.format("spare")}))["id"]
    fields = {"name": "first", "url": url.format("first"), "caps": [TOTAL], "overflow_id": spare}
    first = made(full.buyer.post("/api/v1/destinations", json=fields))["id"]
    campaign = make_campaign(full.buyer, "sale")
    shares = [{"destination_id": first, "weight": 1}]
    made(full.buyer.post(f"/api/v1/campaigns/{campaign['id']}/streams", json={"name": "all", "destinations": shares}))

    def taken(clicks):
        answers = [full.nginx.client.get("/c/sale").headers["location"] for _ in range(clicks)]
        return sum(urlsplit(answer).netloc == "first.example.com" for answer in answers)

    def alerts():
        return full.buyer.get("/api/v1/cap-alerts", params={"destination_id": first}).json()["data"]

    full.wait_pushed()
    assert taken(8) == 5
    wait_until(lambda: len(alerts()) == 1, "the alert of the first cap")
    for turn, soft in ((1, True), (2, False)):
        change(full.buyer, f"destinations/{first}", caps=[])
        change(full.buyer, f"destinations/{first}", caps=[{**TOTAL, "amount": "3", "hard": not soft}])
        assert place_and_turn(full.database) == (0, turn)
        full.wait_pushed()
        assert taken(8) == (8 if soft else 3)
        wait_until(lambda n=turn + 1: len(alerts()) == n, "an alert of the next cap")
    assert [alert["amount"] for alert in sorted(alerts(), key=lambda alert: alert["id"])] == ["5", "3", "3"]
