"""A sheet that was checked is mended cell by cell, as long as nothing of it was submitted, and checked again whole.

Whole, because a line may be wrong for what another one says, and because customers and products may be there by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.sheets import Line, Table, cell_at, check_cell
from app.errors import Conflict, FieldProblem, InvalidInput
from app.persistence.bulk.bulk_orders import BulkOrder, BulkOrderLine
from app.services.bulk.bulk_judging import as_refusal, judged_lines, outcome_of
from app.services.bulk.bulk_views import BulkView, found, view_of
from app.unit_of_work import retried, transaction


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """One cell, named as in ``C7``; ``was``: what whoever changes it has seen there."""

    cell: str
    was: str
    now: str


@retried
def mend(number: str, changes: Sequence[CellChange], actor: Actor, deps: Deps) -> BulkView:
    """Change cells of a sheet and check all its lines again; without changes they are only checked again.

    :raises Conflict: submitted already, or somebody else has changed one of the cells meanwhile.
    :raises InvalidInput: there is no such cell, or it cannot hold such a text. Nothing is changed then.
    """
    may(actor, "order.submit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        order = found(session, number, actor, lock=True)
        if order.run_id is not None:
            raise Conflict(f"{number} was submitted already", f"{number} 已提交，不能再改")
        rows = session.scalars(
            select(BulkOrderLine).where(BulkOrderLine.bulk_id == order.id).order_by(BulkOrderLine.line)
        ).all()
        cells = _changed(order, {row.line: list(row.cells) for row in rows}, changes)
        table = Table(tuple(order.headings), tuple(Line(line, tuple(texts)) for line, texts in cells.items()))
        readers, commands = judged_lines(session, table, order.channel, actor, deps, now)
        for row, reader, command in zip(rows, readers, commands, strict=True):
            for name, value in outcome_of(reader, command).items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
        order.bad = sum(bool(reader.problems) for reader in readers)
        session.flush()
        view = view_of(session, order)
    return view


def _changed(order: BulkOrder, cells: dict[int, list[str]], changes: Sequence[CellChange]) -> dict[int, list[str]]:
    taken: list[FieldProblem] = []
    for one in changes:
        place, line = cell_at(one.cell) or (-1, -1)
        if line not in cells or not 0 <= place < len(order.headings):
            zh, en = f"没有单元格 {one.cell}", f"there is no cell {one.cell}"
            raise InvalidInput(en, zh, details=[FieldProblem(path=one.cell, code="unknown-cell", zh=zh, en=en)])
        text, name = one.now.strip(), one.cell
        with as_refusal():
            check_cell(text, place, line)
        stored = cells[line][place]
        if stored not in (one.was, text):
            zh, en = f"{name} 已被他人改为“{stored}”，请核对", f"somebody has changed {name} to “{stored}”: look again"
            taken.append(FieldProblem(path=name, code="changed-meanwhile", zh=zh, en=en))
        cells[line][place] = text
    if taken:
        raise Conflict("; ".join(one.en for one in taken), "；".join(one.zh for one in taken), details=taken)
    return cells
