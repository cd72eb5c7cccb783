"""Bulk orders: a sheet is checked line by line, and its good lines become orders, one after another.

Checking stores what was found and promises nothing. Submitting writes a bulk run over the good lines; workers carry
it out, each line in a transaction of its own, judged once more as any order is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.bulk_columns import read_headings
from app.domain.bulk_lines import CellProblem, Context, LineReader, twice
from app.domain.calendar import ZONE
from app.domain.command_data import command_data, command_of
from app.domain.commands import PlaceOrder
from app.domain.intake import judge
from app.domain.sheets import SheetRefused, Table, read_sheet
from app.errors import AppError, Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.catalogue_reader import load_catalogue
from app.persistence.customers import InstalledProduct
from app.persistence.facts import load_many_facts
from app.persistence.numbers import next_number
from app.persistence.people import actor_for
from app.persistence.scope import scoped
from app.services import order_intake
from app.services.refused import refusals
from app.unit_of_work import read, retried, transaction
from processes import bulk
from processes.bulk import Applied, Counts, Subject
from processes.lifecycle import BulkItemState
from processes.store.bulk import BulkItem, BulkRun

KIND: Final = "place_order"
USUAL_RATE_PER_S: Final = 50.0
AT_ONCE: Final = 500


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


class LineRefused(Exception):
    """A line that was good when it was checked cannot be ordered any more; the text is in both languages."""

    def __init__(self, error: AppError) -> None:
        details = error.details[:3]
        en = "; ".join(row.en for row in details) or error.message_en
        zh = "；".join(row.zh for row in details) or error.message_zh
        super().__init__(f"{en}\n{zh}")
        self.code = details[0].code if details else error.code


def register(deps: Deps) -> None:
    """Let bulk runs place orders."""
    deps.engine.parts.bulk_acts[KIND] = _place_act(deps)


@retried
def check_sheet(content: bytes, *, file_name: str, channel: str, actor: Actor, deps: Deps) -> BulkOrder:
    """Read a sheet and judge every line of it as an order; keeps the good lines, and what is wrong with the others.

    :raises InvalidInput: the file as a whole cannot be taken; nothing is stored.
    """
    may(actor, "order.submit")
    with _as_refusal():
        table = read_sheet(content)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        readers, commands = _judged(session, table, channel, actor, deps, now)
        order = BulkOrder(
            number=next_number(session, "B", now),
            area=actor.area,
            area_path=actor.area_path,
            login=actor.login,
            channel=channel,
            file_name=file_name[:200],
            file_hash=hashlib.sha256(content).hexdigest(),
            headings=list(table.headings),
            lines=len(readers),
            bad=sum(bool(reader.problems) for reader in readers),
            created_at=now,
        )
        session.add(order)
        session.flush()
        rows = [_line_row(order, reader, commands[place]) for place, reader in enumerate(readers)]
        for start in range(0, len(rows), AT_ONCE):
            session.execute(insert(BulkOrderLine), rows[start : start + AT_ONCE])
    return order


def _judged(
    session: Session, table: Table, channel: str, actor: Actor, deps: Deps, now: datetime
) -> tuple[list[LineReader], list[PlaceOrder | None]]:
    """Every line read and judged; what the database knows is asked for all of them at once."""
    catalogue = load_catalogue(session)
    if channel not in catalogue.channels:
        raise InvalidInput(f"there is no channel {channel}", f"没有渠道 {channel}")
    with _as_refusal():
        headings = read_headings(table.headings, catalogue, line=table.heading_line)
    place = headings.named.get("product_id")
    numbers = {line.cells[place] for line in table.lines} - {""} if place is not None else set()
    context = Context(headings, catalogue, channel, _products(session, numbers))
    readers = [LineReader(line, context) for line in table.lines]
    commands = [reader.read() for reader in readers]
    twice(readers)
    known = [command for command in commands if command is not None]
    facts = iter(load_many_facts(session, known, actor))
    today = now.astimezone(ZONE).date()
    for reader, command in zip(readers, commands, strict=True):
        if command is None:
            continue
        judgement = judge(command, next(facts), catalogue, actor, today=today)
        problems = [*judgement.problems, *order_intake.unplanned(session, judgement, deps)]
        problems += [
            replace(order_intake.conflict(product_id, number), path="productOrderItem.0.product.id")
            for product_id, number in judgement.conflicts.items()
        ]
        for problem in problems:
            reader.blame_field(problem)
    return readers, commands


def _products(session: Session, numbers: set[str]) -> dict[str, str]:
    query = select(InstalledProduct.product_id, InstalledProduct.product)
    rows = session.execute(query.where(InstalledProduct.product_id.in_(numbers))).all() if numbers else []
    return {row.product_id: row.product for row in rows}


def _line_row(order: BulkOrder, reader: LineReader, command: PlaceOrder | None) -> dict[str, Any]:
    good = command is not None and not reader.problems
    return {
        "bulk_id": order.id,
        "line": reader.line.number,
        "cells": list(reader.line.cells),
        "command": command_data(command) if good and command is not None else None,
        "problems": [problem.as_data() for problem in reader.problems],
        "order_id": None,
        "order_number": None,
    }


@retried
def submit(
    number: str, actor: Actor, deps: Deps, *, max_failures: int | None, rate_per_s: float, again: bool = False
) -> BulkView:
    """Place the good lines, one after another.

    :param max_failures: stop for good once so many of them were refused.
    :param again: the same file was submitted before, and that is meant.
    :raises Conflict: submitted already, no good line, or the same file was submitted before.
    """
    may(actor, "order.submit")
    with transaction(deps.sessions) as tx, refusals():
        session, now = tx.session, deps.clock(tx.session)
        order = _found(session, number, actor, lock=True)
        if order.run_id is not None:
            raise Conflict(f"{number} was submitted already", f"{number} 已提交")
        if order.bad == order.lines:
            raise Conflict("there is no line without problems", "没有可受理的行")
        twin = _same_file(session, order, actor)
        if twin is not None and not again:
            raise Conflict(
                f"the same file was submitted as {twin}; say again=true if that is meant",
                f"同一文件已作为 {twin} 提交；如确需再次提交请指定 again=true",
                facts={"number": twin},
            )
        lines = session.scalars(
            select(BulkOrderLine.line)
            .where(BulkOrderLine.bulk_id == order.id, BulkOrderLine.command.is_not(None))
            .order_by(BulkOrderLine.line)
        ).all()
        run = bulk.create(
            session,
            kind=KIND,
            subjects=[Subject(id=str(line)) for line in lines],
            params={"bulk_order_id": order.id},
            reason=order.number,
            actor=actor.login,
            area=order.area,
            ids=deps.new_id,
            now=now,
            selection={"bulk_order": order.number},
            rate_per_s=rate_per_s,
            most_refused=max_failures,
        )
        order.run_id, order.submitted_at = run.id, now
        order.login, order.area_path = actor.login, actor.area_path
        session.flush()
        view = _view(session, order)
        tx.after_commit.append(deps.wake)
    return view


def _same_file(session: Session, order: BulkOrder, actor: Actor) -> str | None:
    same = scoped(select(BulkOrder.number), BulkOrder, actor).where(
        BulkOrder.file_hash == order.file_hash, BulkOrder.run_id.is_not(None), BulkOrder.id != order.id
    )
    return session.scalars(same.order_by(BulkOrder.created_at.desc()).limit(1)).first()


def change(number: str, actor: Actor, deps: Deps, act: Callable[[Session, str, datetime], object]) -> BulkView:
    """Pause, resume or stop the run of a bulk order.

    :raises Conflict: nothing was submitted, or the run is not in a state for it.
    """
    may(actor, "order.submit")
    with transaction(deps.sessions) as tx, refusals():
        order = _found(tx.session, number, actor)
        if order.run_id is None:
            raise Conflict(f"{number} was not submitted", f"{number} 尚未提交")
        act(tx.session, order.run_id, deps.clock(tx.session))
        tx.session.flush()
        view = _view(tx.session, order)
    return view


def pause(session: Session, run_id: str, _now: datetime) -> None:
    """Place no further line."""
    bulk.pause(session, run_id)


def resume(session: Session, run_id: str, now: datetime) -> None:
    """Go on with the next line."""
    bulk.resume(session, run_id, now=now)


def stop(session: Session, run_id: str, now: datetime) -> None:
    """Place no further line, ever."""
    bulk.stop(session, run_id, now=now)


def get(number: str, actor: Actor, deps: Deps) -> BulkView:
    """One bulk order. :raises NotFound: none of the caller's area."""
    with read(deps.read_sessions) as session:
        return _view(session, _found(session, number, actor))


def page(actor: Actor, deps: Deps, *, offset: int, limit: int) -> tuple[list[BulkView], int]:
    """The bulk orders of the caller's area, newest first, and how many there are."""
    with read(deps.read_sessions) as session:
        mine = scoped(select(BulkOrder), BulkOrder, actor)
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        rows = session.scalars(mine.order_by(BulkOrder.created_at.desc(), BulkOrder.id).offset(offset).limit(limit))
        return [_view(session, row) for row in rows.all()], total


def lines(
    number: str, actor: Actor, deps: Deps, *, state: str | None = None, offset: int = 0, limit: int | None = None
) -> list[LineView]:
    """Lines of a bulk order with their problems or orders, in the order of the sheet.

    :param state: ``bad``, ``ready``, ``placed`` or ``refused`` only.
    """
    with read(deps.read_sessions) as session:
        order = _found(session, number, actor)
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


def _refused_lines(session: Session, run_id: str) -> dict[int, BulkItem]:
    rows = bulk.items(session, run_id, state=BulkItemState.REFUSED, offset=0, limit=AT_ONCE * 10)
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


def _found(session: Session, number: str, actor: Actor, *, lock: bool = False) -> BulkOrder:
    query = scoped(select(BulkOrder), BulkOrder, actor).where(BulkOrder.number == number)
    order = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if order is None:
        raise NotFound(f"there is no bulk order {number}", f"没有批量订单 {number}")
    return order


def _view(session: Session, order: BulkOrder) -> BulkView:
    if order.run_id is None:
        return BulkView(order=order, run=None, counts=None)
    counts = bulk.counts(session, [order.run_id])[order.run_id]
    return BulkView(order=order, run=session.get_one(BulkRun, order.run_id), counts=counts)


def _place_act(deps: Deps) -> bulk.BulkAct:
    def act(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
        order = session.get_one(BulkOrder, run.params["bulk_order_id"])
        line = session.get_one(BulkOrderLine, (order.id, int(item.subject_id)))
        # Rights are those of the one who submitted, as they are now.
        actor = replace(actor_for(session, order.login), area_path=order.area_path)
        command = command_of(line.command)
        if command.external_id is None:
            command = replace(command, external_id=f"{order.number}/{line.line}")
        try:
            placement = order_intake.place_in(session, command, actor, deps, _hash(order, line), now)
        except AppError as error:
            raise LineRefused(error) from error
        line.order_id, line.order_number = placement.order.id, placement.order.number
        return Applied(follow={"order": placement.order.number})

    return act


def _hash(order: BulkOrder, line: BulkOrderLine) -> str:
    """What stands for the body of a request: the line itself."""
    return hashlib.sha256(f"{order.file_hash}:{line.line}:{line.cells}".encode()).hexdigest()


@contextmanager
def _as_refusal() -> Iterator[None]:
    """What a sheet is refused for, as the error that callers see."""
    try:
        yield
    except SheetRefused as error:
        path = error.cell or "file"
        detail = FieldProblem(path=path, code=error.code, zh=error.zh, en=error.en)
        raise InvalidInput(f"{path}: {error.en}", f"{path}：{error.zh}", details=[detail]) from error
