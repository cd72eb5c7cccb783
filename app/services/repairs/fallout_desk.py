"""What left the automatic path: an incident becomes a work item of a team, and its item is held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import ENGINE, Actor, may
from app.domain.amending.holds import HoldKind
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WORK_ORDER_OPEN, WorkItemState, WorkOrderState
from app.domain.words import Words
from app.errors import NotFound
from app.persistence.amending.order_holds import OrderHold
from app.persistence.areas import area_path
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.step_rows import StepRows
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_books import failures
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.order_state import CANCELLING, follow_items, locked
from app.services.ordering.subjects import about
from app.services.refused import refusals
from app.services.teamwork.task_desk import responsible_team
from app.unit_of_work import retried, transaction
from processes.events import ProcessEvent
from processes.mending import Correction
from processes.store.instances import Incident
from processes.store.jobs import Job

DESK: Final = "fallout_desk"


def open_item(session: Session, event: ProcessEvent) -> None:
    """An incident: the fallout desk of the area gets a work item, the order item and its work order are held."""
    thing = about(session, event.business_key)
    code = str(event.detail.get("code"))
    known = failures(session).get(code, {})
    words = Words(known.get("name_zh", code), known.get("name_en", code))
    where = Words(event.element.name, event.element.name_en or event.element.name) if event.element else Words("", "")
    why = Words(f"{where.zh}：{words.zh}", f"{where.en}: {words.en}")
    team = responsible_team(session, DESK, event.area, None)
    work_order = StepRows.of(session).around(event.instance_id, event.task_id)
    session.add(
        WorkItem(
            kind="incident",
            order_id=thing.order_id,
            item_id=thing.item.id if thing.item else None,
            work_order_id=work_order.id if work_order else None,
            ticket_id=thing.ticket_id,
            incident_id=event.detail.get("incident_id"),
            title_zh=f"异常：{why.zh}"[:200],
            title_en=f"Incident: {why.en}"[:200],
            team_role=DESK,
            team_code=team.code if team else None,
            state=WorkItemState.OPEN,
            context=context_of(session, event, code),
            area=event.area,
            priority=1,
            created_at=event.at,
            number=next_number(session, "W", event.at),
        )
    )
    hold(session, thing.item, work_order, why, event.at)


def hold(
    session: Session,
    order_item: ProductOrderItem | None,
    work_order: WorkOrder | None,
    why: Words,
    at: datetime,
) -> None:
    """Hold an item and the step in trouble; an order that is being cancelled keeps its state."""
    if work_order is not None and work_order.state in WORK_ORDER_OPEN:
        StepRows.of(session).move(work_order, WorkOrderState.HELD, why, ENGINE, at)
        work_order.waits_for_zh, work_order.waits_for_en = why.zh[:300], why.en[:300]
    if order_item is None or OrderState(order_item.state) is not OrderState.IN_PROGRESS:
        return
    order = locked(session, order_item.order_id)
    if OrderState(order.state) not in CANCELLING:
        order_item.move_to(OrderState.HELD, why, ENGINE, at)
        follow_items(order, why, ENGINE, at)


def close_item(session: Session, event: ProcessEvent) -> None:
    """The incident is over: its work item too, and what was held goes on when nothing else holds it."""
    incident = session.get(Incident, str(event.detail.get("incident_id")))
    who = (incident.resolved_by if incident is not None else None) or ENGINE
    why = Words("异常已处理", "the incident is mended")
    items = session.scalars(select(WorkItem).where(WorkItem.incident_id == event.detail.get("incident_id"))).all()
    for item in items:
        if WorkItemState(item.state) in WORK_ITEM_OPEN:
            withdrawn = event.detail.get("resolution") in {"cancelled", "withdrawn"}
            item.move_to(WorkItemState.CANCELLED if withdrawn else WorkItemState.COMPLETED, why, who, event.at)
    session.flush()
    steps = StepRows.of(session)
    work_order = steps.around(event.instance_id, event.task_id)
    if work_order is not None and work_order.state == WorkOrderState.HELD:
        work_order.waits_for_zh = work_order.waits_for_en = ""
        steps.move(work_order, WorkOrderState.IN_PROGRESS, why, who, event.at)
    order_item = about(session, event.business_key).item
    if order_item is None or order_item.state != OrderState.HELD or other_incidents(session, order_item.id):
        return
    order = locked(session, order_item.order_id)
    if we_hold(session, order):
        return
    order_item.move_to(OrderState.IN_PROGRESS, why, who, event.at)
    follow_items(order, why, who, event.at)


def we_hold(session: Session, order: ProductOrder) -> bool:
    """Whether somebody of us has said that the order stands still."""
    ours = OrderHold.order_id == order.id, OrderHold.kind == HoldKind.OURS, OrderHold.ended_at.is_(None)
    return session.scalars(select(OrderHold.id).where(*ours).limit(1)).first() is not None


def other_incidents(session: Session, item_id: str) -> bool:
    """Whether another incident still holds the order item."""
    open_states = [state.value for state in WORK_ITEM_OPEN]
    found = select(WorkItem.id).where(
        WorkItem.item_id == item_id, WorkItem.kind == "incident", WorkItem.state.in_(open_states)
    )
    return session.scalars(found.limit(1)).first() is not None


@retried
def retry(
    incident_id: str,
    actor: Actor,
    deps: Deps,
    *,
    inputs: Mapping[str, Any] | None = None,
    correction: Correction | None = None,
    reason: str = "",
) -> Incident:
    """Try again what the incident is about, with corrected data where it is given.

    :raises NotFound: no such incident in the caller's area.
    :raises Conflict: it is resolved already, or the correction does not fit.
    """
    with transaction(deps.sessions) as tx, refusals():
        found_incident(tx.session, incident_id, actor, "incident.retry")
        mended = deps.engine.retry_incident(
            tx.session,
            incident_id,
            actor=actor.login,
            now=deps.clock(tx.session),
            correction=correction or Correction(inputs=inputs),
            reason=reason,
        )
        tx.after_commit.append(deps.wake)
    return mended


@retried
def skip(
    incident_id: str,
    result: Mapping[str, Any],
    reason: str,
    actor: Actor,
    deps: Deps,
    *,
    effect_happened: bool = False,
) -> Incident:
    """Go on with a result of one's own; the reason stays in the history.

    :raises NotFound: no such incident in the caller's area.
    :raises Conflict: it is resolved already, or cannot be skipped.
    """
    with transaction(deps.sessions) as tx, refusals():
        found_incident(tx.session, incident_id, actor, "incident.skip")
        mended = deps.engine.skip_incident(
            tx.session,
            incident_id,
            result=result,
            reason=reason,
            actor=actor.login,
            now=deps.clock(tx.session),
            effect_happened=effect_happened,
        )
        tx.after_commit.append(deps.wake)
    return mended


def found_incident(session: Session, incident_id: str, actor: Actor, action: str) -> Incident:
    """The incident, if it lies in the caller's area. :raises NotFound: it does not, or is not there."""
    found = session.scalars(scoped(select(Incident).where(Incident.id == incident_id), Incident, actor)).first()
    if found is None:
        raise NotFound(f"there is no incident {incident_id}", f"没有异常 {incident_id}")
    may(actor, action, area_path=area_path(session, found.area))
    return found


def context_of(session: Session, event: ProcessEvent, code: str) -> dict[str, Any]:
    """What whoever takes the incident should see at once: cause, place, operation and how often it was tried."""
    incident = session.get(Incident, str(event.detail.get("incident_id")))
    job = session.get(Job, incident.job_id) if incident is not None and incident.job_id else None
    return {
        "code": code,
        "message": event.detail.get("message"),
        "element_id": event.element.id if event.element else "",
        "operation": job.operation if job is not None else None,
        "attempts": job.attempts if job is not None else None,
    }
