"""SLA clocks under way: paused for a listed reason, resumed, stopped for good.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.words import Words
from app.errors import InvalidInput
from app.persistence.orders import ProductOrder
from app.persistence.rule_books import calendars as read_calendars
from app.persistence.rule_books import sla_book
from app.persistence.sla_clocks import SlaClock, SlaPause
from app.persistence.tickets import TroubleTicket
from app.services.sla_clock_rows import (
    COUNTING,
    PAUSED,
    STOPPED,
    carry_due,
    clocks_of,
    end_pause,
    path_of,
    running_clock,
)
from app.services.sla_sweep import raise_before_stop


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
    stopped = [clock for clock in clocks_of(session, order, item_id) if clock.state != STOPPED]
    raise_before_stop(session, order, stopped, now)
    # Only a clock that stood still has to be counted again.
    calendars = read_calendars(session) if any(clock.pauses for clock in stopped) else None
    for clock in stopped:
        for open_pause in clock.pauses:
            if open_pause.to_at is None:
                open_pause.to_at, open_pause.ended_by = now, who
        if calendars is not None and clock.pauses:
            running = running_clock(clock, calendars, path_of(session, clock.area))
            clock.due_at, clock.paused_s = running.due_at(now), int(running.paused(now).total_seconds())
        clock.state, clock.stopped_at, clock.next_check_at = STOPPED, now, None
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
