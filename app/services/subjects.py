"""Finds the rows of ours that a process instance is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import ScalarSelect, and_, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.domain.business_keys import subject_of
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.tickets import TroubleTicket
from app.persistence.work_items import WorkItem
from app.persistence.work_orders import WorkOrder
from processes.store.instances import ProcessInstance


@cache
def with_area_of_order() -> ORMOption:
    """With a work order, the area of its order: a line in the history carries it, and nothing else of the order."""
    return joinedload(WorkOrder.order, innerjoin=True).load_only(ProductOrder.area)


@cache
def with_area_of_owner() -> tuple[ORMOption, ...]:
    """With a work item, the area of its order or ticket, for the same reason."""
    return (
        joinedload(WorkItem.order).load_only(ProductOrder.area),
        joinedload(WorkItem.ticket).load_only(TroubleTicket.area),
    )


def item_id_of(order_id: str, item_no: str) -> ScalarSelect[str]:
    """The id of the item of that number, to be used within a query."""
    found = select(ProductOrderItem.id).where(
        ProductOrderItem.order_id == order_id, ProductOrderItem.item_no == item_no
    )
    return found.scalar_subquery()


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


def step_row(session: Session, instance_id: str, task_id: str) -> WorkOrder | None:
    """The work order that a step is."""
    for row in (*session.new, *session.dirty):  # begun in this transaction, and not written yet
        if isinstance(row, WorkOrder) and (row.instance_id, row.task_id) == (instance_id, task_id):
            return row
    query = select(WorkOrder).where(WorkOrder.instance_id == instance_id, WorkOrder.task_id == task_id)
    with session.no_autoflush:
        return session.scalars(query.options(with_area_of_order())).first()


def work_order_of(session: Session, instance_id: str, task_id: str | None) -> WorkOrder | None:
    """The work order a step is part of: the step itself where it is one, else the nearest one it runs within, on the
    way up the linked calls."""
    own = (instance_id, task_id)
    inside: str | None = instance_id
    while inside is not None:
        is_around = and_(
            WorkOrder.instance_id == ProcessInstance.parent_id, WorkOrder.task_id == ProcessInstance.parent_task_id
        )
        is_own = and_(WorkOrder.instance_id == ProcessInstance.id, WorkOrder.task_id == task_id)
        query = (
            select(WorkOrder)
            .join(ProcessInstance, or_(is_own, is_around) if inside == instance_id else is_around)
            .where(ProcessInstance.id == inside)
            .options(with_area_of_order())
        )
        rows = session.scalars(query).all()
        if rows:
            return min(rows, key=lambda row: (row.instance_id, row.task_id) != own)
        inside = session.scalar(select(ProcessInstance.parent_id).where(ProcessInstance.id == inside))
    return None
