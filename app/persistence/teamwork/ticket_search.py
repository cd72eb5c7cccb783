"""Finding trouble tickets. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import Actor
from app.domain.promises.ticket_lifecycle import OPEN
from app.errors import NotFound
from app.persistence.filters import Columns, contains_text, equals_any, is_id
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem

COLUMNS: Final[Columns] = {
    "state": TroubleTicket.state,
    "order_id": TroubleTicket.order_id,
    "product_id": TroubleTicket.product_id,
    "customer_no": TroubleTicket.customer_no,
    "severity": TroubleTicket.severity,
    "source": TroubleTicket.source,
    "area": TroubleTicket.area,
}


def list_tickets(
    session: Session, actor: Actor, filters: Mapping[str, Any] | None = None, *, offset: int = 0, limit: int = 20
) -> tuple[Sequence[TroubleTicket], int]:
    """One page of tickets, newest first, and how many there are in all; clocks are loaded.

    :param filters: names of ``COLUMNS`` with one value or several; ``order`` (id or number); ``open`` (bool); ``q``
        (number, far number, description, product). Filters that are None do not count.
    :raises ValueError: a filter that does not exist.
    """
    query = scoped(select(TroubleTicket), TroubleTicket, actor)
    for name, value in (filters or {}).items():
        if value is not None:
            query = query.where(_condition(name, value))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(
        query.options(selectinload(TroubleTicket.clocks).selectinload(SlaClock.alerts))
        .order_by(TroubleTicket.opened_at.desc(), TroubleTicket.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return rows, total


def get_ticket(session: Session, actor: Actor, id_or_number: str) -> TroubleTicket:
    """One ticket by id or number, with work items, clocks and history.

    :raises NotFound: there is none, or it is not in the actor's area.
    """
    column = TroubleTicket.id if is_id(id_or_number) else TroubleTicket.number
    ticket = session.scalars(
        scoped(select(TroubleTicket), TroubleTicket, actor)
        .where(column == id_or_number)
        .options(
            selectinload(TroubleTicket.work_items).selectinload(WorkItem.order),
            selectinload(TroubleTicket.clocks).selectinload(SlaClock.pauses),
            selectinload(TroubleTicket.clocks).selectinload(SlaClock.alerts),
            selectinload(TroubleTicket.events),
        )
    ).one_or_none()
    if ticket is None:
        raise NotFound(f"there is no ticket {id_or_number}", f"没有故障单 {id_or_number}")
    return ticket


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    if name in COLUMNS:
        return equals_any(COLUMNS[name], value)
    if name == "order":
        column = ProductOrder.id if is_id(value) else ProductOrder.number
        return TroubleTicket.order_id.in_(select(ProductOrder.id).where(column == value))
    if name == "open":
        return TroubleTicket.state.in_(OPEN) if value else TroubleTicket.state.not_in(OPEN)
    if name == "q":
        texts = (TroubleTicket.number, TroubleTicket.far_ticket_no, TroubleTicket.description)
        return or_(contains_text(texts, str(value)), TroubleTicket.product_id == str(value).strip())
    raise ValueError(f"tickets are not filtered by {name}")
