"""Reservations of orders that stand still are prolonged before they lapse, by a process of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.amending.holds import prolonged
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.domain.words import Words
from app.persistence.amending.order_holds import OrderHold
from app.persistence.ordering.orders import ProductOrder
from processes.engine import Engine
from processes.lifecycle import EffectState
from processes.store.jobs import Effect

PROCESS: Final = "reservation_extension"
RESERVE: Final = "resource.reserve"
ASSIGN: Final = "resource.assign"
WAITING: Final = (OrderState.PENDING, OrderState.HELD)
AT_ONCE: Final = 200


def prolong_due(session: Session, engine: Engine, now: datetime) -> int:
    """Begin to prolong every reservation that would lapse soon under an order that stands still; returns how many.

    What has been assigned does not lapse any more.
    """
    rows = session.execute(
        select(OrderHold, ProductOrder)
        .join(ProductOrder, ProductOrder.id == OrderHold.order_id)
        .where(text("order_hold.ended_at IS NULL"), OrderHold.frozen, ProductOrder.state.in_(WAITING))
        .order_by(OrderHold.at)
        .limit(AT_ONCE)
    ).all()
    return sum(_prolong(session, engine, hold, order, now) for hold, order in rows)


def _prolong(session: Session, engine: Engine, hold: OrderHold, order: ProductOrder, now: datetime) -> int:
    count = 0
    for effect in _open_reservations(session, str(order.process_instance_id)):
        number = str(effect.outputs["reservation_id"])
        until = _until(effect, hold.kept, now)
        if until is None:
            continue
        hold.kept = {**hold.kept, number: until.isoformat()}
        day = f"{until.astimezone(ZONE):%Y-%m-%d %H:%M}"
        why = Words(f"预占延期至 {day}", f"the reservation stands until {day}")
        order.record("reservation", why, ENGINE, now, detail={"reservation_id": number})
        session.flush()
        engine.start(
            session,
            PROCESS,
            business_key=f"reservation:{number}",
            area=effect.area,
            data={"reservation": _data(number, until, order)},
            now=now,
            actor=ENGINE,
        )
        count += 1
    return count


def _open_reservations(session: Session, root_id: str) -> list[Effect]:
    """Reservations of a tree that nothing has been assigned from."""
    mine = Effect.root_instance_id == root_id, Effect.state == EffectState.CONFIRMED
    rows = session.scalars(select(Effect).where(*mine, Effect.operation.in_((RESERVE, ASSIGN)))).all()
    assigned = {str(row.inputs.get("reservation_id")) for row in rows if row.operation == ASSIGN}
    return [
        row
        for row in rows
        if row.operation == RESERVE
        and row.outputs.get("expires_at")
        and str(row.outputs.get("reservation_id")) not in assigned
    ]


def _until(effect: Effect, kept: Mapping[str, Any], now: datetime) -> datetime | None:
    first = datetime.fromisoformat(str(effect.outputs["expires_at"]))
    known = kept.get(str(effect.outputs["reservation_id"]))
    return prolonged(first - effect.confirmed_at, datetime.fromisoformat(str(known)) if known else first, now)


def _data(number: str, until: datetime, order: ProductOrder) -> dict[str, Any]:
    return {"reservation_id": number, "expires_at": until.isoformat(), "order_no": order.number}
