"""Lines, networks and desktops, each with every kind of order, from the order's acceptance to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.domain.ordering.revenue_shares import shares_of
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.seed.files import read
from tests.api.world import ORDERS
from tests.scenario.cells import Cell
from tests.scenario.enterprise_cells import CELLS
from tests.scenario.test_cancelled_at_every_step import in_the_right_state
from tests.services.whole import SECRET, Whole, stock, whole

AFTERWARDS = {"suspend": "suspended", "disconnect": "terminated"}


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """The stock never runs out: dozens of orders take ports of the same exchange."""
    ample = Twin(
        load_registry(),
        now=lambda: datetime.now(UTC),
        seed_data=stock(),
        secret=SECRET.encode(),
        callback_delay_s=0.0,
        is_ample=True,
    )
    with whole(make_database("sqlite"), tmp_path_factory.mktemp("enterprise"), neighbours=ample) as one:
        yield one


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, id=cell.name, marks=() if cell.short else pytest.mark.torture) for cell in CELLS],
)
def test_an_order_comes_to_its_end_and_the_books_agree(running: Whole, cell: Cell) -> None:
    if cell.product_id:
        in_the_right_state(running, cell)
    order_id = running.call("POST", ORDERS, cell.body(f"end of {cell.name}"))["id"]
    view = running.play(order_id)
    assert view["state"] == "completed"
    assert {row["state"] for row in view["work_orders"]} == {"completed"}
    assert differences(view) == []
    with running.deps.sessions.begin() as session:
        product = session.get_one(InstalledProduct, view["items"][0]["product_id"])
        assert product.status == AFTERWARDS.get(cell.order_type, "active")
        assert bool(product.resources) == (cell.order_type != "disconnect")
        if cell.order_type == "owner_change":
            assert (product.customer_no, product.account_no) == ("C300009", "AC3000091")
        if cell.order_type in ("install", "move") or "add_site" in cell.traits:
            there = {place["address_code"] for place in product.places}
            assert {code for _, code in cell.places} <= there
        if cell.order_type in ("install", "move", "change", "owner_change"):
            order = session.get_one(ProductOrder, order_id)
            assert billed_shares(running, product) == shares_by_places(product, order.area)


def test_afterwards_our_books_and_those_of_the_neighbours_agree(running: Whole) -> None:
    assert running.violations("I2", "I4") == []


def billed_shares(running: Whole, product: InstalledProduct) -> list[dict[str, str]]:
    """Who gets which part of the revenue, as billing has it."""
    with running.neighbours.database.transaction() as store:
        doc = store.get("subscriptions", product.subscription_no or "") or {}
    return doc.get("shares") or []


def shares_by_places(product: InstalledProduct, accepting: str) -> list[dict[str, str]]:
    """Who should get it, by the rule of the catalogue and where the product is now."""
    rules = {row["code"]: row.get("shares", []) for row in read("catalog")["product_specs"]}
    areas = {row["code"]: row["area"] for row in read("addresses")["addresses"]}
    places = [{"role": place["role"], "area": areas[place["address_code"]]} for place in product.places]
    return shares_of(rules[product.product], accepting, places)


def differences(view: dict[str, Any]) -> list[Any]:
    """What the comparisons of an order found."""
    found = (event.get("detail") or {} for event in view["events"] if event["kind"] == "reconcile")
    return [row for detail in found for row in detail.get("differences", [])]
