"""Orders that wait for other orders: noted when they are accepted, released when all of those have ended.

Whoever releases looks at rows and not at news, so it does not matter how an order ended, or when that was noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.counter.intake_facts import KnownOrder
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.persistence.ordering.order_waits import OrderWait
from app.persistence.ordering.orders import ProductOrder
from processes.engine import Engine

PREREQUISITE: Final = "prerequisite"
BEHIND: Final = "behind"
RELEASED: Final = "order-released"
#: What the process reads: everything that had to be completed is.
MET: Final = "completed"
NOT_MET: Final = "not_completed"
AT_ONCE: Final = 200


def named(session: Session, numbers: Iterable[str]) -> list[KnownOrder]:
    """Orders by their numbers."""
    wanted = set(numbers)
    if not wanted:
        return []
    rows = session.execute(
        select(ProductOrder.id, ProductOrder.number, ProductOrder.state)
        .where(ProductOrder.number.in_(wanted))
        .order_by(ProductOrder.number)
    )
    return [KnownOrder(id=row.id, number=row.number, state=row.state) for row in rows]


def note(session: Session, order_id: str, prerequisites: Sequence[KnownOrder], behind: Sequence[KnownOrder]) -> None:
    """Write down which orders come before this one."""
    kinds = {known.id: BEHIND for known in behind} | {known.id: PREREQUISITE for known in prerequisites}
    session.add_all(OrderWait(order_id=order_id, waits_for=other, kind=kind) for other, kind in kinds.items())


def release_due(session: Session, engine: Engine, now: datetime, *, limit: int = AT_ONCE) -> int:
    """Tell the orders whose wait is over that they may begin; returns how many were told.

    An order whose checks are not done yet is told later.
    """
    ended = [state.value for state in FINAL]
    rows = session.execute(
        select(OrderWait.order_id, OrderWait.waits_for, ProductOrder.state)
        .join(ProductOrder, ProductOrder.id == OrderWait.waits_for)
        .where(OrderWait.outcome.is_(None), ProductOrder.state.in_(ended))
        .limit(limit)
    ).all()
    for row in rows:
        session.execute(
            update(OrderWait)
            .where(OrderWait.order_id == row.order_id, OrderWait.waits_for == row.waits_for)
            .values(outcome=row.state, ended_at=now)
        )
    return sum(_told(session, engine, order_id, now) for order_id in _ready(session, limit))


def _ready(session: Session, limit: int) -> Sequence[str]:
    """Orders that are pending, wait for nothing any more, and were not told yet."""
    open_waits = select(OrderWait.order_id).where(OrderWait.outcome.is_(None))
    return session.scalars(
        select(ProductOrder.id)
        .where(
            ProductOrder.state == OrderState.PENDING,
            ProductOrder.id.in_(select(OrderWait.order_id).where(OrderWait.released_at.is_(None))),
            ProductOrder.id.not_in(open_waits),
        )
        .order_by(ProductOrder.ordered_at)
        .limit(limit)
    ).all()


def _told(session: Session, engine: Engine, order_id: str, now: datetime) -> bool:
    rows = session.execute(
        select(OrderWait.kind, OrderWait.outcome, ProductOrder.number)
        .join(ProductOrder, ProductOrder.id == OrderWait.waits_for)
        .where(OrderWait.order_id == order_id)
        .order_by(ProductOrder.number)
    ).all()
    unmet = [row for row in rows if row.kind == PREREQUISITE and row.outcome != OrderState.COMPLETED]
    session.execute(update(OrderWait).where(OrderWait.order_id == order_id).values(released_at=now))
    engine.receive_message(
        session,
        source="order",
        event_id=f"order-released:{order_id}",
        name=RELEASED,
        key=f"order:{order_id}",
        payload={
            "outcome": NOT_MET if unmet else MET,
            "ended": [{"number": row.number, "state": row.outcome} for row in rows],
        },
        now=now,
    )
    return True
