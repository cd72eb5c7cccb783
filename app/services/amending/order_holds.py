"""Orders that stand still: for the customer (the promise clock stops) or for us (it runs on), and going on again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import ENGINE, Actor, may
from app.domain.amending.holds import HoldKind, checked_until, our_reason, stops_work
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.amending.order_holds import OrderHold
from app.persistence.areas import area_path
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_books import current_book, stop_reasons
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.services.amending.order_change import locked_order
from app.services.ordering.order_state import follow_items, locked, move_through
from app.services.promises import sla_watch
from app.services.repairs.fallout_desk import other_incidents
from app.services.teamwork import work_freeze
from app.unit_of_work import read, retried, transaction
from processes.locking import lock_instance

READY: Final = Words("客户已就绪", "the customer is ready")
OVER: Final = Words("约定的恢复时间已到", "the day to go on has come")
SOLVED: Final = Words("我方原因已解决，继续施工", "our obstacle is out of the way")
WAITS_BY_ITSELF: Final = {
    OrderState.PENDING: Words(
        "订单在等待预约时间或前置订单，届时自动开始",
        "the order waits for its day or for other orders; it begins by itself",
    ),
    OrderState.HELD: Words(
        "订单因异常挂起，异常处理后自动继续", "an incident holds the order; it goes on when that is mended"
    ),
}
NOT_WAITING: Final = Words("订单不在暂停或挂起的状态", "the order is not waiting for anybody")
AT_ONCE: Final = 50


@retried
def pause_order(
    order_id: str, reason_code: str, evidence: str, actor: Actor, deps: Deps, *, until: datetime | None = None
) -> ProductOrder:
    """The customer wants to wait: the order is ``pending`` and its promise clock stands still.

    For some reasons nobody works on it meanwhile (``stops_work``); reservations that would lapse are prolonged.

    :param until: aware instant at which it goes on by itself.
    :raises InvalidInput: a reason that does not stop the clock of an order, no evidence, or an instant in the past.
    :raises IllegalTransition: the order cannot wait in its present state.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, "order.hold")
        now = deps.clock(tx.session)
        stand_still(tx.session, order, reason_code, evidence, actor.login, deps, now, until=until, role=actor.role)
    return order


def stand_still(
    session: Session,
    order: ProductOrder,
    reason_code: str,
    evidence: str,
    who: str,
    deps: Deps,
    now: datetime,
    *,
    until: datetime | None = None,
    role: str | None = None,
) -> None:
    """:func:`pause_order`, in the transaction of the caller; the order is locked.

    :param role: the role of the one who says so; without one nobody has to agree.
    """
    ends = checked_until(until, now)
    sla_watch.pause(session, order, reason_code, evidence, who, now, role=role)
    name = stop_reasons(session)[reason_code]
    for item in order.items:
        if OrderState(item.state) is OrderState.IN_PROGRESS:
            item.move_to(OrderState.PENDING, name, who, now)
    order.move_to(OrderState.PENDING, name, who, now)
    frozen = stops_work(current_book(session, "stop_reasons"), reason_code)
    _hold(session, order, HoldKind.CUSTOMER, reason_code, evidence, ends, name, who, deps, now, freeze=frozen)


@retried
def hold_order(
    order_id: str, reason_code: str, note: str, actor: Actor, deps: Deps, *, until: datetime | None = None
) -> ProductOrder:
    """We cannot go on: the order is ``held``, nobody works on it, and every clock runs.

    :param until: aware instant at which it goes on by itself.
    :raises InvalidInput: the reason is not on the list, or the instant is in the past.
    :raises Conflict: we hold it already.
    :raises IllegalTransition: the order is neither in progress nor held by an incident.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        order = locked_order(session, order_id, actor, "order.hold")
        now = deps.clock(session)
        name = our_reason(current_book(session, "stop_reasons"), reason_code)
        ends = checked_until(until, now)
        if open_holds(session, order.id):
            raise Conflict("the order is held already", "订单已挂起")
        for item in order.items:
            if OrderState(item.state) is OrderState.IN_PROGRESS:
                item.move_to(OrderState.HELD, name, actor.login, now)
        order.move_to(OrderState.HELD, name, actor.login, now)
        _hold(session, order, HoldKind.OURS, reason_code, note, ends, name, actor.login, deps, now, freeze=True)
    return order


def _hold(
    session: Session,
    order: ProductOrder,
    kind: HoldKind,
    reason: str,
    note: str,
    until: datetime | None,
    name: Words,
    who: str,
    deps: Deps,
    now: datetime,
    *,
    freeze: bool,
) -> None:
    row = OrderHold(
        id=deps.new_id(),
        order_id=order.id,
        kind=kind,
        reason=reason,
        note=note.strip()[:500],
        who=who,
        at=now,
        until_at=until,
        frozen=freeze and work_freeze.freeze(session, order, name, who, deps, now),
        area=order.area,
    )
    session.add(row)
    session.flush()


@retried
def resume_order(order_id: str, actor: Actor, deps: Deps) -> ProductOrder:
    """Let an order go on that a person has stopped. The promise moves by the working time its clock stood still.

    :raises Conflict: nobody has stopped it: it waits for its day or for other orders, or an incident holds it.
    """
    with transaction(deps.sessions) as tx:
        order = locked_order(tx.session, order_id, actor, "order.hold")
        go_on(tx.session, order, actor.login, deps, deps.clock(tx.session))
        tx.after_commit.append(deps.wake)
    return order


def go_on(session: Session, order: ProductOrder, who: str, deps: Deps, now: datetime, why: Words | None = None) -> None:
    """:func:`resume_order`, in the transaction of the caller; the order is locked. :raises Conflict: see there."""
    holds = open_holds(session, order.id)
    state = OrderState(order.state)
    if state is OrderState.PENDING and (holds or _was_paused_before_holds(session, order)):
        why = why or READY
        sla_watch.resume(session, order, who, now)
    elif state is OrderState.HELD and holds:
        why = why or SOLVED
    else:
        raise _not_stopped(state)
    for hold in holds:
        hold.end(who, now)
    for item in order.items:
        if OrderState(item.state) is state and not other_incidents(session, item.id):
            item.move_to(OrderState.IN_PROGRESS, why, who, now)
    if not any(OrderState(item.state) is OrderState.HELD for item in order.items):
        move_through(order, OrderState.IN_PROGRESS, why, who, now)
    follow_items(order, why, who, now)
    if any(hold.frozen for hold in holds):
        work_freeze.thaw(session, order, why, who, deps, now)


def _not_stopped(state: OrderState) -> Conflict:
    words = WAITS_BY_ITSELF.get(state, NOT_WAITING)
    return Conflict(words.en, words.zh)


def _was_paused_before_holds(session: Session, order: ProductOrder) -> bool:
    """Paused by a version that wrote no holds: its clocks tell."""
    rows = select(SlaPause.clock_id).join(SlaClock, SlaClock.id == SlaPause.clock_id)
    rows = rows.where(SlaClock.order_id == order.id, SlaPause.to_at.is_(None), SlaPause.reason != "future-dated")
    return session.execute(rows.limit(1)).first() is not None


def open_holds(session: Session, order_id: str) -> list[OrderHold]:
    """The holds of an order that are in force."""
    rows = select(OrderHold).where(OrderHold.order_id == order_id, OrderHold.ended_at.is_(None))
    return list(session.scalars(rows.order_by(OrderHold.at)))


def holds_of(order_id: str, actor: Actor, deps: Deps) -> list[OrderHold]:
    """The holds of an order, newest first. :raises NotFound: no such order in the caller's area."""
    with read(deps.read_sessions) as session:
        order = get_order(session, actor, order_id, parts=())
        may(actor, "order.view", area_path=area_path(session, order.area))
        rows = (
            select(OrderHold).where(OrderHold.order_id == order.id).order_by(OrderHold.at.desc(), OrderHold.id.desc())
        )
        return list(session.scalars(rows))


def end_due(session: Session, deps: Deps, now: datetime, *, limit: int = AT_ONCE) -> int:
    """Let the orders go on whose day has come; returns how many that were."""
    rows = (
        select(OrderHold.order_id, ProductOrder.process_instance_id)
        .join(ProductOrder, ProductOrder.id == OrderHold.order_id)
        .where(text("order_hold.ended_at IS NULL"), OrderHold.until_at <= now)
    )
    due = session.execute(rows.order_by(OrderHold.until_at).limit(limit)).all()
    for row in due:
        lock_instance(session, str(row.process_instance_id))
        order = locked(session, str(row.order_id))
        if OrderState(order.state) in (OrderState.PENDING, OrderState.HELD):
            go_on(session, order, ENGINE, deps, now, why=OVER)
        else:  # being cancelled, or over
            for hold in open_holds(session, order.id):
                hold.end(ENGINE, now)
    return len(due)
