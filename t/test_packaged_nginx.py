"""conf/nginx.conf as an operator uses it, with other paths only."""

import httpx
import pytest

from lib.admin_client import PASSWORD
from lib.places import IS_ROOT, ROOT, module


def packaged(nginx, admin_port, geo=ROOT / "core/geo/fixtures/country-flat.mmdb"):
    """The text of the packaged nginx.conf with the places of `nginx`."""
    text = (ROOT / "conf/nginx.conf").read_text()
    for packaged, here in (
        ("modules/ngx_http_tributary_module.so", module()),
        ("unix:/run/tributary/admin.sock", f"127.0.0.1:{admin_port}"),
        ("pid /run/tributary/", f"pid {nginx.prefix}/"),
        ("/run/tributary", nginx.run_path),
        ("/var/lib/tributary/journal", nginx.journal_path),
        ("/var/lib/tributary/snapshots", nginx.snapshot_path),
        ("/var/lib/tributary/nginx", nginx.prefix),
        ("/var/lib/tributary/geo/dbip-country.mmdb", geo),
        ("/usr/share/tributary/agents.rules", ROOT / "conf/user-agents/agents.rules"),
        ("/var/log/tributary", nginx.workspace.logs),
        ("/etc/tributary/keys", nginx.keys),
        ("listen 80;", f"listen 127.0.0.1:{nginx.port};"),
        ("listen [::]:80;", ""),
        ("user www-data;", "user www-data;" if IS_ROOT else ""),
        ("worker_processes auto;", "worker_processes 2;"),
    ):
        assert packaged in text, packaged
        text = text.replace(packaged, str(here))
    return text


@pytest.fixture
def front(make_nginx, admin):
    """The packaged nginx.conf in front of a running admin-api."""
    nginx = make_nginx()
    return nginx.start(packaged(nginx, admin.port))


def test_a_click_without_configuration_is_unavailable(front):
    assert front.client.get("/c/sale").status_code == 503


def test_the_edge_starts_before_its_geo_data_has_come(make_nginx, workspace):
    nginx = make_nginx()
    code, said = nginx.test(packaged(nginx, 1, geo=workspace.disk / "later.mmdb"))
    assert code == 0, said
    assert "later.mmdb" in said


@pytest.mark.proves("A34", "C79")
def test_nobody_escapes_the_limit_of_failed_logins_by_naming_another_address(front):
    def log_in(n):
        body = {"email": f"nobody-{n}@tests.example", "password": PASSWORD}
        headers = {"X-Real-IP": f"203.0.113.{n}", "X-Forwarded-For": f"203.0.113.{n}"}
        return front.client.post("/api/v1/auth/login", json=body, headers=headers)

    assert [log_in(n).status_code for n in range(11)] == [401] * 10 + [429]


def test_a_postback_above_the_limit_is_refused_like_every_other_temporary_refusal(make_nginx):
    nginx = make_nginx(edge="edge-0", edge_number=0)
    text = packaged(nginx, 1)
    for usual, low in (("rate=2000r/s", "rate=1r/m"), ("burst=10000", "burst=4")):
        assert usual in text
        text = text.replace(usual, low)
    assert nginx.test(text)[0] == 0
    nginx.start(text)
    snapshot = nginx.snapshot()
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(nginx.run_path / "edge.sock"))) as operator:
        headers = {"Tributary-Push": snapshot.header}
        pushed = operator.put("http://edge/tributary/config", content=snapshot.path.read_bytes(), headers=headers)
    assert pushed.status_code == 200
    answers = [nginx.client.post("/postback/demo/secret", data={"txid": "t-1"}) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [503] * 15
    for refused in answers[5:]:
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/json"
        assert refused.headers["cache-control"] == "no-store"
        assert refused.json() == {"success": False, "status": "error", "message": "Try again later"}
    # The share of another network is its own.
    assert nginx.client.post("/postback/another/secret").status_code == 404
