"""Check 5: an order submitted twice in the same instant, or again later, with one key is one order and one instance."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select

from app.persistence.ordering.orders import ProductOrder
from processes.store.instances import ProcessInstance
from tests.api.world import ORDERS, World, home_bundle, prepare, settings_for

ROUNDS = 5


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def world(request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path: Path) -> Iterator[World]:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    url = make_database(request.param, migrated=True)
    prepare(url, tmp_path)
    running = World(settings_for(url, tmp_path))
    yield running
    running.close()
    structlog.reset_defaults()


def counts(world: World) -> tuple[int, int]:
    """How many orders there are, and how many instances that nobody called."""
    orders = select(func.count()).select_from(ProductOrder)
    roots = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.parent_id.is_(None))
    return (
        world.look(lambda session: session.scalar(orders) or 0),
        world.look(lambda session: session.scalar(roots) or 0),
    )


def click(world: World, key: str, gate: threading.Barrier, told: list[tuple[int, str]]) -> None:
    front = world.person("front")
    gate.wait(timeout=30)
    answer = front.post(ORDERS, home_bundle(), headers={"Idempotency-Key": key})
    told.append((answer.status_code, answer.get_json().get("id", "")))


def test_a_double_click_is_one_order(world: World) -> None:
    before = counts(world)
    for number in range(ROUNDS):
        gate, told, key = threading.Barrier(2), list[tuple[int, str]](), f"click-{number}"
        both = [threading.Thread(target=click, args=(world, key, gate, told)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        # Whoever is second gets the same answer, or hears that the first is still being worked on.
        assert sorted(code for code, _ in told) in ([201, 201], [201, 409]), told
        later = world.person("front").post(ORDERS, home_bundle(), headers={"Idempotency-Key": key})
        assert {order_id for code, order_id in told if code == 201} == {later.get_json()["id"]}
    assert [now - then for now, then in zip(counts(world), before, strict=True)] == [ROUNDS, ROUNDS]
