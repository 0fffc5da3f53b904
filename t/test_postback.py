"""A postback is authenticated, normalised and durable before it is answered; every call gets a verdict."""

import hashlib
import json

import pytest

from lib.raw_http import exchange
from lib.tools import click_id

CALL = "/postback/demo/secret"


def new_click(nginx):
    return click_id(nginx.client.get("/c/c1"))


def postback(nginx, path=CALL, **parameters):
    return nginx.client.get(path, params=parameters)


def flip(text, position):
    other = "0" if text[position] != "0" else "1"
    return text[:position] + other + text[position + 1 :]


@pytest.mark.proves("A58", "A62", "A66", "A68", "A69", "A73", "B4", "B9", "E3", "E16")
def test_a_postback_is_accepted_and_recorded(nginx):
    click = new_click(nginx)
    answer = postback(nginx, cid=click, txid="t-1", payout="1.50")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["status"], body["message"]) == (True, "success", "Conversion tracked successfully")
    assert body["verdict"] == "accepted"
    assert body["data"]["click_id"] == click
    assert body["data"]["transaction_id"] == "t-1"
    assert 0 < body["data"]["conversion_id"] < 2**53
    stored = [item for item in nginx.wait_recorded(2) if item["type"] == "postback"]
    assert [(item["conversion"], item["transaction"]) for item in stored] == [(body["data"]["conversion_id"], "t-1")]


@pytest.mark.proves("A64", "A65")
def test_a_repeated_transaction_is_answered_as_duplicate_and_recorded_again(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    click = new_click(nginx)
    first = postback(nginx, cid=click, txid="t-1", payout="2").json()
    second = postback(nginx, cid=click, txid="t-1", payout="2").json()
    assert second["success"] is True
    assert second["message"] == "Conversion already tracked"
    assert second["verdict"] == "repeated"
    assert first["verdict"] == "accepted"
    assert len([item for item in nginx.wait_recorded(3) if item["type"] == "postback"]) == 2


def test_another_amount_is_not_a_repeat(make_nginx):
    nginx = make_nginx(workers=1).start()
    nginx.push()
    click = new_click(nginx)
    postback(nginx, cid=click, txid="t-1", payout="2")
    assert postback(nginx, cid=click, txid="t-1", payout="3").json()["verdict"] == "accepted"


@pytest.mark.proves("E8", "E17")
@pytest.mark.parametrize("position", [0, 7, 15, 21, 31])
def test_a_forged_click_id_is_refused(nginx, position):
    answer = postback(nginx, cid=flip(new_click(nginx), position), txid="t-1")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["status"], body["message"]) == (False, "error", "Invalid click")
    assert body["verdict"] == "forged_click"
    assert body["detail"]


@pytest.mark.proves("E17")
@pytest.mark.parametrize("length", [1, 16, 31])
def test_a_truncated_click_id_is_refused(nginx, length):
    body = postback(nginx, cid=new_click(nginx)[:length], txid="t-1").json()
    assert body["success"] is False
    assert body["verdict"] == "malformed_click"


def test_a_click_id_is_not_case_sensitive(nginx):
    assert postback(nginx, cid=new_click(nginx).upper(), txid="t-1").json()["verdict"] == "accepted"


@pytest.mark.proves("E17")
def test_an_expired_click_id_is_refused(nginx):
    click = new_click(nginx)
    nginx.push(key_valid_until_ms=2)
    body = postback(nginx, cid=click, txid="t-1").json()
    assert body["success"] is False
    assert body["verdict"] == "expired_click"


def test_a_missing_click_id_and_an_unexpanded_macro_have_verdicts_of_their_own(nginx):
    assert postback(nginx, txid="t-1").json()["verdict"] == "missing_click"
    assert postback(nginx, cid="{click_id}", txid="t-1").json()["verdict"] == "unexpanded_macro"


@pytest.mark.parametrize("payout", ["1,500", "-1", "1e309", "NaN", "-", "1.2345678901234567890123"])
def test_bad_money_is_quarantined(nginx, payout):
    body = postback(nginx, cid=new_click(nginx), txid="t-1", payout=payout).json()
    assert (body["verdict"], body["success"]) == ("bad_money", False)
    recorded = [item["verdict"] for item in nginx.wait_recorded(2) if item["type"] == "postback"]
    assert recorded == ["bad_money"]


@pytest.mark.proves("F53")
def test_more_parameters_than_are_read_make_no_conversion(nginx):
    """Among the rest may be the transaction: two conversions of a click would become one."""
    many = "&".join(f"p{n}=1" for n in range(256))
    answer = nginx.client.get(f"{CALL}?cid={new_click(nginx)}&{many}&txid=t-1").json()
    assert (answer["verdict"], answer["success"]) == ("too_many_parameters", False)
    assert answer["message"] == "Too many parameters"
    recorded = [item["verdict"] for item in nginx.wait_recorded(2) if item["type"] == "postback"]
    assert recorded == ["too_many_parameters"]


def test_a_decimal_comma_is_understood(nginx):
    body = postback(nginx, cid=new_click(nginx), txid="t-1", payout="1,5").json()
    assert (body["verdict"], body["success"]) == ("accepted", True)


@pytest.mark.proves("A62")
def test_a_wrong_secret_looks_like_an_unknown_network(nginx):
    click = new_click(nginx)
    wrong = postback(nginx, "/postback/demo/wrong", cid=click, txid="t-1")
    unknown = postback(nginx, "/postback/nobody/secret", cid=click, txid="t-1")
    none = postback(nginx, "/postback/demo", cid=click, txid="t-1")
    assert wrong.status_code == unknown.status_code == none.status_code == 404
    assert wrong.json() == unknown.json() == none.json()
    assert wrong.json() == {"success": False, "status": "error", "message": "Not found"}
    assert [item["type"] for item in nginx.wait_recorded(1)] == ["click"]


@pytest.mark.proves("A62")
@pytest.mark.parametrize("parameter", ["token", "secret"])
def test_the_secret_may_be_a_parameter(nginx, parameter):
    answer = postback(nginx, "/postback/demo", cid=new_click(nginx), txid="t-1", **{parameter: "secret"})
    assert answer.json()["verdict"] == "accepted"


@pytest.mark.proves("A62")
def test_a_network_may_take_postbacks_without_a_secret(make_nginx):
    nginx = make_nginx().start()
    nginx.push(auth="none")
    assert postback(nginx, "/postback/demo", cid=new_click(nginx), txid="t-1").json()["verdict"] == "accepted"


@pytest.mark.parametrize(
    "path",
    ["/s+cret~x", "/s%2Bcret~x", "/s+cret~x%2Fy", "%2Fs+cret~x", "/s+cret~x#y", "//s+cret~x", "?token=s%2Bcret~x"],
)
def test_the_secret_reaches_no_file(make_nginx, workspace, path):
    nginx = make_nginx(workers=1, server="client_body_buffer_size 1k;").start()
    nginx.push(secret="s+cret~x")
    body = b"cid=%s&txid=t-1&filler=%s" % (new_click(nginx).encode(), b"x" * 5000)
    head = f"POST /postback/demo{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}"
    assert exchange(nginx.port, head.encode() + b"\r\n\r\n" + body).status == 200
    assert [item["verdict"] for item in nginx.wait_recorded(2) if item["type"] == "postback"] == ["accepted"]
    files = [
        file
        for directory in (nginx.journal_path, nginx.run_path, workspace.logs)
        for file in directory.rglob("*")
        if file.is_file()
    ]
    assert len(files) > 3
    assert [file.name for file in files if b"cret~x" in file.read_bytes()] == []


def test_a_form_is_taken(nginx):
    answer = nginx.client.post(CALL, data={"cid": new_click(nginx), "txid": "t-1", "payout": "1.5"})
    assert answer.json()["verdict"] == "accepted"


@pytest.mark.proves("A59")
def test_json_is_taken(nginx):
    answer = nginx.client.post(CALL, json={"cid": new_click(nginx), "txid": "t-1", "payout": 1.5})
    assert answer.json()["verdict"] == "accepted"


@pytest.mark.parametrize("kind", ["Application/JSON", "application/json; charset=utf-8", "application/problem+json"])
def test_json_is_recognised_however_its_type_is_written(nginx, kind):
    content = json.dumps({"cid": new_click(nginx), "txid": "t-1"})
    answer = nginx.client.post(CALL, content=content, headers={"Content-Type": kind})
    assert answer.json()["verdict"] == "accepted"


def test_a_body_that_is_spooled_to_disk_is_read_whole(make_nginx):
    nginx = make_nginx(server="client_body_buffer_size 1k;").start()
    nginx.push()
    fields = {"cid": new_click(nginx), "filler": "x" * 20_000, "txid": "last"}
    assert nginx.client.post(CALL, data=fields).json()["data"]["transaction_id"] == "last"


def test_a_body_that_no_record_can_hold_is_refused_for_good(make_nginx):
    """503 would ask the sender to come again for ever. With a ring of 1 MB a record has a quarter of that."""
    nginx = make_nginx(workers=1, journal_options="ring=1m segment=1m").start()
    nginx.push()
    path = f"{CALL}?cid={new_click(nginx)}&txid=t-1"
    assert nginx.client.post(path, content=b"x=" + b"x" * 400_000).status_code == 413
    assert nginx.client.post(path, content=b"x=" + b"x" * 120_000).status_code == 200


JSON = {"Content-Type": "application/json"}
UNPARSABLE = [
    b'{"cid": ',
    b'{"cid": "x", "order": {"token": "hidden-1"}}',
    b'{"token": "hidden-2", "token": "hidden-3"}',
    b'[{"secret": "hidden-4"}]',
]


@pytest.mark.parametrize("body", UNPARSABLE)
def test_an_authentic_call_that_cannot_be_read_is_quarantined(nginx, body):
    answer = nginx.client.post(CALL, content=body, headers=JSON)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["verdict"], told["success"], told["message"]) == ("unparsable_body", False, "Invalid body")
    assert [item["verdict"] for item in nginx.wait_recorded(1)] == ["unparsable_body"]


def test_of_a_body_that_cannot_be_read_only_size_and_hash_are_recorded(nginx):
    """It cannot be redacted name by name, and may hold a secret anywhere."""
    for body in UNPARSABLE:
        assert nginx.client.post(CALL, content=body, headers=JSON).status_code == 200
    nginx.wait_recorded(len(UNPARSABLE))
    written = b"".join(segment.read_bytes() for segment in nginx.journal_path.iterdir())
    assert b"hidden-" not in written
    for body in UNPARSABLE:
        assert f'"bytes":{len(body)},"sha256":"{hashlib.sha256(body).hexdigest()}"'.encode() in written


def test_json_with_more_members_than_are_read_is_quarantined(nginx):
    members = {f"p{n}": "1" for n in range(300)}
    answer = nginx.client.post(CALL, json={"cid": new_click(nginx), **members, "txid": "t-1"})
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "too_many_parameters"


def test_a_body_that_cannot_be_read_proves_nothing(nginx):
    """Only what is authentic by path or query is kept: a stranger fills no quarantine."""
    for path in ("/postback/demo/wrong", "/postback/demo", "/postback/nobody/secret"):
        assert nginx.client.post(path, content=b'{"token": "secret"', headers=JSON).status_code == 404
    assert nginx.journal() == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_never_convert(nginx, method):
    answer = nginx.client.request(method, CALL, params={"cid": new_click(nginx), "txid": "t-1"})
    assert answer.status_code == 405
    assert [item["type"] for item in nginx.wait_recorded(1)] == ["click"]


@pytest.mark.proves("C80")
def test_without_a_snapshot_a_postback_shall_come_again(make_nginx):
    nginx = make_nginx().start()
    answer = postback(nginx, cid="0" * 32, txid="t-1")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json() == {"success": False, "status": "error", "message": "Try again later"}


@pytest.mark.proves("A62")
def test_the_secret_is_not_recorded(nginx):
    postback(nginx, cid=new_click(nginx), txid="t-1", secret="secret", token="secret")
    nginx.wait_recorded(2)
    for segment in nginx.journal_path.iterdir():
        content = segment.read_bytes()
        assert b"/postback/demo/secret" not in content
        assert b"token=secret" not in content
