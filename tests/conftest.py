"""What every test may ask for: real servers, databases, the simulators, a browser.

Servers start when the first test asks for them and end with the run.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import servers
from tests.browsing import PageWatch
from tests.databases import Backend, Databases

# Quick and basic things first, so that a broken foundation is seen in seconds.
RULES = ("house", "domain", "adapters", "contract")
ORDER = (*RULES, "processes", "engine", "bpmn", "persistence", "services", "api", "web", "cli")
LAST = ("browser", "scenario", "crash", "bench", "torture")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the experiments of tests/torture with their full counts")
    parser.addoption("--pictures", action="store_true", help="take the pictures of README and handbook again")


def pytest_configure() -> None:
    """Keep what Python compiles, whatever the machine says: the programs under test are started hundreds of times."""
    compiled = Path(sys.prefix) / "compiled"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(compiled)
    sys.dont_write_bytecode = False
    # A busy machine is no finding: how long drawing or running an example takes proves nothing.
    settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("calm")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full"):
        left_out = [item for item in items if item.get_closest_marker("torture")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in ORDER:
            return ORDER.index(folder)
        return len(ORDER) + (LAST.index(folder) + 1 if folder in LAST else 0)

    items.sort(key=rank)  # stable: the order inside a folder stays


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_developer() -> Iterator[None]:
    """Tests see no YIZHAN_ variable of the shell they are started from."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("YIZHAN_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A program under test that sets up its logging in this process does so for one test only."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(scope="session")
def _on_exit() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def start_postgresql(_on_exit: contextlib.ExitStack) -> Callable[[], servers.PostgreSQL]:
    """Call it to get the PostgreSQL of this run; the first call starts it."""
    return functools.cache(lambda: _on_exit.enter_context(servers.postgresql()))


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, start_postgresql: Callable[[], servers.PostgreSQL]
) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"), start_postgresql)


@pytest.fixture(scope="session")
def make_database(databases: Databases) -> Callable[..., str]:
    """``make_database("sqlite" | "postgresql", migrated=True) -> url`` for a test that wants one of its own."""

    def make(backend: Backend = "sqlite", *, migrated: bool = True) -> str:
        return databases.make(backend, migrated=migrated)

    return make


@pytest.fixture(autouse=True, scope="module")
def _databases_go_with_their_file(databases: Databases) -> Iterator[None]:
    """Whatever outlives a test file is in the hands of the run, and that uses SQLite."""
    yield
    databases.drop()


@pytest.fixture(scope="module")
def pg_url(databases: Databases) -> str:
    """An empty PostgreSQL database for this test file."""
    return databases.make("postgresql", migrated=False)


_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))


@pytest.fixture(scope="module", params=_BOTH)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """An empty database for this test file, once on SQLite and once on PostgreSQL."""
    return databases.make(request.param, migrated=False)


@pytest.fixture(scope="module", params=_BOTH)
def migrated_database_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """A database with all tables for this test file, once on SQLite and once on PostgreSQL."""
    return databases.make(request.param, migrated=True)


@pytest.fixture(scope="session")
def _redis() -> Iterator[servers.Redis]:
    with servers.redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def redis_url(_redis: servers.Redis) -> str:
    """An empty Redis for this test file."""
    import redis

    with redis.Redis.from_url(_redis.url) as client:
        client.flushall()
    return _redis.url


@pytest.fixture(scope="session")
def _simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.RunningSimulators]:
    with servers.simulators(tmp_path_factory.mktemp("simulators")) as running:
        yield servers.RunningSimulators(running)


@pytest.fixture
def simulators(_simulators: servers.RunningSimulators) -> servers.RunningSimulators:
    """The simulator process, without scripted faults."""
    _simulators.reset()
    return _simulators


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium (the machine's own, driven by playwright)."""
    from playwright.sync_api import sync_playwright

    program = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := servers.shutil.which(name))),
        None,
    )
    if program is None:
        raise servers.ServerMissing("chromium is not installed; `make test` installs it or says how")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program)
        yield chromium
        chromium.close()


@pytest.fixture
def page_watch() -> PageWatch:
    """Collects console errors and requests that leave the machine; the ``page`` fixture fails on them at the end."""
    return PageWatch()


@pytest.fixture
def page(browser, page_watch: PageWatch) -> Iterator[object]:  # type: ignore[no-untyped-def]
    """A fresh browser page (1440x900, Chinese) that must stay free of console errors and outside requests."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(10_000)
    fresh = context.new_page()
    page_watch.watch(fresh)
    yield fresh
    context.close()
    assert page_watch.problems == []
