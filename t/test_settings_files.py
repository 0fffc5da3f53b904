"""conf/*.yaml name every setting with its default, so that an operator reads there what a program does without them."""

import subprocess

import pytest
import yaml

from lib.places import ROOT, program


def flat(settings, prefix=""):
    """{"postgres.url": …} of nested sections."""
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@pytest.mark.proves("B30")
@pytest.mark.parametrize(
    ("command", "file"),
    [
        (["tributary-ingestor", "--print-settings"], "ingestor.yaml"),
        (["tributary-admin", "settings"], "admin-api.yaml"),
    ],
)
def test_the_packaged_settings_are_the_defaults_of_the_program(command, file):
    name, *arguments = command
    printed = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=True).stdout
    packaged = (ROOT / "conf" / file).read_text()
    assert dict(flat(yaml.safe_load(packaged))) == dict(flat(yaml.safe_load(printed)))
