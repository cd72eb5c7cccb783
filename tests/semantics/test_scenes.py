"""Every scene on the durable engine and in memory, however often it is saved in between: always the same path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.processes.driving import MODES
from tests.semantics.live import Stage, play_live
from tests.semantics.memory import play_in_memory
from tests.semantics.scene import Scene, compare
from tests.semantics.scenes import SCENES

every_scene = pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])


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
