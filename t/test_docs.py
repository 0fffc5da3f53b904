"""The pages that people look things up in name everything there is, and nothing else."""

import re

import pytest

from lib.places import ROOT


def in_code(pattern):
    sources = "".join(path.read_text() for path in sorted((ROOT / "ngx_module").glob("*.cpp")))
    names = set(re.findall(pattern, sources))
    assert names
    return names


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", r"^\| `tributary_\w+"), ("docs/directives.md", r"^### tributary_.*$")]
)
def test_every_directive_is_explained(page, heading):
    headings = re.findall(heading, (ROOT / page).read_text(), re.MULTILINE)
    assert set(re.findall(r"tributary_\w+", " ".join(headings))) == in_code(
        r'ngx_string\("(tributary_\w+)"\), (?:NGX|k)'
    )


def test_every_variable_is_explained():
    section = (ROOT / "docs/directives.md").read_text().split("\n## Variables\n")[1].split("\n## ")[0]
    first_cells = "".join(line.split(" | ")[0] for line in section.splitlines())
    assert set(re.findall(r"`\$(tributary_\w+)`", first_cells)) == in_code(r'\{"(tributary_\w+)", \w+\}')


@pytest.mark.parametrize("part", ["core", "ingestor", "admin-api", "platform"])
def test_every_folder_is_in_the_readme_of_its_part(part):
    folders = {path.parent.name for path in (ROOT / part).glob("*/*.cpp")}
    page = (ROOT / part / "README.md").read_text()
    assert {folder for folder in folders if f"`{folder}/" not in page} == set()
