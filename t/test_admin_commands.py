"""The subcommands of tributary-admin and its settings."""

import subprocess

import pytest

from lib.places import ROOT, program
from lib.wait import wait_until


@pytest.mark.proves("C102")
def test_migrating_twice_changes_nothing_and_changed_files_are_refused(admin, database):
    assert admin.command("migrate").strip() == "0 migrations applied"
    assert "missing" not in admin.command("migrate", "--dry-run")
    database.execute("UPDATE config.schema_migrations SET sha256 = 'other' WHERE number = 1")
    command = [str(program("tributary-admin")), "check", "--config", str(admin.settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "was changed after it was applied" in done.stderr


def test_the_demo_is_seeded_once(admin, root):
    assert "0 records" not in admin.command("seed", str(ROOT / "conf/demo.yaml"))
    assert admin.command("seed", str(ROOT / "conf/demo.yaml")).startswith("0 records")
    slugs = {campaign["slug"] for campaign in root.get("/api/v1/campaigns").json()["data"]}
    assert slugs == {"summer-sale", "travel", "nobody", "guide"}
    wait_until(lambda: root.get("/api/v1/snapshot/status").json()["compiled"]["counter"], "the demo to be compiled")
    assert root.get("/api/v1/snapshot/status").json()["compiled"]["problems"] == []


def test_click_keys_rotate(admin, database):
    admin.command("click-key", "rotate", "--delay", "5", "--valid-days", "30")
    rows = database.rows("SELECT id, valid_until IS NULL, mint_from > now() FROM config.click_keys ORDER BY id")
    assert rows == [(0, False, False), (1, True, True)]


@pytest.mark.proves("C101")
def test_settings_come_from_files_and_the_environment():
    for name in ("admin-api", "admin-api.development", "admin-api.staging", "admin-api.production"):
        command = [str(program("tributary-admin")), "--config", str(ROOT / f"conf/{name}.yaml"), "check"]
        environment = {"TRIBUTARY_ADMIN_POSTGRES__URL": "postgresql:///?host=/nonexistent"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert "/nonexistent" in done.stderr or "url_file" in done.stderr, done.stderr
    insecure = {"TRIBUTARY_ADMIN_COOKIES__SECURE": "false"}
    command = [str(program("tributary-admin")), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=insecure)
    assert "cookies.secure" in done.stderr
