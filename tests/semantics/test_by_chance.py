"""Any well-nested process does what is drawn, and takes the same path however it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.semantics.drawn import BLOCKS, Block, played
from tests.semantics.live import Stage, play_live
from tests.semantics.memory import play_in_memory
from tests.semantics.scene import compare


@pytest.fixture(scope="module")
def stage(make_database: Callable[..., str]) -> Iterator[Stage]:
    built = Stage(make_database("sqlite", migrated=True))
    yield built
    built.close()


@settings(max_examples=40)
@given(BLOCKS, st.integers(0, 10**6), st.sampled_from(["stimulus", "step"]))
def test_saved_and_loaded_in_between(block: Block, seed: int, mode: str) -> None:
    scene = played(block, seed)
    compare(scene, play_in_memory(scene, mode))


@settings(max_examples=12)
@given(BLOCKS, st.integers(0, 10**6))
def test_on_the_durable_engine(stage: Stage, block: Block, seed: int) -> None:
    scene = played(block, seed)
    compare(scene, play_live(stage, scene))


@pytest.fixture(scope="module")
def other_stage(make_database: Callable[..., str]) -> Iterator[Stage]:
    built = Stage(make_database("postgresql", migrated=True))
    yield built
    built.close()


@pytest.mark.slow
@pytest.mark.torture
@settings(max_examples=1000)
@given(BLOCKS, st.integers(0, 10**6))
def test_many_of_them_on_postgresql(other_stage: Stage, block: Block, seed: int) -> None:
    scene = played(block, seed)
    for mode in ("stimulus", "step"):
        compare(scene, play_in_memory(scene, mode))
    compare(scene, play_live(other_stage, scene))
