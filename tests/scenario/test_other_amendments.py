"""Amendments of other products, and of orders that change or move one: the books agree afterwards, as asked for last.

Each plan ends by comparing what resource, provisioning and billing have with what was asked for, field by field; a
difference would be a to-do, which nobody here does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.persistence.counter.customers import InstalledProduct
from tests.scenario import enterprise_cells, public_cells
from tests.scenario.amending import Amended, Amending, Change
from tests.scenario.cancelling import watched
from tests.scenario.cells import Cell
from tests.services.whole import SECRET, Whole, stock, whole

CELLS: Mapping[str, Cell] = {cell.name: cell for cell in (*public_cells.CELLS, *enterprise_cells.CELLS)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """An order of that cell, and what is different in it; ``traits`` and ``places`` are those of the product at the
    end. ``step``: at which it is amended; a new product is amended at each of ``steps`` where all are tried."""

    cell: str
    item: Mapping[str, Any]
    step: int
    steps: tuple[int, ...] = ()
    traits: Mapping[str, Any] | None = None
    places: tuple[str, ...] = ()
    short: bool = False


CASES = [
    Case(
        cell="broadband faster",
        item={"offering": "fb-1000", "characteristics": {"downstream_mbps": 1000, "upstream_mbps": 100}},
        step=4,
        traits={"downstream_mbps": 1000},
        short=True,
    ),
    Case(cell="bundle moved", item={"places": [{"address_code": "A0006"}]}, step=5, places=("A0006",)),
    Case(
        cell="mobile installed",
        item={"offering": "mb-m199"},
        step=5,
        steps=(9,),
        traits={"plan": "m199"},
    ),
    Case(cell="mobile with another plan", item={"offering": "mb-m99", "characteristics": {"plan": "m99"}}, step=2),
    Case(
        cell="local line, change",
        item={"offering": "ll-local-10m"},
        step=5,
    ),
    Case(
        cell="VPN, install",
        item={
            "places": [
                {"role": "hub", "address_code": "A0003"},
                {"role": "site", "address_code": "A0018"},
                {"role": "site", "address_code": "A0057"},
                {"role": "site", "address_code": "A0035"},
            ]
        },
        step=14,
        places=("A0003", "A0018", "A0057", "A0035"),
    ),
    Case(
        cell="VPN, install",
        item={
            "places": [{"role": "hub", "address_code": "A0003"}, {"role": "site", "address_code": "A0057"}],
        },
        step=14,
        places=("A0003", "A0057"),
    ),
    Case(cell="desktops, install", item={"characteristics": {"quantity": 7}}, step=6, traits={"quantity": 7}),
    Case(
        cell="SD-WAN, install",
        item={
            "places": [
                {"role": "hub", "address_code": "A0017"},
                {"role": "branch", "address_code": "A0003"},
                {"role": "branch", "address_code": "A0035"},
            ]
        },
        step=7,
        places=("A0017", "A0003", "A0035"),
    ),
]


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    neighbours = Twin(
        load_registry(),
        now=lambda: datetime.now(UTC),
        seed_data=stock(),
        secret=SECRET.encode(),
        callback_delay_s=0.0,
        is_ample=True,
    )
    url, folder = make_database("sqlite", migrated=True), tmp_path_factory.mktemp("others")
    with whole(url, folder, neighbours=neighbours) as one:
        yield one


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case.cell} {place}", marks=() if case.short else pytest.mark.torture)
        for place, case in enumerate(CASES)
    ],
)
def test_what_was_asked_for_last_is_what_there_is(running: Whole, case: Case) -> None:
    cell = CELLS[case.cell]
    change = Change(name="other", item={"item_no": "1", **case.item}, cell=cell, more=frozenset())
    for step in (case.step, *case.steps):
        with watched(running) as watch:
            one = Amending(running, cell, change, watch).amended_at(step)
        assert (one.refused, one.needs_approval) == ("", False), one
        assert one.view["state"] == "completed"
        assert [str(found) for found in running.violations()] == []
        judge(running, one, case)


def judge(running: Whole, one: Amended, case: Case) -> None:
    assert set(one.acts.values()) - {"new"}, "nothing had been done yet"
    (item,) = one.view["items"]
    with running.deps.sessions() as session:
        mine = InstalledProduct.product_id == item["product_id"]
        product = session.scalars(select(InstalledProduct).where(mine)).one()
        for name, value in (case.traits or {}).items():
            assert product.characteristics[name] == value
        if case.places:
            assert sorted(str(place["address_code"]) for place in product.places) == sorted(case.places)
        if "offering" in case.item:
            assert product.offering == case.item["offering"]
