"""Every product with every kind of order it has: through the interface of one running system on PostgreSQL and Redis,
side by side, judged by the books of both sides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.scenario.lives import LIVES, Life, Step
from tests.scenario.living import Lived, crowd, judge, live
from tests.scenario.rig import Rig, distributed
from tests.servers import redis_server

pytestmark = [pytest.mark.slow, pytest.mark.torture]
ORDERED = [pytest.param(life, step, id=f"{life.product}-{step.order_type}") for life in LIVES for step in life.steps]
Ended = dict[tuple[str, str], Lived]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str]) -> Iterator[Rig]:
    """Neighbours whose stock never runs out: dozens of orders take ports of the same exchange."""
    folder, url = tmp_path_factory.mktemp("every-order"), make_database("postgresql", migrated=False)
    with redis_server() as bell, distributed(folder, url, bell.url, YIZHAN_TEST_AMPLE_STOCK="1") as rig:
        yield rig


@pytest.fixture(scope="module")
def lived(system: Rig, request: pytest.FixtureRequest) -> tuple[Ended, dict[str, Future[None]]]:
    """The orders of all products whose tests were asked for, carried out side by side."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    lives = [life for life in LIVES if any(params.get("life") is life for params in asked)]
    ended: Ended = {}

    def keep(life: Life, one: Lived) -> None:
        ended[life.product, one.step.order_type] = one

    with crowd(system) as people, ThreadPoolExecutor(len(LIVES)) as pool:
        runs = {
            life.product: pool.submit(live, system, people, life, lambda one, life=life: keep(life, one))
            for life in lives
        }
    return ended, runs


@pytest.mark.parametrize(("life", "step"), ORDERED)
def test_an_order_comes_to_its_end_and_all_books_say_so(
    lived: tuple[Ended, dict[str, Future[None]]], life: Life, step: Step
) -> None:
    ended, runs = lived
    if (life.product, step.order_type) not in ended:
        runs[life.product].result()  # says what was wrong with it, or with one before
    judge(ended[life.product, step.order_type])


def test_every_product_with_every_order_type_was_among_them(system: Rig) -> None:
    products: list[Any] = system.client().ask("/api/v1/catalogue")["products"]
    wanted = {(row["code"], order_type) for row in products for order_type in row["body"]["order_types"]}
    assert {cell for life in LIVES for cell in life.cells} == wanted


def test_afterwards_nothing_differs_and_nobody_has_to_look_at_anything(
    system: Rig, lived: tuple[Ended, dict[str, Future[None]]]
) -> None:
    assert system.client("ops").ask("/api/v1/incidents")["items"] == []
    assert json.loads(system.command("invariants", "--json")) == []
    compared = json.loads(system.command("reconcile", "--json"))
    assert compared["differences"] == []
    assert compared["unanswered"] == {}
