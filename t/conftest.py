"""Fixtures of the end-to-end tests. See README.md for how to use them."""

import pytest

from lib.admin import EMAIL, Admin
from lib.admin_client import log_in, make_team
from lib.full_stack import FullStack
from lib.nginx import Nginx
from lib.places import Workspace
from lib.postgres import Postgres
from lib.stack import Stack


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=20, help="how many processes the chaos tests kill")
    parser.addoption("--pushes", type=int, default=10, help="how many pushes follow each other under load")
    parser.addoption("--postbacks", type=int, default=200_000, help="how many postbacks the soak sends")
    parser.addoption("--soak", action="store_true", help="run the tests marked soak")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--soak"):
        skip = pytest.mark.skip(reason="only run by scripts/test soak")
        for item in items:
            if "soak" in item.keywords:
                item.add_marker(skip)


@pytest.fixture
def workspace(request):
    """Directories of one test; kept when it fails."""
    space = Workspace()
    yield space
    report = getattr(request.node, "call_report", None)
    if report is not None and report.failed:
        print(f"kept: {space.disk} {space.run}")
    else:
        space.remove()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.call_report = report


@pytest.fixture
def make_nginx(workspace):
    """A factory; whatever it makes is stopped at the end, and its logs must be clean."""
    made = []

    def make(**options):
        nginx = Nginx(workspace, **options)
        made.append(nginx)
        return nginx

    yield make
    for nginx in made:
        nginx.finish()


@pytest.fixture
def nginx(make_nginx):
    """A running nginx with one campaign and one network: enough for most tests of the edge."""
    server = make_nginx().start()
    server.push()
    return server


@pytest.fixture(scope="session")
def postgres():
    """One cluster per session, with the migrated template database."""
    space = Workspace("postgres")
    cluster = Postgres(space)
    cluster.create()
    try:
        cluster.make_template()
        yield cluster
    finally:
        cluster.remove()
        space.remove()


@pytest.fixture
def database(postgres):
    fresh = postgres.database()
    yield fresh
    fresh.drop()


@pytest.fixture
def make_stack(workspace, database):
    made = []

    def make(**options):
        stack = Stack(workspace, database, **options)
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.finish()


@pytest.fixture
def stack(make_stack):
    """nginx with one campaign, and an ingestor that drains it into an empty database."""
    return make_stack().start()


@pytest.fixture
def admin(workspace, database):
    """admin-api with one administrator, on an empty database."""
    server = Admin(workspace, database).set_up()
    yield server
    server.stop()


@pytest.fixture
def root(admin):
    """The administrator, logged in."""
    return log_in(admin, EMAIL, admin.password)


@pytest.fixture
def buyer(admin, root):
    """Somebody who works in the team "red"."""
    return make_team(admin, root, "red")[1]


@pytest.fixture
def full(workspace, database):
    """admin-api, an edge and an ingestor, with a buyer of the team "red"."""
    stack = FullStack(workspace, database)
    yield stack
    stack.finish()
