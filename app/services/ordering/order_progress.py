"""Listens to the engine: keeps work orders, milestones and held items in step with the flow.

Everything here runs inside the transaction of the engine's step, so the order page and the flow never disagree.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.teamwork.work_lifecycle import WORK_ORDER_OPEN, WorkOrderState
from app.domain.words import Words
from app.persistence.audit import OrderEvent, new_event
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.step_rows import StepRows
from app.persistence.ordering.work_orders import WorkOrder
from app.services.amending import amend_events, cancellation
from app.services.ordering import version_steps
from app.services.ordering.subjects import find_item
from app.services.promises import sla_watch
from app.services.repairs import fallout_desk, repair_history
from app.services.teamwork import task_desk
from processes.events import ProcessEvent
from processes.store.rows import Rows

#: The milestone after which the customer has what was promised; what follows is bookkeeping.
DELIVERED = "tested"


def on_process_event(session: Session, event: ProcessEvent) -> None:
    """Do what the event means for orders, work items and clocks; other events change nothing here."""
    match event.kind:
        case "element_entered":
            work_order_entered(session, event)
        case "element_completed":
            work_order_left(session, event, WorkOrderState.COMPLETED)
            milestone_reached(session, event)
        case "element_cancelled":
            work_order_left(session, event, WorkOrderState.CANCELLED)
        case "user_task_opened":
            task_desk.open_item(session, event)
        case "user_task_closed":
            task_desk.close_item(session, event)
        case "incident_opened":
            fallout_desk.open_item(session, event)
        case "incident_resolved":
            fallout_desk.close_item(session, event)
        case "repaired":
            repair_history.note_repair(session, event)
        case "instance_migrated":
            version_steps.rename_steps(session, event)
        case "instance_renewed":
            plan_renewed(session, event)
        case "step_renewed":
            step_renewed(session, event)
        case "user_task_put_aside":
            task_desk.put_item_aside(session, event)
        case "user_task_kept":
            task_desk.keep_item(session, event)
        case "undo_started":
            cancellation.begin(session, event)
        case "undo_completed":
            cancellation.finish(session, event)
        case _:
            pass


def work_order_entered(session: Session, event: ProcessEvent) -> None:
    """A step of the plan begins: the planned row becomes the running one."""
    row = started_row(session, event)
    if row is None:
        return
    row.instance_id, row.task_id = event.instance_id, event.task_id
    area = event.detail.get("inputs", {}).get("area")
    row.area = area if isinstance(area, str) and area else row.area
    if row.state == WorkOrderState.COMPLETED and event.is_renewed:
        return  # it stays as it was done, unless something in it has to be done again
    StepRows.of(session).move(row, WorkOrderState.IN_PROGRESS, Words("开始", "begins"), ENGINE, event.at)


def plan_renewed(session: Session, event: ProcessEvent) -> None:
    """The plan of an amended item has begun anew."""
    order_id = subject_of(event.business_key).order_id
    if order_id is not None:
        amend_events.renewed(session, event.detail["renewal_id"], order_id, event.at)


def step_renewed(session: Session, event: ProcessEvent) -> None:
    """Something in a step that was over is done again, or comes along: the step is open once more."""
    steps = StepRows.of(session)
    row = steps.around(event.instance_id, event.task_id)
    if row is not None and row.state == WorkOrderState.COMPLETED:
        steps.move(
            row, WorkOrderState.IN_PROGRESS, Words("变更后重做", "done again after the amendment"), ENGINE, event.at
        )


def started_row(session: Session, event: ProcessEvent) -> WorkOrder | None:
    """The planned row of the element that begins, or a new one; None where the element is no work order."""
    kind = event.element.attributes.get("workOrder") if event.element else None
    subject = subject_of(event.business_key)
    if event.element is None or not kind or subject.order_id is None:
        return None
    steps = StepRows.of(session)
    planned = steps.untaken(subject.order_id, subject.item_no, event.element.id)
    if planned is not None:
        return planned
    item = find_item(session, subject.order_id, subject.item_no)
    order = session.get_one(ProductOrder, subject.order_id)
    row = WorkOrder(
        order_id=order.id,
        item_id=item.id if item else None,
        element_id=event.element.id,
        type=kind,
        name_zh=event.element.name,
        name_en=event.element.name_en,
        kind="automatic",
        area=event.area,
        sequence=9_000,
        point_of_no_return=event.element.attributes.get("pointOfNoReturn"),
        state=WorkOrderState.ACKNOWLEDGED,
    )
    steps.add(row, area_of_order=order.area)
    return row


def work_order_left(session: Session, event: ProcessEvent, state: WorkOrderState) -> None:
    """A step of the plan is over."""
    if event.element is None or "workOrder" not in event.element.attributes or event.task_id is None:
        return
    steps = StepRows.of(session)
    row = steps.at(event.instance_id, event.task_id)
    if row is not None and row.state in WORK_ORDER_OPEN:
        row.waits_for_zh = row.waits_for_en = ""
        why = Words("完成", "done") if state is WorkOrderState.COMPLETED else Words("取消", "cancelled")
        steps.move(row, state, why, ENGINE, event.at)


def milestone_reached(session: Session, event: ProcessEvent) -> None:
    """Write the milestone; the one after which the customer has the service stops the clock of the promise."""
    milestone = event.element.attributes.get("milestone") if event.element else None
    subject = subject_of(event.business_key)
    if event.element is None or not milestone or subject.order_id is None:
        return
    if event.is_renewed and told_before(session, subject.order_id, milestone, subject.item_no):
        return
    line = new_event(
        kind="milestone",
        order_id=subject.order_id,
        area=event.area,  # a process runs in the area of its order
        who=ENGINE,
        why=Words(event.element.name, event.element.name_en),
        at=event.at,
        detail={"milestone": milestone, "item_no": subject.item_no},
    )
    Rows.of(session).add(line)
    if milestone == DELIVERED:
        order = session.get_one(ProductOrder, subject.order_id)
        item = find_item(session, order.id, subject.item_no)
        sla_watch.stop(session, order, ENGINE, event.at, item_id=item.id if item else None)


def told_before(session: Session, order_id: str, milestone: str, item_no: str | None) -> bool:
    """Whether a plan that has begun anew had reached the milestone before."""
    lines = select(OrderEvent).where(OrderEvent.order_id == order_id, OrderEvent.kind == "milestone")
    wanted = {"milestone": milestone, "item_no": item_no}
    return any(line.detail == wanted for line in session.scalars(lines))
