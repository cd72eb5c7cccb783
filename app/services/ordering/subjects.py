"""Finds the rows of ours that a process instance is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.domain.business_keys import subject_of
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem


@cache
def with_area_of_owner() -> tuple[ORMOption, ...]:
    """With a work item, the area of its order or ticket: a line in the history carries it, and nothing else of them."""
    return (
        joinedload(WorkItem.order).load_only(ProductOrder.area),
        joinedload(WorkItem.ticket).load_only(TroubleTicket.area),
    )


def find_item(session: Session, order_id: str, item_no: str | None) -> ProductOrderItem | None:
    """The item of that number, None for the order as a whole."""
    if item_no is None:
        return None
    return session.scalars(
        select(ProductOrderItem).where(ProductOrderItem.order_id == order_id, ProductOrderItem.item_no == item_no)
    ).one_or_none()


@dataclass(frozen=True)
class About:
    """The rows a run of a process is about; a ticket that an order's own test opened belongs to that order."""

    order_id: str | None = None
    item: ProductOrderItem | None = None
    ticket_id: str | None = None


def about(session: Session, business_key: str) -> About:
    """What a business key means in our rows."""
    subject = subject_of(business_key)
    if subject.ticket_id is None:
        item = find_item(session, subject.order_id, subject.item_no) if subject.order_id else None
        return About(subject.order_id, item)
    ticket = session.get(TroubleTicket, subject.ticket_id)
    if ticket is None:
        return About()
    item = session.get(ProductOrderItem, ticket.item_id) if ticket.item_id else None
    return About(ticket.order_id, item, ticket.id)
