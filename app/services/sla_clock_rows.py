"""Clock rows: how one is made, found, paused and looked at again; the parts that the verbs of sla_watch share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.calendar import Calendars
from app.domain.order_lifecycle import FINAL, OrderState
from app.domain.sla import Promise
from app.domain.sla_book import SlaBook
from app.domain.sla_clock import Pause, Running, next_level
from app.persistence.areas import Area
from app.persistence.orders import ProductOrder
from app.persistence.sla_clocks import SlaClock
from app.persistence.tickets import TroubleTicket

RUNNING: Final = "running"
PAUSED: Final = "paused"
STOPPED: Final = "stopped"
BREACHED: Final = "breached"
COUNTING: Final = (RUNNING, BREACHED)


def running_clock(clock: SlaClock, calendars: Calendars, area_path: str) -> Running:
    """The clock as the rules see it: ask it for percent, remaining time and due time."""
    return Running(
        started_at=clock.started_at,
        promised=timedelta(seconds=clock.promised_s),
        calendar=calendars.calendar(clock.calendar, area_path),
        pauses=tuple(Pause(from_at=spell.from_at, to_at=spell.to_at) for spell in clock.pauses),
    )


def new_clock(promise: Promise, book: SlaBook, calendars: Calendars, *, area: str, area_path: str) -> SlaClock:
    clock = SlaClock(
        policy=promise.policy,
        kind=promise.kind,
        calendar=promise.calendar,
        ladder=promise.ladder,
        promised_s=ceil(promise.working.total_seconds()),
        started_at=promise.started_at,
        first_due_at=promise.due_at,
        due_at=promise.due_at,
        state=RUNNING,
        paused_s=0,
        last_level=0,
        explanation=promise.as_data(),
        area=area,
    )
    running = running_clock(clock, calendars, area_path)
    first = next_level(book.ladders[promise.ladder], 0.0)
    clock.next_check_at = running.reaches(first.percent, promise.started_at) if first else None
    return clock


def show_latest_promise(order: ProductOrder) -> None:
    given = [item.promised_at for item in order.items if item.promised_at is not None]
    if len(given) == len(order.items) and given:
        order.promised_at = max(given)
        order.expected_at = order.expected_at or order.promised_at


def clocks_of(session: Session, owner: ProductOrder | TroubleTicket, item_id: str | None) -> list[SlaClock]:
    column = SlaClock.order_id if isinstance(owner, ProductOrder) else SlaClock.ticket_id
    query = select(SlaClock).where(column == owner.id).order_by(SlaClock.id).with_for_update(of=SlaClock)
    query = query.options(selectinload(SlaClock.pauses))
    if item_id is not None:
        query = query.where(SlaClock.item_id == item_id)
    return list(session.scalars(query))


def end_pause(
    clock: SlaClock,
    book: SlaBook,
    calendars: Calendars,
    area_path: str,
    *,
    ends_at: datetime,
    now: datetime,
    who: str,
) -> None:
    for spell in clock.pauses:
        if spell.to_at is None:
            spell.to_at, spell.ended_by = ends_at, who
    running = running_clock(clock, calendars, area_path)
    clock.paused_s = int(running.paused(now).total_seconds())
    clock.due_at = running.due_at(now)
    clock.state = BREACHED if now > clock.due_at else RUNNING
    set_next_check(clock, running, book, now)


def carry_due(owner: ProductOrder | TroubleTicket, clocks: Iterable[SlaClock]) -> None:
    if isinstance(owner, TroubleTicket):
        return
    due = {clock.item_id: clock.due_at for clock in clocks if clock.kind == "promise"}
    for item in owner.items:
        if item.id in due and OrderState(item.state) not in FINAL:
            item.promised_at = due[item.id]
    show_latest_promise(owner)


def set_next_check(clock: SlaClock, running: Running, book: SlaBook, now: datetime) -> None:
    upcoming = next_level(book.ladders[clock.ladder], running.percent(now))
    clock.next_check_at = running.reaches(upcoming.percent, now) if upcoming else None


def path_of(session: Session, area: str) -> str:
    return session.scalar(select(Area.path).where(Area.code == area)) or ""
