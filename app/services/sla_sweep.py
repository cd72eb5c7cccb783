"""The sweep over the SLA clocks: raises jeopardy before a promise breaks, ends pauses that lasted too long.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ENGINE
from app.domain.calendar import ZONE, Calendars
from app.domain.sla_book import Level, SlaBook
from app.domain.sla_clock import passed_levels
from app.domain.words import Words
from app.persistence.areas import area_paths
from app.persistence.orders import ProductOrder
from app.persistence.rule_books import calendars as read_calendars
from app.persistence.rule_books import sla_book
from app.persistence.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.tickets import TroubleTicket
from app.services.sla_clock_rows import (
    BREACHED,
    COUNTING,
    PAUSED,
    STOPPED,
    carry_due,
    end_pause,
    running_clock,
    set_next_check,
)

SWEEP_BATCH: Final = 200


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did: alerts raised, and clocks whose pause lasted longer than its reason allows."""

    alerts: tuple[JeopardyAlert, ...]
    pauses_ended: tuple[SlaClock, ...]
    checked: int


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
    paths = area_paths(session)
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


def raise_before_stop(
    session: Session, owner: ProductOrder | TroubleTicket, clocks: Iterable[SlaClock], now: datetime
) -> list[JeopardyAlert]:
    """Raise what a sweep would have raised by now: clocks that stop are never swept again."""
    late = [clock for clock in clocks if clock.state in COUNTING and clock.next_check_at and clock.next_check_at <= now]
    if not late:
        return []
    book, calendars, paths = sla_book(session), read_calendars(session), area_paths(session)
    raised = [_raise_levels(clock, owner, book, calendars, paths.get(clock.area, ""), now) for clock in late]
    return [alert for alerts in raised for alert in alerts]


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
