"""Finds the rows of ours that a process instance is about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.persistence.orders import ProductOrderItem
from app.persistence.tickets import TroubleTicket
from app.persistence.work_orders import WorkOrder
from processes.store.instances import ProcessInstance


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


def work_order_of(session: Session, instance_id: str, task_id: str | None) -> WorkOrder | None:
    """The work order a step is part of: the step itself where it is one, else the one it runs within."""
    own = select(WorkOrder).where(WorkOrder.instance_id == instance_id, WorkOrder.task_id == task_id)
    return (session.scalars(own).first() if task_id else None) or enclosing_work_order(session, instance_id)


def enclosing_work_order(session: Session, instance_id: str) -> WorkOrder | None:
    """The work order within which an instance runs: the nearest one on the way up the linked calls."""
    instance = session.get(ProcessInstance, instance_id)
    while instance is not None and instance.parent_id is not None:
        row = session.scalars(
            select(WorkOrder).where(
                WorkOrder.instance_id == instance.parent_id, WorkOrder.task_id == instance.parent_task_id
            )
        ).first()
        if row is not None:
            return row
        instance = session.get(ProcessInstance, instance.parent_id)
    return None
