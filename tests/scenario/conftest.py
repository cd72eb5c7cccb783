"""One embedded system for the scenarios that only need a running Yizhan; the others build their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenario.rig import Rig, embedded


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """`yizhan up --demo` on SQLite, shared by the scenarios of this run."""
    folder: Path = tmp_path_factory.mktemp("up")
    with embedded(folder) as rig:
        yield rig
