"""The end of a cancel: everything is undone, so the order, its items and its steps are cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.domain.teamwork.work_lifecycle import (
    WORK_ITEM_OPEN,
    WORK_ORDER_OPEN,
    CancelState,
    WorkItemState,
    WorkOrderState,
)
from app.domain.words import Words
from app.persistence.amending.order_holds import OrderHold
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.work_items import WorkItem
from app.services.amending import amend_events
from app.services.ordering.order_state import locked
from app.services.promises import sla_watch
from processes.events import ProcessEvent

UNDONE: Final = Words("已全部回退", "everything is undone")


def begin(session: Session, event: ProcessEvent) -> None:
    """Every outstanding answer is in, the undoing begins: the order can be cancelled and is on its way to it."""
    subject = subject_of(event.business_key)
    if subject.order_id is None or event.instance_id != event.root_instance_id:
        return
    order = locked(session, subject.order_id)
    if OrderState(order.state) is OrderState.ASSESSING_CANCELLATION:
        order.move_to(OrderState.PENDING_CANCELLATION, Words("可以撤单，开始回退", "undoing begins"), ENGINE, event.at)


def finish(session: Session, event: ProcessEvent) -> None:
    """Every effect of the order is undone in reverse order: the order becomes cancelled."""
    subject = subject_of(event.business_key)
    if subject.order_id is None or event.instance_id != event.root_instance_id:
        return
    order = locked(session, subject.order_id)
    begin(session, event)
    if OrderState(order.state) is not OrderState.PENDING_CANCELLATION:
        return
    for item in order.items:
        if OrderState(item.state) not in FINAL:
            if OrderState(item.state) is not OrderState.ASSESSING_CANCELLATION:
                item.move_to(OrderState.ASSESSING_CANCELLATION, UNDONE, ENGINE, event.at)
            item.move_to(OrderState.PENDING_CANCELLATION, UNDONE, ENGINE, event.at)
            item.move_to(OrderState.CANCELLED, UNDONE, ENGINE, event.at)
    for step in order.work_orders:
        if step.state in WORK_ORDER_OPEN or step.state == WorkOrderState.COMPLETED:
            step.waits_for_zh = step.waits_for_en = ""
            step.move_to(WorkOrderState.CANCELLED, UNDONE, ENGINE, event.at)
    withdraw_items(session, order, UNDONE, event.at)
    amend_events.end_open(session, order, UNDONE, event.at)
    for product in session.scalars(select(InstalledProduct).where(InstalledProduct.order_id == order.id)):
        if product.status in {"created", "pendingActive"}:
            product.status = "cancelled"
    order.move_to(OrderState.CANCELLED, UNDONE, ENGINE, event.at)
    for request in order.cancel_requests:
        if request.state in {CancelState.ACKNOWLEDGED, CancelState.IN_PROGRESS}:
            request.move_to(CancelState.DONE, UNDONE, ENGINE, event.at)
    sla_watch.stop(session, order, ENGINE, event.at)
    held = OrderHold.order_id == order.id, OrderHold.ended_at.is_(None)
    for hold in session.scalars(select(OrderHold).where(*held)):
        hold.end(ENGINE, event.at)


def withdraw_items(session: Session, order: ProductOrder, why: Words, at: datetime, *, of_steps: bool = True) -> None:
    """Work items that are still open for the order have nothing to do any more.

    :param of_steps: those of steps and incidents too; else only those that nothing in the flow would ever close.
    """
    still_open = WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN])
    rows = select(WorkItem).where(WorkItem.order_id == order.id, still_open)
    if not of_steps:
        rows = rows.where(WorkItem.user_task_id.is_(None), WorkItem.incident_id.is_(None))
    for item in session.scalars(rows):
        item.move_to(WorkItemState.CANCELLED, why, ENGINE, at)
