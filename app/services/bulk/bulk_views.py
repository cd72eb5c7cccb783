"""Looking at bulk orders: how far they are, and what has become of their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.bulk.bulk_columns import NOTES, is_note
from app.domain.bulk.bulk_lines import CellProblem
from app.errors import NotFound
from app.persistence.bulk.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.scope import scoped
from app.unit_of_work import read
from processes import bulk
from processes.bulk import Counts
from processes.lifecycle import BulkItemState
from processes.store.bulk import BulkItem, BulkRun

#: More lines than a sheet can have.
ALL: Final = 5000


@dataclass(frozen=True, kw_only=True)
class BulkView:
    """A bulk order and how far its run is; without a run nothing was submitted."""

    order: BulkOrder
    run: BulkRun | None
    counts: Counts | None


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line: its cells, what is wrong with it, or the order it has become."""

    line: int
    state: str
    cells: Sequence[str]
    problems: Sequence[Mapping[str, Any]]
    order_number: str | None


def get(number: str, actor: Actor, deps: Deps) -> BulkView:
    """One bulk order. :raises NotFound: none of the caller's area."""
    with read(deps.read_sessions) as session:
        return view_of(session, found(session, number, actor))


def page(actor: Actor, deps: Deps, *, offset: int, limit: int) -> tuple[list[BulkView], int]:
    """The bulk orders of the caller's area, newest first, and how many there are."""
    with read(deps.read_sessions) as session:
        mine = scoped(select(BulkOrder), BulkOrder, actor)
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        rows = session.scalars(mine.order_by(BulkOrder.created_at.desc(), BulkOrder.id).offset(offset).limit(limit))
        return [view_of(session, row) for row in rows.all()], total


def lines(
    number: str, actor: Actor, deps: Deps, *, state: str | None = None, offset: int = 0, limit: int | None = None
) -> list[LineView]:
    """Lines of a bulk order with their problems or orders, in the order of the sheet.

    :param state: ``bad``, ``ready``, ``placed`` or ``refused`` only.
    """
    with read(deps.read_sessions) as session:
        order = found(session, number, actor)
        refused = _refused_lines(session, order.run_id) if order.run_id is not None else {}
        query = select(BulkOrderLine).where(BulkOrderLine.bulk_id == order.id)
        placed, good = BulkOrderLine.order_id.is_not(None), BulkOrderLine.command.is_not(None)
        conditions = {
            "bad": ~good,
            "placed": placed,
            "refused": BulkOrderLine.line.in_(refused),
            "ready": good & ~placed & BulkOrderLine.line.not_in(refused),
        }
        if state is not None:
            query = query.where(conditions[state])
        rows = session.scalars(query.order_by(BulkOrderLine.line).offset(offset).limit(limit)).all()
        return [_line_view(row, refused.get(row.line)) for row in rows]


def faulty(number: str, actor: Actor, deps: Deps) -> list[list[str]]:
    """The lines that were not ordered, one row each, with the reasons in both languages before its cells.

    The first row are the headings; the file is taken as a sheet again, once it is corrected.
    """
    order = get(number, actor, deps).order
    shown = [place for place, text in enumerate(order.headings) if not is_note(text)]
    rows = [[*NOTES, *(order.headings[place] for place in shown)]]
    wrong = [line for state in ("bad", "refused") for line in lines(number, actor, deps, state=state)]
    for line in sorted(wrong, key=lambda one: one.line):
        said = {name: [str(one[name]) for one in line.problems if one[name]] for name in ("cell", "zh", "en")}
        notes = [str(line.line), " ".join(said["cell"]), "；".join(said["zh"]), "; ".join(said["en"])]
        rows.append([*notes, *(line.cells[place] for place in shown)])
    return rows


def _refused_lines(session: Session, run_id: str) -> dict[int, BulkItem]:
    rows = bulk.items(session, run_id, state=BulkItemState.REFUSED, offset=0, limit=ALL)
    return {int(row.subject_id): row for row in rows}


def _line_view(row: BulkOrderLine, refused: BulkItem | None) -> LineView:
    state = "bad" if row.command is None else "placed" if row.order_id is not None else "ready"
    problems = list(row.problems)
    if refused is not None:
        en, _, zh = (refused.message or "").partition("\n")
        said = CellProblem(
            line=row.line, cell="", heading="", value="", code=refused.code or "refused", zh=zh or en, en=en
        )
        state, problems = "refused", [said.as_data()]
    return LineView(line=row.line, state=state, cells=row.cells, problems=problems, order_number=row.order_number)


def found(session: Session, number: str, actor: Actor, *, lock: bool = False) -> BulkOrder:
    """The row of a bulk order. :raises NotFound: none of the caller's area."""
    query = scoped(select(BulkOrder), BulkOrder, actor).where(BulkOrder.number == number)
    order = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if order is None:
        raise NotFound(f"there is no bulk order {number}", f"没有批量订单 {number}")
    return order


def view_of(session: Session, order: BulkOrder) -> BulkView:
    """A bulk order with how far its run is."""
    if order.run_id is None:
        return BulkView(order=order, run=None, counts=None)
    counts = bulk.counts(session, [order.run_id])[order.run_id]
    return BulkView(order=order, run=session.get_one(BulkRun, order.run_id), counts=counts)
