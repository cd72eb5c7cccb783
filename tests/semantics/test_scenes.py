"""Every scene on the durable engine and in memory, however often it is saved in between: always the same path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.processes.driving import MODES
from tests.semantics.live import Stage, play_live
from tests.semantics.memory import play_in_memory
from tests.semantics.scene import Scene, compare
from tests.semantics.scenes import SCENES

every_scene = pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])

#: On the other database only some, unless everything is asked for: what it keeps could differ, not what a path means.
SAMPLE: Final = SCENES[::12]


@pytest.fixture(scope="module")
def stage(make_database: Callable[..., str]) -> Iterator[Stage]:
    built = Stage(make_database("sqlite", migrated=True))
    yield built
    built.close()


def test_there_are_enough_of_them_and_each_has_a_name() -> None:
    assert len(SCENES) >= 120
    assert len({scene.name for scene in SCENES}) == len(SCENES)


@pytest.mark.parametrize("mode", MODES)
@every_scene
def test_in_memory(scene: Scene, mode: str) -> None:
    compare(scene, play_in_memory(scene, mode))


@every_scene
def test_on_the_durable_engine(stage: Stage, scene: Scene) -> None:
    compare(scene, play_live(stage, scene))


@pytest.fixture(scope="module")
def other_stage(make_database: Callable[..., str]) -> Iterator[Stage]:
    built = Stage(make_database("postgresql", migrated=True))
    yield built
    built.close()


@pytest.mark.slow
@pytest.mark.parametrize("scene", SAMPLE, ids=[scene.name for scene in SAMPLE])
def test_on_postgresql(other_stage: Stage, scene: Scene) -> None:
    compare(scene, play_live(other_stage, scene))


@pytest.mark.slow
@pytest.mark.torture
def test_all_of_them_on_postgresql(other_stage: Stage) -> None:
    for scene in SCENES:
        compare(scene, play_live(other_stage, scene))
