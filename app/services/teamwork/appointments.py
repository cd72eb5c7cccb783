"""Visits of an order: when somebody comes, and moving that to another time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OrderState
from app.domain.promises.calendar import WorkingCalendar
from app.domain.teamwork.appointments import FIELD_CALENDAR, NOTICE, Slot, chosen_slot, slots
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.teamwork.appointments import MovedVisit, last_move, newest_move
from app.persistence.teamwork.work_items import WorkItem
from app.services.amending.order_change import locked_order
from app.services.amending.order_holds import open_holds, stand_still
from app.services.teamwork.visit_times import FROM, overlay, slot_of
from app.unit_of_work import retried, transaction

BOOKING: Final = "book_appointment"
RESCHEDULED: Final = "customer-reschedule"
CUSTOMER: Final = "customer"
State = Literal["to_book", "booked", "over"]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visit of one item. ``to_book``: nobody has agreed on a time yet, ``task`` is the to-do; ``over``: it was made.

    ``booked`` is the beginning as the plan has it, which a move does not change.
    """

    item_id: str | None
    item_no: str
    state: State
    slot: Slot | None = None
    booked: str = ""
    task: WorkItem | None = None


def visits_of(session: Session, order: ProductOrder) -> list[Visit]:
    """The visits of an order, by item; an item to which nobody comes has none."""
    tasks = session.scalars(
        select(WorkItem).where(WorkItem.order_id == order.id, WorkItem.kind == "task").order_by(WorkItem.id)
    ).all()
    numbers = {item.id: item.item_no for item in order.items}
    found: list[Visit] = []
    for item_id in dict.fromkeys(task.item_id for task in tasks):
        mine = [task for task in tasks if task.item_id == item_id]
        visit = _visit(session, order, item_id, numbers.get(item_id or "", ""), mine)
        if visit is not None:
            found.append(visit)
    return found


def _visit(
    session: Session, order: ProductOrder, item_id: str | None, item_no: str, tasks: Sequence[WorkItem]
) -> Visit | None:
    bookings = [task for task in tasks if task.form_key == BOOKING and task.state != WorkItemState.CANCELLED]
    visits = [task for task in tasks if (task.context or {}).get(FROM) and task.state != WorkItemState.CANCELLED]
    if bookings and WorkItemState(bookings[-1].state) in WORK_ITEM_OPEN:
        return Visit(item_id=item_id, item_no=item_no, state="to_book", task=bookings[-1])
    if visits:
        task = visits[-1]
        context: dict[str, Any] = dict(task.context)
        slot = slot_of(context)
        state: State = "booked" if WorkItemState(task.state) in WORK_ITEM_OPEN else "over"
        booked = _booked(session, order.id, item_id, str(context[FROM]))
        return Visit(item_id=item_id, item_no=item_no, state=state, slot=slot, booked=booked, task=task)
    if bookings:
        result: dict[str, Any] = dict(bookings[-1].result or {})
        booked = str(result.get(FROM) or "")
        moved = newest_move(session, order.id, item_id, booked)
        slot = Slot(moved.from_at, moved.to_at) if moved else slot_of(result)
        return Visit(item_id=item_id, item_no=item_no, state="booked", slot=slot, booked=booked)
    return None


def _booked(session: Session, order_id: str, item_id: str | None, start: str) -> str:
    """The beginning as the plan has it, of a visit that begins then now."""
    moved = last_move(session, order_id, item_id)
    return moved.booked if moved is not None and moved.texts[0] == start else start


def free_slots(session: Session, order: ProductOrder, now: datetime) -> list[Slot]:
    """What can be chosen for a visit of this order now."""
    return list(slots(_calendar(session, order, now), now))


def why_not_movable(order: ProductOrder, visit: Visit | None) -> Words | None:
    """Why a visit cannot be moved now; none where it can."""
    if order.is_final or OrderState(order.state) not in CANCEL_STARTS_FROM:
        return Words("订单已结束或正在撤单", "the order has ended or is being cancelled")
    if visit is None:
        return Words("这张订单不需要上门", "nobody has to come for this order")
    if visit.state == "to_book":
        return Words("还没有约好时间，请先在待办里预约", "no time has been agreed on yet; book it in the to-do first")
    if visit.state == "over":
        return Words("已经上过门了", "the visit has been made")
    return None


@retried
def reschedule(
    order_id: str, item_no: str, slot: str, asked_by: str, note: str, actor: Actor, deps: Deps
) -> ProductOrder:
    """Move a visit. Where the customer asked for a later time the promise clock stands until the visit begins.

    :param slot: code of the new time, see :class:`app.domain.teamwork.appointments.Slot`.
    :param asked_by: ``customer`` or ``us``; for the customer ``note`` says what proves it.
    :raises NotFound: no such order in the caller's area.
    :raises InvalidInput: a time that cannot be chosen, or nothing proves that the customer asked.
    :raises Conflict: there is no visit that could be moved.
    """
    if asked_by == CUSTOMER and not note.strip():
        zh, en = "请填写凭证，如录音编号", "say what proves it, such as the number of the recording"
        raise InvalidInput(en, zh, details=[FieldProblem(path="note", code="required", zh=zh, en=en)])
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, "order.hold")
        move_visit(tx.session, order, item_no, slot, asked_by, note, actor.login, deps, role=actor.role)
        tx.after_commit.append(deps.wake)
    return order


def move_visit(
    session: Session,
    order: ProductOrder,
    item_no: str,
    code: str,
    asked_by: str,
    note: str,
    who: str,
    deps: Deps,
    *,
    role: str | None,
) -> Slot:
    """:func:`reschedule`, in the transaction of the caller; the order is locked. :raises Conflict: see there."""
    now = deps.clock(session)
    visit = next((one for one in visits_of(session, order) if one.item_no == item_no), None)
    why_not = why_not_movable(order, visit)
    if why_not is not None or visit is None:
        words = why_not or Words("没有", "none")
        raise Conflict(words.en, words.zh)
    slot = chosen_slot(code, _calendar(session, order, now), now)
    if asked_by == CUSTOMER and who == CUSTOMER and visit.slot is not None and now < visit.slot.start <= now + NOTICE:
        zh = "离约定时间不到 4 小时，请联系营业厅改约"
        raise Conflict("the visit is less than 4 hours away; please call us to move it", zh)
    if visit.slot == slot:
        return slot
    row = MovedVisit(
        order_id=order.id,
        item_id=visit.item_id,
        booked=visit.booked[:40],
        from_at=slot.start,
        to_at=slot.end,
        asked_by=asked_by,
        who=who,
        note=note.strip()[:500],
        at=now,
        area=order.area,
    )
    session.add(row)
    if visit.task is not None:
        overlay(visit.task, row)
    zh, en = f"上门时间改为 {slot.words.zh}", f"the visit is now on {slot.words.en}"
    order.record("appointment", Words(zh, en), who, now, detail={"asked_by": asked_by, "from": slot.code})
    later = visit.slot is None or slot.start > visit.slot.start
    if asked_by == CUSTOMER and later:
        _stop_clock(session, order, slot, note.strip() or who, who, deps, now, role=role)
    session.flush()
    return slot


def _stop_clock(
    session: Session, order: ProductOrder, slot: Slot, evidence: str, who: str, deps: Deps, now: datetime,
    *, role: str | None,
) -> None:  # fmt: skip
    """The customer wanted it later: until then the promise does not count. What stands still already, stays so."""
    if OrderState(order.state) is OrderState.IN_PROGRESS:
        stand_still(session, order, RESCHEDULED, evidence, who, deps, now, until=slot.start, role=role)
        return
    for hold in open_holds(session, order.id):
        if hold.reason == RESCHEDULED:
            hold.until_at = slot.start


def _calendar(session: Session, order: ProductOrder, now: datetime) -> WorkingCalendar:
    calendars = RulesByVersion(session, now).now().calendars
    if FIELD_CALENDAR not in calendars.by_code:
        raise NotFound("the calendar of the crews is missing", "缺少装维日历")
    return calendars.calendar(FIELD_CALENDAR, area_path(session, order.area) or "")
