"""I1 and I3 of the queues: what waits for a person lies with a team, and nothing lies there that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import and_, exists, or_, select

from app.domain.ordering.order_lifecycle import FINAL
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.work_items import WorkItem
from processes.invariants import Look, Violation
from processes.invariants.look import TOLERANCE
from processes.lifecycle import IncidentState, UserTaskState
from processes.store.instances import Incident, ProcessInstance, UserTask

WAITS: Final = "I1"
LEFT: Final = "I3"
OPEN_ITEM: Final = WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN])


def steps_in_no_queue(look: Look) -> Iterator[Violation]:
    """Every open user task and every open incident is an open work item, and each work item is somebody's."""
    look.counted(WAITS, "open user tasks", UserTask, UserTask.state == UserTaskState.OPEN)
    look.counted(WAITS, "open incidents", Incident, Incident.state == IncidentState.OPEN)
    look.counted(WAITS, "open work items", WorkItem, OPEN_ITEM)
    tasks = (
        select(UserTask.id, UserTask.element_id, ProcessInstance.business_key)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.state == UserTaskState.OPEN, ~exists().where(WorkItem.user_task_id == UserTask.id, OPEN_ITEM))
    )
    for row in look.stream(tasks):
        text = f"step {row.element_id} waits for a person and lies in no queue"
        yield Violation(WAITS, row.id, text, row.business_key)
    incidents = (
        select(Incident.id, Incident.code, ProcessInstance.business_key)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.state == IncidentState.OPEN, ~exists().where(WorkItem.incident_id == Incident.id, OPEN_ITEM))
    )
    for row in look.stream(incidents):
        yield Violation(WAITS, row.id, f"incident {row.code} lies in no queue", row.business_key)
    nobodys = select(WorkItem.number, WorkItem.title_en, WorkItem.team_role).where(
        OPEN_ITEM, WorkItem.team_code.is_(None), WorkItem.claimed_by.is_(None)
    )
    for row in look.stream(nobodys):
        yield Violation(WAITS, row.number, f"work item {row.title_en!r} lies with no team (role {row.team_role})")


def items_of_nobody(look: Look) -> Iterator[Violation]:
    """An open work item has a step, an incident, or an order or ticket that still goes on."""
    look.counted(LEFT, "open work items", WorkItem, OPEN_ITEM)
    put_aside = and_(UserTask.state == UserTaskState.KEPT, WorkItem.state == WorkItemState.PAUSED)
    task_open = exists().where(
        UserTask.id == WorkItem.user_task_id, or_(UserTask.state == UserTaskState.OPEN, put_aside)
    )
    incident_open = exists().where(Incident.id == WorkItem.incident_id, Incident.state == IncidentState.OPEN)
    over = or_(
        and_(WorkItem.user_task_id.is_not(None), ~task_open),
        and_(WorkItem.incident_id.is_not(None), ~incident_open),
    )
    for row in look.stream(select(WorkItem.number, WorkItem.title_en).where(OPEN_ITEM, over)):
        yield Violation(LEFT, row.number, f"work item {row.title_en!r} is open, but what it was for is over")
    ended = (
        select(WorkItem.number, WorkItem.title_en, ProductOrder.number.label("order"))
        .join(ProductOrder, ProductOrder.id == WorkItem.order_id)
        .where(OPEN_ITEM, ProductOrder.state.in_([state.value for state in FINAL]))
        .where(ProductOrder.completed_at < look.now - TOLERANCE)
    )
    for row in look.stream(ended):
        yield Violation(LEFT, row.number, f"work item {row.title_en!r} is open, but order {row.order} has ended")
