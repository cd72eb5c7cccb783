"""Finds the rows of ours that a process instance is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.orders import ProductOrderItem
from app.persistence.work_orders import WorkOrder
from processes.store.instances import ProcessInstance


def find_item(session: Session, order_id: str, item_no: str | None) -> ProductOrderItem | None:
    """The item of that number, None for the order as a whole."""
    if item_no is None:
        return None
    return session.scalars(
        select(ProductOrderItem).where(ProductOrderItem.order_id == order_id, ProductOrderItem.item_no == item_no)
    ).one_or_none()


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
