"""The commands of docs/api.md, pasted into a shell in front of a new installation."""

import os
import re
import subprocess

from lib.admin import EMAIL
from lib.places import ROOT


def test_the_commands_of_the_page_work_as_printed(admin, database):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    script = "\n".join(blocks).replace("admin@example.com", EMAIL)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, "API": admin.url, "PASSWORD": admin.password},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "urn:tributary:problem" not in done.stdout
    assert database.rows("SELECT slug, state FROM config.campaigns") == [("summer", "paused")]
    assert database.value("SELECT count(*) FROM config.stream_destinations") == 2
    assert database.value("SELECT count(*) FROM config.stream_conditions") == 3
