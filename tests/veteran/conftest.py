"""What the checks of a veteran's first hour share: an engine with a scripted far side, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.engine.rig import Rig


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    url = databases.make(request.param, migrated=True)
    yield url
    databases.drop(url)


@pytest.fixture
def rig(database: str, tmp_path: Path) -> Iterator[Rig]:
    built = Rig(database, tmp_path)
    yield built
    built.close()
