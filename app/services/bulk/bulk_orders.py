"""Bulk orders: a sheet is checked line by line, and its good lines become orders, one after another.

Checking stores what was found and promises nothing. Submitting writes a bulk run over the good lines, and workers carry
it out (:mod:`app.services.bulk.bulk_placing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.bulk.bulk_lines import LineReader
from app.domain.commands import PlaceOrder
from app.domain.sheets import read_sheet
from app.errors import Conflict
from app.persistence.bulk.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.numbers import next_number
from app.persistence.scope import scoped
from app.services.bulk.bulk_judging import as_refusal, judged_lines, outcome_of
from app.services.bulk.bulk_placing import KIND
from app.services.bulk.bulk_views import BulkView, found, view_of
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
    with as_refusal():
        table = read_sheet(content)
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        readers, commands = judged_lines(session, table, channel, actor, deps, now)
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


def _line_row(order: BulkOrder, reader: LineReader, command: PlaceOrder | None) -> dict[str, Any]:
    return {
        "bulk_id": order.id,
        "line": reader.line.number,
        **outcome_of(reader, command),
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
