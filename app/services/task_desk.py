"""Turns the user tasks of the engine into work items in the queue of the right team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.durations import parse_duration
from app.domain.words import Words
from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.areas import Area
from app.persistence.customers import Address
from app.persistence.numbers import next_number
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.people import Team
from app.persistence.step_rows import StepRows
from app.persistence.tickets import TroubleTicket
from app.persistence.work_items import WorkItem
from app.services.subjects import with_area_of_owner
from processes.events import ProcessEvent

NOT_TITLED: Final = "待办"


def open_item(session: Session, event: ProcessEvent) -> None:
    """A step waits for a person: put it into the queue of the team that the drawing names, in its area."""
    element = event.element
    inputs: dict[str, Any] = dict(event.detail.get("inputs") or {})
    cause = cause_of(session, event.business_key)
    attributes = element.attributes if element else {}
    work_order = StepRows.of(session).around(event.instance_id, event.task_id)
    area = text_of(inputs.get("area")) or event.area
    role = attributes.get("team")
    team = responsible_team(session, role, area, text_of(inputs.get("address_code")))
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
        team_code=team.code if team else None,
        skill=attributes.get("skill"),
        form_key=attributes.get("form"),
        state=WorkItemState.OPEN,
        due_at=due_at(attributes.get("duration"), event.at),
        context=inputs,
        area=area,
        priority=cause.priority,
        created_at=event.at,
        number=next_number(session, "W", event.at),
    )
    session.add(item)
    if work_order is not None:
        work_order.kind = "human" if work_order.kind == "automatic" else work_order.kind
        work_order.waits_for_zh = f"{team.name_zh if team else role}：{item.title_zh}"
        work_order.waits_for_en = f"{team.name_en if team else role}: {item.title_en}"
        work_order.team_role = role


def keep_item(session: Session, event: ProcessEvent) -> None:
    """The plan was begun anew and still waits for the same to-do: whoever has it goes on."""
    item = session.scalars(select(WorkItem).where(WorkItem.user_task_id == event.detail.get("user_task_id"))).first()
    if item is None:
        return
    item.context = dict(event.detail.get("inputs") or {})
    work_order = StepRows.of(session).around(event.instance_id, event.task_id)
    item.work_order_id = work_order.id if work_order else item.work_order_id


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


def responsible_team(session: Session, role: str | None, area: str, address_code: str | None) -> Team | None:
    """The team of a role nearest to an area, upwards; where several share the area, the one of the address's side."""
    if role is None:
        return None
    place = select(Area.path).where(Area.code == area).scalar_subquery()
    side = select(Address.side).where(Address.code == address_code).scalar_subquery()
    query = (
        select(Team, Area.path, side.label("side"))
        .join(Area, Area.code == Team.area)
        .where(Team.role == role, or_(place == Area.path, place.startswith(Area.path + "/")))
        .order_by(Team.code)
    )
    with session.no_autoflush:  # teams, areas and addresses are not of this transaction
        found = session.execute(query).all()
    if not found:
        return None
    nearest = max(path for _, path, _ in found)
    return of_side([team for team, path, _ in found if path == nearest], found[0].side)


def of_side(teams: Sequence[Team], side: str | None) -> Team:
    """The team whose code names the side of town, else the first by code."""
    return next((team for team in teams if side and team.code.endswith(f".{side}")), teams[0])


def due_at(duration: str | None, now: datetime) -> datetime | None:
    """When a step of that target time should be done; None without one."""
    return now + parse_duration(duration) if duration else None


@dataclass(frozen=True)
class Cause:
    """What a to-do is about, by the ids of our rows, and how urgent that is (higher is sooner)."""

    order_id: str | None = None
    item_id: str | None = None
    ticket_id: str | None = None
    priority: int = 0


def cause_of(session: Session, business_key: str) -> Cause:
    """What a business key means; a ticket that an order's own test opened belongs to that order."""
    subject = subject_of(business_key)
    with session.no_autoflush:  # all of this is older than the step
        if subject.ticket_id is not None:
            of_ticket = (
                select(TroubleTicket.order_id, TroubleTicket.item_id, ProductOrder.priority)
                .outerjoin(ProductOrder, ProductOrder.id == TroubleTicket.order_id)
                .where(TroubleTicket.id == subject.ticket_id)
            )
            ticket = session.execute(of_ticket).one_or_none()
            if ticket is None:
                return Cause()
            return Cause(ticket.order_id, ticket.item_id, subject.ticket_id, urgency(ticket.priority))
        same = (ProductOrderItem.order_id == ProductOrder.id) & (ProductOrderItem.item_no == subject.item_no)
        of_order = (
            select(ProductOrder.priority, ProductOrderItem.id)
            .outerjoin(ProductOrderItem, same)
            .where(ProductOrder.id == subject.order_id)
        )
        order = session.execute(of_order).one_or_none() if subject.order_id is not None else None
    return Cause(subject.order_id, order.id if order else None, None, urgency(order.priority if order else None))


def urgency(priority: str | None) -> int:
    """Work items inherit the urgency of their order: TMF622 priority 0 (highest) to 4 (usual)."""
    return 4 - min(int(priority), 4) if priority is not None and priority.isdigit() else 0


def text_of(value: object) -> str | None:
    """A non-empty text, or None."""
    return value if isinstance(value, str) and value else None
