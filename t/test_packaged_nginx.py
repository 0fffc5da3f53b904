"""conf/nginx.conf as an operator uses it, with other paths only."""

import pytest

from lib.admin_client import PASSWORD
from lib.places import IS_ROOT, ROOT, module


@pytest.fixture
def front(make_nginx, admin):
    """The packaged nginx.conf in front of a running admin-api."""
    nginx = make_nginx()
    text = (ROOT / "conf/nginx.conf").read_text()
    for packaged, here in (
        ("modules/ngx_http_tributary_module.so", module()),
        ("unix:/run/tributary/admin.sock", f"127.0.0.1:{admin.port}"),
        ("pid /run/tributary/", f"pid {nginx.prefix}/"),
        ("/run/tributary", nginx.run_path),
        ("/var/lib/tributary/journal", nginx.journal_path),
        ("/var/lib/tributary/snapshots", nginx.snapshot_path),
        ("/var/lib/tributary/nginx", nginx.prefix),
        ("/var/log/tributary", nginx.workspace.logs),
        ("/etc/tributary/keys", nginx.keys),
        ("listen 80;", f"listen 127.0.0.1:{nginx.port};"),
        ("listen [::]:80;", ""),
        ("user www-data;", "user www-data;" if IS_ROOT else ""),
        ("worker_processes auto;", "worker_processes 2;"),
    ):
        assert packaged in text, packaged
        text = text.replace(packaged, str(here))
    return nginx.start(text)


def test_a_click_without_configuration_is_unavailable(front):
    assert front.client.get("/c/sale").status_code == 503


@pytest.mark.proves("A34", "C79")
def test_nobody_escapes_the_limit_of_failed_logins_by_naming_another_address(front):
    def log_in(n):
        body = {"email": f"nobody-{n}@tests.example", "password": PASSWORD}
        headers = {"X-Real-IP": f"203.0.113.{n}", "X-Forwarded-For": f"203.0.113.{n}"}
        return front.client.post("/api/v1/auth/login", json=body, headers=headers)

    assert [log_in(n).status_code for n in range(11)] == [401] * 10 + [429]
