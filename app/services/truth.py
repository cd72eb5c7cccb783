"""What must always be true: of the engine, of the orders, and of the neighbours' books against ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.order_lifecycle import ALLOWED, FINAL, OPEN, OrderState
from app.domain.work_lifecycle import WORK_ITEM_OPEN
from app.persistence.areas import Area
from app.persistence.audit import OrderEvent
from app.persistence.orders import ProductOrder
from app.persistence.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.work_items import WorkItem
from app.unit_of_work import read
from processes import invariants
from processes.queries import waiting_summary

Violation = dict[str, str]
FAR_TIMEOUT_S: Final = 5.0


def violations(deps: Deps, effects: Iterable[Mapping[str, Any]] | None) -> list[Violation]:
    """Everything that is not as it must be; an empty list is the good answer. Nothing is changed.

    :param effects: what :func:`far_effects` told; None leaves the neighbours' side out.
    """
    with read(deps.read_sessions) as session:
        now = deps.clock(session)
        engine = invariants.violations(session, now=now, far_effects=effects)
        return [
            *({"rule": one.rule, "thing": one.subject, "text": one.message} for one in engine),
            *abandoned_orders(session),
            *broken_histories(session),
            *wrong_alarms(session, now),
            *rows_without_area(session),
        ]


def far_effects(base_url: str) -> list[Mapping[str, Any]] | None:
    """How often each operation took effect at the far side, one row per operation; None where nobody tells (the
    simulated neighbours do, real ones do not)."""
    try:
        answer = httpx.get(f"{base_url}/control/effects", timeout=FAR_TIMEOUT_S)
    except httpx.TransportError:
        return None
    if not answer.is_success:
        return None
    body: Any = answer.json()
    return list(body if isinstance(body, list) else body.get("effects", []))


def abandoned_orders(session: Session) -> Iterator[Violation]:
    """I1: an order is final, or something or somebody is named that it waits for."""
    for order in session.scalars(select(ProductOrder).where(ProductOrder.state.in_([state.value for state in OPEN]))):
        waits = waiting_summary(session, order.process_instance_id) if order.process_instance_id else []
        if not waits and not has_open_item(session, order.id):
            yield violation("I1", order.number, f"is {order.state} and waits for nothing and nobody")


def has_open_item(session: Session, order_id: str) -> bool:
    """Whether a person is named for the order."""
    states = [state.value for state in WORK_ITEM_OPEN]
    query = select(WorkItem.id).where(WorkItem.order_id == order_id, WorkItem.state.in_(states)).limit(1)
    return session.scalars(query).first() is not None


def broken_histories(session: Session) -> Iterator[Violation]:
    """I5: each change of an order's state has its line, and the lines make an unbroken way the lifecycle allows."""
    states: dict[str, OrderState] = {}
    for line in session.scalars(
        select(OrderEvent).where(OrderEvent.kind == "state", OrderEvent.order_id.is_not(None)).order_by(OrderEvent.seq)
    ):
        before, after = states.get(str(line.order_id)), OrderState(str(line.to_state))
        if before is None and line.from_state is not None:
            yield violation("I5", str(line.order_id), f"history begins in {line.from_state}")
        if before is not None and (line.from_state != before or after not in ALLOWED[before]):
            yield violation("I5", str(line.order_id), f"history jumps from {before} to {after}")
        states[str(line.order_id)] = after
    for order in session.scalars(select(ProductOrder)):
        if states.get(order.id) != order.state:
            yield violation("I5", order.number, f"is {order.state}, its history ends in {states.get(order.id)}")
        if OrderState(order.state) in FINAL and any(OrderState(item.state) in OPEN for item in order.items):
            yield violation("I5", order.number, f"is {order.state} with an open item")


def wrong_alarms(session: Session, now: datetime) -> Iterator[Violation]:
    """I8: no alarm from the future, none before its clock was started."""
    rows = session.execute(select(JeopardyAlert, SlaClock).join(SlaClock, SlaClock.id == JeopardyAlert.clock_id))
    for alert, clock in rows:
        if alert.at > now or alert.at < clock.started_at:
            yield violation("I8", clock.id, f"level {alert.level} was raised at {alert.at.isoformat()}")


def rows_without_area(session: Session) -> Iterator[Violation]:
    """I7: an order's items lie in an area that exists."""
    areas = set(session.scalars(select(Area.code)))
    for number, area in session.execute(select(ProductOrder.number, ProductOrder.area)):
        if area not in areas:
            yield violation("I7", number, f"lies in {area}, which is no area")


def violation(rule: str, thing: str, text: str) -> Violation:
    """One broken rule."""
    return {"rule": rule, "thing": thing, "text": text}
