"""docs/requirements.md says which test proves which requirement; it is made from the tests."""

import subprocess

from lib.places import ROOT


def test_the_page_of_requirements_is_up_to_date():
    done = subprocess.run([ROOT / "scripts/requirements", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
