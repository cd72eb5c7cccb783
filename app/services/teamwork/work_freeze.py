"""The work of an order stands still: its plan takes no step, and its to-dos lie with their teams as paused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.task_desk import go_on_with
from processes.errors import InstanceNotRunning
from processes.lifecycle import UserTaskState
from processes.repairs import Why
from processes.store.instances import UserTask

GOING: Final = (WorkItemState.OPEN, WorkItemState.CLAIMED)


def freeze(session: Session, order: ProductOrder, why: Words, who: str, deps: Deps, now: datetime) -> bool:
    """Let nothing new begin for an order; the order is locked. False: it stood still already.

    What is under way at a neighbour is finished, and its answer is written down.

    :raises Conflict: its process has ended.
    """
    session.flush()
    try:
        frozen = deps.engine.suspend(
            session, str(order.process_instance_id), why=Why(actor=who, reason=why.en[:200]), now=now
        )
    except InstanceNotRunning as refusal:
        raise Conflict(str(refusal), "订单的流程已不在运行") from None
    for item in _to_dos(session, order, GOING):
        item.move_to(WorkItemState.PAUSED, why, who, now)
    return frozen > 0


def thaw(session: Session, order: ProductOrder, why: Words, who: str, deps: Deps, now: datetime) -> None:
    """Let the work go on; whoever had a to-do in hand has it again. The order is locked.

    :raises Conflict: its process has ended.
    """
    session.flush()
    for item in _to_dos(session, order, (WorkItemState.PAUSED,)):
        go_on_with(item, why, who, now)
    session.flush()
    try:
        deps.engine.resume(session, str(order.process_instance_id), why=Why(actor=who, reason=why.en[:200]), now=now)
    except InstanceNotRunning as refusal:
        raise Conflict(str(refusal), "订单的流程已不在运行") from None


def _to_dos(session: Session, order: ProductOrder, states: Sequence[WorkItemState]) -> Sequence[WorkItem]:
    # One that was put aside by an amendment is somebody else's business.
    rows = select(WorkItem).join(UserTask, UserTask.id == WorkItem.user_task_id)
    rows = rows.where(WorkItem.order_id == order.id, WorkItem.state.in_(states), UserTask.state == UserTaskState.OPEN)
    return session.scalars(rows.order_by(WorkItem.number)).all()
