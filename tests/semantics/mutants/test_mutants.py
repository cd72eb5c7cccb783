"""Each mistake planted into the engine is found: by a scene, and many by processes drawn by chance."""

from __future__ import annotations

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from tests.semantics.drawn import BLOCKS, Block, played
from tests.semantics.memory import play_in_memory
from tests.semantics.mutants.planted import ALL, BY_CHANCE
from tests.semantics.scene import Scene, compare
from tests.semantics.scenes import SCENES


def differs(scene: Scene) -> bool:
    """Whether the scene goes another way when it is saved and loaded after every step."""
    try:
        compare(scene, play_in_memory(scene, "step"))
    except AssertionError:
        return True
    return False


def fails(case: tuple[Block, int]) -> bool:
    """Whether a process drawn by chance does not do what is drawn."""
    try:
        played(*case)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("name", ALL)
def test_a_scene_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ALL[name](monkeypatch)
    assert any(differs(scene) for scene in SCENES), f"no scene notices: {ALL[name].__doc__}"


@pytest.mark.parametrize("name", BY_CHANCE)
def test_chance_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ALL[name](monkeypatch)
    cases = st.tuples(BLOCKS, st.integers(0, 10**6))
    find(cases, fails, settings=settings(max_examples=400, database=None, phases=[Phase.generate], deadline=None))
