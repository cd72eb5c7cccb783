"""One prepared database for the folder; each test file works on a copy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.api.world import Person, World, copy_database, prepare, settings_for

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True, scope="session")
def _quiet_logs() -> Iterator[None]:
    """Log lines go nowhere: drawing tracebacks takes longer than the requests."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info], logger_factory=structlog.ReturnLoggerFactory()
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str]) -> Path:
    """A SQLite file with the demonstration's data and the bundled processes."""
    url = make_database("sqlite", migrated=True)
    path = Path(url.removeprefix("sqlite:///"))
    prepare(url, path.parent)
    return path


@pytest.fixture(scope="module")
def world(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An application of its own for this test file."""
    folder = tmp_path_factory.mktemp("world")
    running = World(settings_for(copy_database(template, folder / "api.sqlite"), folder))
    yield running
    running.close()


@pytest.fixture
def fresh_world(template: Path, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """``fresh_world(demo=True)``: an application of its own for this test, with other settings."""
    made: list[World] = []

    def make(**more: object) -> World:
        url = copy_database(template, tmp_path / f"fresh-{len(made)}.sqlite")
        made.append(World(settings_for(url, tmp_path, **more)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def front(world: World) -> Person:
    return world.person("front")


@pytest.fixture
def new_external_id() -> str:
    return f"T-{next(_NUMBERS)}"
