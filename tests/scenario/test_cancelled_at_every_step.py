"""Every product with every kind of order, cancelled at each of its steps: what was done is undone, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.persistence.counter.customers import InstalledProduct
from processes.by_people import PEOPLE
from processes.store.jobs import Effect
from tests.scenario import enterprise_cells, public_cells
from tests.scenario.cancelling import Counterfactual, Try, watched
from tests.scenario.cells import Cell
from tests.services.whole import SECRET, Whole, stock, whole

CELLS = [*public_cells.CELLS, *enterprise_cells.CELLS]
ALWAYS = [
    *(cell for cell in public_cells.CELLS if cell.short),
    *(cell for cell in enterprise_cells.CELLS if cell.name in enterprise_cells.ALWAYS_CANCELLED),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    """The stock never runs out: the products that are built in the end take ports of the same few exchanges."""
    ample = Twin(
        load_registry(),
        now=lambda: datetime.now(UTC),
        seed_data=stock(),
        secret=SECRET.encode(),
        callback_delay_s=0.0,
        is_ample=True,
    )
    folder = tmp_path_factory.mktemp("cancelled")
    with whole(make_database(request.param, migrated=True), folder, neighbours=ample) as one:
        yield one


def in_the_right_state(running: Whole, cell: Cell) -> None:
    """Bring the product into the state the order needs, in our books and those of the neighbours."""
    with running.deps.sessions.begin() as session:
        family = (InstalledProduct.product_id == cell.product_id) | (
            InstalledProduct.parent_product_id == cell.product_id
        )
        rows = {"status": cell.status, "customer_no": cell.customer, "account_no": cell.account or None}
        family &= InstalledProduct.ended_at.is_(None)  # parts that were taken out stay out
        session.execute(update(InstalledProduct).where(family).values(**rows))
        products = [one.product_id for one in session.query(InstalledProduct).where(family)]
    if not cell.account:
        return  # nobody pays for it, and no element of the network knows it
    state, mode = enterprise_cells.STOPPED.get(cell.product, ("suspended", "two_way"))
    service = {"state": state, "values": {"mode": mode}} if cell.status == "suspended" else {"state": cell.status}
    for product_id in products:
        running.neighbours.plant("services", product_id, {"merge": {"values": {"mode": None}, **service}})
        bill = {"state": cell.status, "account_no": cell.account}
        running.neighbours.plant("subscriptions", product_id, {"merge": bill})


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, id=cell.name, marks=() if cell in ALWAYS else pytest.mark.torture) for cell in CELLS],
)
def test_a_cancel_at_any_step_leaves_nothing_behind_or_is_refused(running: Whole, cell: Cell) -> None:
    if cell.product_id:
        in_the_right_state(running, cell)
    with watched(running) as watch:
        tried = Counterfactual(running, cell, watch, agrees=bool(cell.soft))
        view = tried.run()
    assert tried.refused_at in {cell.point, cell.moved_point or cell.point}, tried.tries
    assert tried.agreed_from == cell.soft, tried.tries
    assert view["state"] == "completed"
    assert {one.state for one in tried.tries} <= {"cancelled"}
    for one in tried.tries:
        assert undone_backwards(one, running), one


def undone_backwards(one: Try, running: Whole) -> bool:
    """Whether what was confirmed is exactly what was undone, the other way round, and everything else only asked.

    Neighbours that answer later confirm in an order of their own, which the ledger has. What people undo are work items
    of their own, each in its place.
    """
    registry = running.deps.engine.parts.registry
    writes = {code for code in registry.codes() if registry.get(code).is_write}
    calls = [code for code in one.done if code in writes]
    calls += [code if code in registry else PEOPLE for code in one.undone if code in writes or code not in registry]
    with running.deps.sessions.begin() as session:
        ledger = session.execute(
            select(Effect.operation, Effect.undo_operation, Effect.adapter, Effect.state)
            .where(Effect.root_instance_id == one.instance_id, Effect.state != "irreversible")
            .order_by(Effect.seq)
        ).all()
    turn = len(calls) - len(ledger)
    backwards = [PEOPLE if row.adapter == PEOPLE else row.undo_operation for row in reversed(ledger)]
    called = sorted(row.operation for row in ledger if row.adapter != PEOPLE)
    is_all_undone = {row.state for row in ledger} <= {"undone"}
    return is_all_undone and calls[turn:] == backwards and sorted(calls[:turn]) == called
