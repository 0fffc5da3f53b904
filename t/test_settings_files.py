"""conf/*.yaml document every setting with its default. The text is the program's own: it is written in one place."""

import re
import subprocess

import pytest

from lib.places import ROOT, program


@pytest.mark.proves("B30")
@pytest.mark.parametrize(
    ("command", "file"),
    [
        (["tributary-ingestor", "--print-settings"], "ingestor.yaml"),
        (["tributary-admin", "settings"], "admin-api.yaml"),
    ],
)
def test_the_packaged_settings_are_what_the_program_prints(command, file):
    name, *arguments = command
    printed = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=True).stdout
    packaged = (ROOT / "conf" / file).read_text()
    head = re.match(r"(#.*\n)+\n", packaged)
    assert packaged[head.end() :] == printed.lstrip("\n"), f"below its head, conf/{file} is `{' '.join(command)}`"
