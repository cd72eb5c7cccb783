"""What people call the things the engine knows by keys: numbers of orders and tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.business_keys import Subject, subject_of
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.tickets import TroubleTicket


def names_of(session: Session, business_keys: Iterable[str]) -> Mapping[str, str]:
    """The number people know for each key: ``O-2611-000042 #1`` is item 1 of that order.

    A key of something else, or of what is not there, is its own name. Two queries, however many keys there are;
    callers hand in a page at a time.
    """
    subjects = {key: subject_of(key) for key in business_keys}
    orders = {one.order_id for one in subjects.values() if one.order_id}
    tickets = {one.ticket_id for one in subjects.values() if one.ticket_id}
    numbers: dict[str, str] = {}
    if orders:
        rows = session.execute(select(ProductOrder.id, ProductOrder.number).where(ProductOrder.id.in_(orders)))
        numbers |= {row.id: row.number for row in rows}
    if tickets:
        found = session.execute(select(TroubleTicket.id, TroubleTicket.number).where(TroubleTicket.id.in_(tickets)))
        numbers |= {row.id: row.number for row in found}
    return {key: _name(subject, numbers) or key for key, subject in subjects.items()}


def _name(subject: Subject, numbers: Mapping[str, str]) -> str:
    number = numbers.get(subject.order_id or subject.ticket_id or "", "")
    return f"{number} #{subject.item_no}" if number and subject.item_no else number
