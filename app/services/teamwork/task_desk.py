"""Turns the user tasks of the engine into work items in the queue of the right team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.teamwork.dispatch import Case, Crew, suited
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.persistence.areas import area_path
from app.persistence.numbers import next_number
from app.persistence.ordering.step_rows import StepRows
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.teamwork.team_search import crews_over, side_of
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.subjects import with_area_of_owner
from app.services.promises.step_targets import SAID, StepTargets
from app.services.teamwork.dispatch_cases import cause_of, to_somebody
from app.services.teamwork.visit_times import as_moved
from processes.events import ProcessEvent

NOT_TITLED: Final = "待办"


def open_item(session: Session, event: ProcessEvent) -> None:
    """A step waits for a person: put it into the queue of the team that the drawing names, in its area."""
    element = event.element
    inputs: dict[str, Any] = dict(event.detail.get("inputs") or {})
    attributes = element.attributes if element else {}
    work_order = StepRows.of(session).around(event.instance_id, event.task_id)
    cause = cause_of(session, event.business_key, text_of(inputs.get("address_code")))
    area = text_of(inputs.get("area")) or event.area
    role = attributes.get("team")
    item = WorkItem(
        kind="task",
        order_id=cause.order_id,
        item_id=cause.item_id,
        work_order_id=work_order.id if work_order else None,
        ticket_id=cause.ticket_id,
        user_task_id=event.detail.get("user_task_id"),
        title_zh=element.name if element else NOT_TITLED,
        title_en=(element.name_en if element else "") or (element.name if element else "To do"),
        team_role=role,
        skill=attributes.get("skill"),
        form_key=attributes.get("form"),
        state=WorkItemState.OPEN,
        due_at=due_at(session, attributes, area, event.at),
        context=as_moved(session, cause.order_id, cause.item_id, inputs),
        area=area,
        priority=cause.priority,
        created_at=event.at,
        number=next_number(session, "W", event.at),
    )
    team: Crew | None = None
    if role is not None:
        step = element.id if element else ""
        team = to_somebody(session, item, cause, step, event.at).crew
    session.add(item)
    if work_order is not None:
        work_order.kind = "human" if work_order.kind == "automatic" else work_order.kind
        waits_for(work_order, item, team.name if team else None)
        work_order.team_role = role


def waits_for(work_order: WorkOrder, item: WorkItem, team: Words | None) -> None:
    """Show at a step which team it waits for."""
    names = team or Words.of(item.team_role or "")
    work_order.waits_for_zh = f"{names.zh}：{item.title_zh}"
    work_order.waits_for_en = f"{names.en}: {item.title_en}"


def put_item_aside(session: Session, event: ProcessEvent) -> None:
    """The plan was begun anew and has to do something else again before it comes to this to-do."""
    item = _item_of(session, event)
    if item is not None and item.state in (WorkItemState.OPEN, WorkItemState.CLAIMED):
        why = Words("订单变更，前面的步骤要先重做", "the order was amended: an earlier step comes first")
        item.move_to(WorkItemState.PAUSED, why, ENGINE, event.at)


def keep_item(session: Session, event: ProcessEvent) -> None:
    """The plan was begun anew and still waits for the same to-do: whoever has it goes on."""
    item = _item_of(session, event)
    if item is None:
        return
    if item.state == WorkItemState.PAUSED:
        go_on_with(item, Words("继续", "goes on"), ENGINE, event.at)
    item.context = as_moved(session, item.order_id, item.item_id, dict(event.detail.get("inputs") or {}))
    work_order = StepRows.of(session).around(event.instance_id, event.task_id)
    item.work_order_id = work_order.id if work_order else item.work_order_id


def go_on_with(item: WorkItem, why: Words, who: str, at: datetime) -> None:
    """A to-do that was paused is in the hands it was in."""
    if item.claimed_by is None:
        item.move_to(WorkItemState.OPEN, why, who, at)
    else:
        since = item.claimed_at
        item.move_to(WorkItemState.CLAIMED, why, item.claimed_by, at)
        item.claimed_at = since


def _item_of(session: Session, event: ProcessEvent) -> WorkItem | None:
    return session.scalars(select(WorkItem).where(WorkItem.user_task_id == event.detail.get("user_task_id"))).first()


def close_item(session: Session, event: ProcessEvent) -> None:
    """The user task has ended: so has its work item, completed by a person or withdrawn by the flow."""
    item = session.scalars(
        select(WorkItem).where(WorkItem.user_task_id == event.detail.get("user_task_id")).options(*with_area_of_owner())
    ).one_or_none()
    if item is None or WorkItemState(item.state) not in WORK_ITEM_OPEN:
        return
    if event.detail.get("state") == "completed":
        item.result = event.detail.get("result")
        who = str(event.detail.get("actor") or ENGINE)
        if item.state == WorkItemState.PAUSED:
            item.move_to(WorkItemState.CLAIMED, Words("继续", "goes on"), who, event.at)
        item.move_to(WorkItemState.COMPLETED, Words("完成", "done"), who, event.at)
    else:
        item.move_to(WorkItemState.CANCELLED, Words("流程撤回", "withdrawn by the flow"), ENGINE, event.at)
    work_order = StepRows.of(session).get(item.work_order_id) if item.work_order_id else None
    if work_order is not None:
        work_order.waits_for_zh = work_order.waits_for_en = ""


def responsible_team(session: Session, role: str | None, area: str, address_code: str | None) -> Crew | None:
    """The team of a role nearest to an area, upwards; where several share the area, the one of the address's side.

    For the desks: what people do at a place is sent by :mod:`app.services.teamwork.dispatching`.
    """
    if role is None:
        return None
    case = Case(step="", role=role, side=side_of(session, address_code)[0], on=date.min)
    return next(iter(suited(crews_over(session, role, area), case, ())), None)


def due_at(session: Session, said: Mapping[str, str], area: str, now: datetime) -> datetime | None:
    """Until when a step has to be done, by what its drawing says; None where that is nothing."""
    if SAID.isdisjoint(said):
        return None
    path = area_path(session, area) or ""
    return StepTargets(session, now).due_at(said, said.get("team"), now, area_path=path)


def text_of(value: object) -> str | None:
    """A non-empty text, or None."""
    return value if isinstance(value, str) and value else None
