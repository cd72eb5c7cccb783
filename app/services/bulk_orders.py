"""Bulk orders: a sheet is checked line by line, and its good lines become orders, one after another.

Checking stores what was found and promises nothing. Submitting writes a bulk run over the good lines, and workers carry
it out (:mod:`app.services.bulk_placing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.bulk_columns import read_headings
from app.domain.bulk_lines import Context, LineReader, twice
from app.domain.command_data import command_data
from app.domain.commands import PlaceOrder
from app.domain.sheets import SheetRefused, Table, read_sheet
from app.errors import Conflict, FieldProblem, InvalidInput
from app.persistence.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.catalogue_in_force import apply_due
from app.persistence.catalogue_reader import load_catalogue
from app.persistence.customers import InstalledProduct
from app.persistence.numbers import next_number
from app.persistence.scope import scoped
from app.services.bulk_placing import KIND
from app.services.bulk_views import BulkView, found, view_of
from app.services.order_judging import judge_all
from app.services.refused import refusals
from app.unit_of_work import retried, transaction
from processes import bulk
from processes.bulk import Subject

USUAL_RATE_PER_S: Final = 50.0
AT_ONCE: Final = 500


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
    apply_due(session, now)
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
    judged = iter(judge_all(session, known, actor, deps, now, catalogue=catalogue))
    for reader, command in zip(readers, commands, strict=True):
        if command is None:
            continue
        verdict = next(judged)
        conflicts = [replace(one, path="productOrderItem.0.product.id") for one in verdict.conflicts()]
        for problem in [*verdict.problems, *conflicts]:
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
        order = found(session, number, actor, lock=True)
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
        view = view_of(session, order)
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
        order = found(tx.session, number, actor)
        if order.run_id is None:
            raise Conflict(f"{number} was not submitted", f"{number} 尚未提交")
        act(tx.session, order.run_id, deps.clock(tx.session))
        tx.session.flush()
        view = view_of(tx.session, order)
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


@contextmanager
def _as_refusal() -> Iterator[None]:
    """What a sheet is refused for, as the error that callers see."""
    try:
        yield
    except SheetRefused as error:
        path = error.cell or "file"
        detail = FieldProblem(path=path, code=error.code, zh=error.zh, en=error.en)
        raise InvalidInput(f"{path}: {error.en}", f"{path}：{error.zh}", details=[detail]) from error
