"""Every product with every kind of order, cancelled at each of its steps: what was done is undone, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from app.persistence.customers import InstalledProduct
from tests.scenario import enterprise_cells, public_cells
from tests.scenario.cancelling import Counterfactual, Try, watched
from tests.scenario.cells import Cell
from tests.services.whole import Whole, whole

CELLS = [*public_cells.CELLS, *enterprise_cells.CANCELLED]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("cancelled")) as one:
        yield one


def in_the_right_state(running: Whole, cell: Cell) -> None:
    """Bring the product into the state the order needs, in our books and those of the neighbours."""
    with running.deps.sessions.begin() as session:
        family = (InstalledProduct.product_id == cell.product_id) | (
            InstalledProduct.parent_product_id == cell.product_id
        )
        rows = {"status": cell.status, "customer_no": cell.customer, "account_no": cell.account}
        session.execute(update(InstalledProduct).where(family).values(**rows))
        products = [one.product_id for one in session.query(InstalledProduct).where(family)]
    state, mode = enterprise_cells.STOPPED.get(cell.product, ("suspended", "two_way"))
    service = {"state": state, "values": {"mode": mode}} if cell.status == "suspended" else {"state": cell.status}
    for product_id in products:
        running.neighbours.plant("services", product_id, {"merge": {"values": {"mode": None}, **service}})
        bill = {"state": cell.status, "account_no": cell.account}
        running.neighbours.plant("subscriptions", product_id, {"merge": bill})


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, id=cell.name, marks=() if cell.short else pytest.mark.torture) for cell in CELLS],
)
def test_a_cancel_at_any_step_leaves_nothing_behind_or_is_refused(running: Whole, cell: Cell) -> None:
    if cell.product_id:
        in_the_right_state(running, cell)
    with watched(running) as watch:
        tried = Counterfactual(running, cell, watch)
        view = tried.run()
    assert tried.refused_at == cell.point, tried.tries
    assert view["state"] == "completed"
    assert {one.state for one in tried.tries} <= {"cancelled"}
    for one in tried.tries:
        assert undone_backwards(one, running), one


def undone_backwards(one: Try, running: Whole) -> bool:
    """Whether what was undone is exactly what was done, the other way round.

    Calls that were on their way already when the cancel came are done first.
    """
    registry = running.deps.engine.parts.registry
    calls = [code for code in (*one.done, *one.undone) if code in registry and registry.get(code).is_write]
    return any(
        [registry.get(code).undo for code in reversed(calls[:turn])] == calls[turn:] for turn in range(len(calls) + 1)
    )
