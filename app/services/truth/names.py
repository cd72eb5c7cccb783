"""What people call the thing that a broken rule is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.persistence.orders import ProductOrder
from app.persistence.tickets import TroubleTicket


def name_of(session: Session, business_key: str, otherwise: str) -> str:
    """Order number with item, or ticket number; ``otherwise`` where the key is of something else.

    ``O-2611-000042 #1`` is item 1 of that order.
    """
    subject = subject_of(business_key)
    if subject.order_id is not None:
        number = session.scalar(select(ProductOrder.number).where(ProductOrder.id == subject.order_id))
        item = f" #{subject.item_no}" if subject.item_no else ""
        return f"{number}{item}" if number else business_key
    if subject.ticket_id is not None:
        found = session.scalar(select(TroubleTicket.number).where(TroubleTicket.id == subject.ticket_id))
        return found or business_key
    return business_key or otherwise
