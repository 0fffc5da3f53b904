"""What docs/install.md says for servers where nobody can give BYPASSRLS, done as it is printed there."""

import re
import subprocess

import psycopg
import pytest

from lib.places import ROOT, Workspace, program
from lib.postgres import TEMPLATE, Postgres

OWNER, INGESTOR = "tributary_owner", "tributary_ingestor"


@pytest.fixture
def cluster():
    """One of its own: roles are shared by all databases of a cluster."""
    space = Workspace("managed")
    made = Postgres(space)
    made.create()
    try:
        made.make_template()
        with made.connect("postgres") as session:
            session.execute(f"ALTER ROLE {INGESTOR} NOBYPASSRLS")
        yield made
    finally:
        made.remove()
        space.remove()


def commands_of_the_page():
    page = (ROOT / "docs/install.md").read_text()
    section = page.split("### Managed servers")[1].split("\n### ")[0]
    grant, release = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return grant, release


def check(cluster, workspace):
    settings = workspace.disk / "ingestor.yaml"
    paths = f'journal:\n  path: "{workspace.directory("journal")}"\n  run_path: "{workspace.directory("rings")}"\n'
    settings.write_text(f'postgres:\n  url: "{cluster.url(TEMPLATE, INGESTOR)}"\n{paths}')
    command = [program("tributary-ingestor"), "check", "--config", settings]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def copy_nothing(cluster):
    with cluster.connect(TEMPLATE, INGESTOR) as session, session.cursor().copy("COPY events.clicks FROM STDIN"):
        pass


def test_an_ingestor_without_bypassrls(cluster, workspace):
    before = check(cluster, workspace)
    assert before.returncode == 1
    assert "FAILED  the role is above row security: ALTER ROLE tributary_ingestor BYPASSRLS" in before.stdout
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        copy_nothing(cluster)

    grant, release = commands_of_the_page()
    with cluster.connect("postgres") as session:
        session.execute(grant)
    with cluster.connect(TEMPLATE, OWNER) as session:
        session.execute(release)

    after = check(cluster, workspace)
    assert after.returncode == 0, after.stdout
    copy_nothing(cluster)
