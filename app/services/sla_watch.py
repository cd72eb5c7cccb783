"""SLA clocks: start, pause, resume, stop, and the sweep that raises jeopardy before a promise breaks.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ENGINE
from app.domain.calendar import ZONE, Calendars
from app.domain.sla import Case, Promise, conditions_of, promises, repair_promises
from app.domain.sla_book import Level, SlaBook
from app.domain.sla_clock import passed_levels
from app.domain.words import Words
from app.errors import InvalidInput
from app.persistence.areas import Area
from app.persistence.customers import Address, Customer, InstalledProduct
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.rule_books import calendars as read_calendars
from app.persistence.rule_books import sla_book
from app.persistence.sla_clocks import JeopardyAlert, SlaClock, SlaPause
from app.persistence.tickets import TroubleTicket
from app.services.sla_clock_rows import (
    BREACHED,
    COUNTING,
    PAUSED,
    STOPPED,
    carry_due,
    clocks_of,
    end_pause,
    new_clock,
    path_of,
    running_clock,
    set_next_check,
    show_latest_promise,
)

SWEEP_BATCH: Final = 200


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did: alerts raised, and clocks whose pause lasted longer than its reason allows."""

    alerts: tuple[JeopardyAlert, ...]
    pauses_ended: tuple[SlaClock, ...]
    checked: int


def case_of(session: Session, order: ProductOrder, item: ProductOrderItem, *, conditions: Iterable[str] = ()) -> Case:
    """What the promise for an item depends on, read from order, customer, address and installed product.

    :param conditions: what else is known, such as ``build_needed`` from the feasibility check.
    """
    tier = session.scalar(select(Customer.tier).where(Customer.customer_no == order.customer_no))
    area_class = session.scalar(select(Address.area_class).where(Address.code == item.address_code))
    present = session.scalar(
        select(InstalledProduct.characteristics).where(InstalledProduct.product_id == item.product_id)
    )
    areas = {place["area"] for place in item.places if "area" in place}
    found = conditions_of(item.order_type, item.characteristics, present=present, areas=areas)
    return Case(
        product=item.product,
        order_type=item.order_type,
        tier=tier or "standard",
        area_class=area_class or "urban",
        grade=str(item.characteristics.get("service_grade", "normal")),
        conditions=found | frozenset(conditions),
    )


def start_clock(
    session: Session,
    order: ProductOrder,
    now: datetime,
    *,
    conditions: Mapping[str, Iterable[str]] | None = None,
) -> list[SlaClock]:
    """Start the promise clock, and the regulator's where there is one, of every item that has none yet.

    Sets ``promised_at`` of items and order; the order shows the latest. An order for a future date gets no promise
    until that date: call again when it has come.

    :param now: the second of acceptance, aware UTC.
    :param conditions: special conditions by item number, such as ``build_needed``.
    :raises LookupError: there is no policy for an item.
    """
    if order.requested_start_date is not None and order.requested_start_date > now:
        return []
    book, calendars = sla_book(session), read_calendars(session)
    path = path_of(session, order.area)
    started: list[SlaClock] = []
    for item in order.items:
        if item.promised_at is not None:
            continue
        case = case_of(session, order, item, conditions=(conditions or {}).get(item.item_no, ()))
        for promise in promises(book, calendars, case, accepted_at=now, area_path=path):
            clock = new_clock(promise, book, calendars, area=order.area, area_path=path)
            clock.order_id, clock.item_id = order.id, item.id
            started.append(clock)
            session.add(clock)
            if promise.kind == "promise":
                item.sla_policy, item.promised_at = promise.policy, promise.due_at
    show_latest_promise(order)
    if started:
        order.record(
            "clock",
            Words("时限开始计时", "The clocks start"),
            ENGINE,
            now,
            detail={"due_at": order.promised_at.isoformat() if order.promised_at else None},
        )
    return started


def start_ticket_clock(session: Session, ticket: TroubleTicket, now: datetime) -> list[SlaClock]:
    """Start the repair clocks of a trouble ticket; none when it has some.

    :raises LookupError: there is no repair policy.
    """
    if session.scalar(select(SlaClock.id).where(SlaClock.ticket_id == ticket.id).limit(1)) is not None:
        return []
    book, calendars = sla_book(session), read_calendars(session)
    path = path_of(session, ticket.area)
    tier = session.scalar(select(Customer.tier).where(Customer.customer_no == ticket.customer_no))
    area_class = session.scalar(select(Address.area_class).where(Address.code == ticket.address_code))
    installed = session.execute(
        select(InstalledProduct.product, InstalledProduct.characteristics).where(
            InstalledProduct.product_id == ticket.product_id
        )
    ).one_or_none()
    case = Case(
        product=ticket.product or (installed.product if installed else "ftth_broadband"),
        order_type="repair",
        tier=tier or "standard",
        area_class=area_class or "urban",
        grade=str((installed.characteristics if installed else {}).get("service_grade", "normal")),
    )
    clocks = []
    for promise in repair_promises(book, calendars, ticket.ticket_type, case, opened_at=now, area_path=path):
        clock = new_clock(promise, book, calendars, area=ticket.area, area_path=path)
        clock.ticket_id = ticket.id
        session.add(clock)
        clocks.append(clock)
    return clocks


def quote_promise(session: Session, case: Case, *, area: str, at: datetime) -> list[Promise]:
    """The promises an item would get if it were accepted at ``at``; nothing is stored.

    :raises LookupError: there is no policy for it.
    """
    return promises(sla_book(session), read_calendars(session), case, accepted_at=at, area_path=path_of(session, area))


def pause(
    session: Session,
    order: ProductOrder | TroubleTicket,
    reason: str,
    evidence: str,
    who: str,
    now: datetime,
    *,
    item_id: str | None = None,
) -> list[SlaClock]:
    """Stop the promise clocks for a listed reason, with evidence; the regulator's clock runs on.

    A clock that stands already keeps its first reason.

    :param item_id: only the clock of this item.
    :raises InvalidInput: the reason is not on the list, not for this kind of thing, or has no evidence.
    """
    book = sla_book(session)
    listed = book.stop_reasons.get(reason)
    kind = "order" if isinstance(order, ProductOrder) else "ticket"
    if listed is None or kind not in listed.applies_to:
        raise InvalidInput(f"{reason} does not stop the clock of this {kind}", f"{reason} 不是可停表的原因")
    if not evidence.strip():
        raise InvalidInput(f"evidence is missing: {listed.evidence}", f"缺少凭证：{listed.name.zh}")
    calendars = read_calendars(session)
    path = path_of(session, order.area)
    paused = []
    for clock in clocks_of(session, order, item_id):
        if clock.kind != "promise" or clock.state not in COUNTING:
            continue
        until = calendars.nth_working_day(now, listed.max_working_days, path)
        clock.pauses.append(
            SlaPause(
                clock_id=clock.id, reason=reason, evidence=evidence.strip()[:500], from_at=now, until_at=until, who=who
            )
        )
        clock.state, clock.next_check_at = PAUSED, until
        paused.append(clock)
    if paused:
        order.record(
            "clock",
            Words(f"停表：{listed.name.zh}", f"Clock stopped: {listed.name.en}"),
            who,
            now,
            detail={"reason": reason, "evidence": evidence.strip()[:500]},
        )
    return paused


def resume(
    session: Session, order: ProductOrder | TroubleTicket, who: str, now: datetime, *, item_id: str | None = None
) -> list[SlaClock]:
    """Let paused clocks run again; what was promised moves by the working time they stood."""
    book, calendars = sla_book(session), read_calendars(session)
    resumed = []
    for clock in clocks_of(session, order, item_id):
        if clock.state == PAUSED:
            end_pause(clock, book, calendars, path_of(session, clock.area), ends_at=now, now=now, who=who)
            resumed.append(clock)
    if resumed:
        carry_due(order, resumed)
        order.record("clock", Words("恢复计时", "The clock runs again"), who, now)
    return resumed


def stop(
    session: Session, order: ProductOrder | TroubleTicket, who: str, now: datetime, *, item_id: str | None = None
) -> list[SlaClock]:
    """Stop clocks for good: the promise is kept or missed, and that is known now."""
    calendars = read_calendars(session)
    stopped = []
    for clock in clocks_of(session, order, item_id):
        if clock.state == STOPPED:
            continue
        for open_pause in clock.pauses:
            if open_pause.to_at is None:
                open_pause.to_at, open_pause.ended_by = now, who
        running = running_clock(clock, calendars, path_of(session, clock.area))
        if clock.pauses:
            clock.due_at = running.due_at(now)
        clock.paused_s = int(running.paused(now).total_seconds())
        clock.state, clock.stopped_at, clock.next_check_at = STOPPED, now, None
        stopped.append(clock)
    if stopped:
        promise = [clock for clock in stopped if clock.kind == "promise"]
        kept = all(now <= clock.due_at for clock in promise)
        words = (
            Words("计时结束，按承诺完成", "Clock stopped in time")
            if kept
            else Words("计时结束，已超时", "Clock stopped late")
        )
        order.record("clock", words, who, now, detail={"kept": kept})
    return stopped


def sweep(session: Session, now: datetime, *, limit: int = SWEEP_BATCH) -> SweepReport:
    """Look at the clocks that are due for a look: raise every level that was passed, once; set the next look.

    Safe with any number of workers: a clock is locked while it is looked at, others skip it, and each level of a
    clock is unique.
    """
    due = session.scalars(
        select(SlaClock)
        .where(SlaClock.next_check_at <= now, SlaClock.state != STOPPED)
        .order_by(SlaClock.next_check_at)
        .limit(limit)
        .options(selectinload(SlaClock.pauses), selectinload(SlaClock.alerts))
        .with_for_update(skip_locked=True, of=SlaClock)
    ).all()
    if not due:
        return SweepReport((), (), 0)
    book, calendars = sla_book(session), read_calendars(session)
    paths = {row.code: row.path for row in session.execute(select(Area.code, Area.path))}
    alerts: list[JeopardyAlert] = []
    ended: list[SlaClock] = []
    for clock in due:
        owner = _owner(session, clock)
        path = paths.get(clock.area, "")
        if owner is not None and owner.is_final:
            clock.state, clock.stopped_at, clock.next_check_at = STOPPED, now, None
            continue
        if clock.state == PAUSED:
            _end_overlong_pause(clock, owner, book, calendars, path, now)
            ended.append(clock)
        alerts += _raise_levels(clock, owner, book, calendars, path, now)
    return SweepReport(tuple(alerts), tuple(ended), len(due))


def _owner(session: Session, clock: SlaClock) -> ProductOrder | TroubleTicket | None:
    if clock.order_id is not None:
        return session.get(ProductOrder, clock.order_id)
    return session.get(TroubleTicket, clock.ticket_id) if clock.ticket_id is not None else None


def _end_overlong_pause(
    clock: SlaClock,
    owner: ProductOrder | TroubleTicket | None,
    book: SlaBook,
    calendars: Calendars,
    area_path: str,
    now: datetime,
) -> None:
    # The reason allowed so much and no more: the clock runs from then on, not from when we looked.
    allowed_until = clock.next_check_at or now
    end_pause(clock, book, calendars, area_path, ends_at=allowed_until, now=now, who=ENGINE)
    if owner is not None:
        carry_due(owner, [clock])
        words = Words("停表已到最长期限，恢复计时", "The stop has lasted as long as it may; the clock runs again")
        owner.record("clock", words, ENGINE, now, detail={"clock_id": clock.id})


def _raise_levels(
    clock: SlaClock,
    owner: ProductOrder | TroubleTicket | None,
    book: SlaBook,
    calendars: Calendars,
    area_path: str,
    now: datetime,
) -> list[JeopardyAlert]:
    running = running_clock(clock, calendars, area_path)
    percent = running.percent(now)
    raised = {alert.level for alert in clock.alerts}
    new = []
    for level in passed_levels(book.ladders[clock.ladder], percent):
        if level.level in raised:
            continue
        alert = _alert(clock, level, percent, now)
        clock.alerts.append(alert)
        new.append(alert)
        if owner is not None:
            words = Words(alert.message_zh, alert.message_en)
            owner.record("jeopardy", words, ENGINE, now, detail={"level": level.level, "clock": clock.kind})
        clock.last_level = max(clock.last_level, level.percent)
    if percent >= 100:
        clock.state = BREACHED
    set_next_check(clock, running, book, now)
    return new


def _alert(clock: SlaClock, level: Level, percent: float, now: datetime) -> JeopardyAlert:
    due = clock.due_at.astimezone(ZONE).strftime("%m-%d %H:%M")
    which = Words("承诺", "promise") if clock.kind == "promise" else Words("监管", "regulator")
    return JeopardyAlert(
        clock_id=clock.id,
        level=level.level,
        percent=level.percent,
        jeopardy_type=level.jeopardy_type,
        at=now,
        message_zh=f"{level.name.zh}：{which.zh}时限已用 {percent:.0f}%，到期 {due}",
        message_en=f"{level.name.en}: {percent:.0f} % of the {which.en} time is used, due {due}",
        area=clock.area,
    )
