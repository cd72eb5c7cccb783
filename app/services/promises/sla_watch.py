"""SLA clocks under way: paused for a listed reason, resumed, stopped for good.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.promises.sla_book import StopReason
from app.domain.words import Words
from app.errors import FieldProblem, Forbidden, InvalidInput
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises import breaches, compensation
from app.services.promises.sla_clock_rows import (
    ASKED,
    COUNTING,
    IN_FORCE,
    PAUSED,
    STOPPED,
    Owner,
    carry_due,
    clocks_of,
    end_pause,
    path_of,
    rules_of,
    running_clock,
)
from app.services.promises.sla_sweep import raise_before_stop
from processes.ids import uuid7

LEAST_EVIDENCE: Final = 4


def pause(
    session: Session,
    order: Owner,
    reason: str,
    evidence: str,
    who: str,
    now: datetime,
    *,
    item_id: str | None = None,
    role: str | None = None,
) -> list[SlaClock]:
    """Stop the clocks of the promise and of its steps for a listed reason, with evidence; the regulator's runs on.

    A clock that stands already keeps its first reason. Where somebody has to agree to the reason, the clocks run on
    until he does; then they have stood since now.

    :param item_id: only the clocks of this item.
    :param role: the role of the one who says so; without one nobody has to agree.
    :raises InvalidInput: the reason is not on the list, not for this kind of thing, or has no evidence.
    :raises Forbidden: the role may not stop a clock for this reason.
    """
    known = RulesByVersion(session, now)
    today = known.now()
    listed = checked_reason(today.book.stop_reasons.get(reason), reason, evidence, order)
    if role is not None and role not in {*listed.set_by, listed.approved_by}:
        allowed = ", ".join(listed.set_by)
        raise Forbidden(
            f"a clock is stopped for {reason} by: {allowed}", f"“{listed.name.zh}”停表只能由以下角色提出：{allowed}"
        )
    asks = role is not None and listed.approved_by is not None
    until = today.calendars.nth_working_day(now, listed.max_working_days, path_of(session, order.area))
    spell = _spell(listed, evidence, who, now, until, asks=asks)
    stopped = []
    for clock in clocks_of(session, order, item_id):
        if clock.kind not in listed.stops or clock.state not in COUNTING or _is_asked(clock):
            continue
        clock.pauses.append(SlaPause(clock_id=clock.id, **spell))
        if not asks:
            clock.state, clock.next_check_at = PAUSED, until
        stopped.append(clock)
    if stopped:
        words = (
            Words(
                f"申请停表，待{listed.approved_by}同意：{listed.name.zh}", f"Asked to stop the clock: {listed.name.en}"
            )
            if asks
            else Words(f"停表：{listed.name.zh}", f"Clock stopped: {listed.name.en}")
        )
        order.record("clock", words, who, now, detail={"reason": reason, "stop_id": spell["stop_id"]})
    return stopped


def checked_reason(listed: StopReason | None, reason: str, evidence: str, order: Owner) -> StopReason:
    """The reason from the closed list. :raises InvalidInput: it is not on it, or nothing proves it."""
    kind = "order" if isinstance(order, ProductOrder) else "ticket"
    if listed is None or kind not in listed.applies_to:
        en, zh = f"{reason} does not stop the clock of this {kind}", f"{reason} 不是可停表的原因"
        raise InvalidInput(en, zh, details=[FieldProblem(path="reason", code="not-a-stop-reason", zh=zh, en=en)])
    if len(evidence.strip()) < LEAST_EVIDENCE:
        en, zh = f"evidence is missing: {listed.evidence}", f"缺少凭证：{listed.name.zh}"
        raise InvalidInput(en, zh, details=[FieldProblem(path="evidence", code="required", zh=zh, en=en)])
    return listed


def _spell(
    listed: StopReason, evidence: str, who: str, now: datetime, until: datetime, *, asks: bool
) -> dict[str, Any]:
    return {
        "reason": listed.code,
        "evidence": evidence.strip()[:500],
        "from_at": now,
        "until_at": until,
        "who": who,
        "stop_id": uuid7(),
        "state": ASKED if asks else IN_FORCE,
        "approver_role": listed.approved_by if asks else None,
    }


def _is_asked(clock: SlaClock) -> bool:
    return any(spell.state == ASKED and spell.to_at is None for spell in clock.pauses)


def resume(session: Session, order: Owner, who: str, now: datetime, *, item_id: str | None = None) -> list[SlaClock]:
    """Let paused clocks run on; the promise moves by the working time they stood still. A stop that nobody has agreed
    to yet ends too."""
    known = RulesByVersion(session, now)
    resumed = []
    for clock in clocks_of(session, order, item_id):
        for spell in clock.pauses:
            if spell.state == ASKED and spell.to_at is None:
                spell.to_at, spell.ended_by = now, who
        if clock.state == PAUSED:
            end_pause(clock, rules_of(clock, known), order, ends_at=now, now=now, who=who)
            resumed.append(clock)
    if resumed:
        carry_due(order, resumed)
        order.record("clock", Words("恢复计时", "The clock runs again"), who, now)
    return resumed


def look_again(session: Session, order: Owner, now: datetime) -> None:
    """Let the next sweep look at the clocks: the plan has changed."""
    for clock in clocks_of(session, order, None):
        if clock.state in COUNTING:
            clock.next_check_at = now


def stop(session: Session, order: Owner, who: str, now: datetime, *, item_id: str | None = None) -> list[SlaClock]:
    """Stop clocks for good: the promise is kept or missed, and that is known now. Steps that go on keep theirs until
    the order ends."""
    clocks = clocks_of(session, order, item_id)
    found = [clock for clock in clocks if clock.state != STOPPED]
    stopped = [clock for clock in found if clock.kind != "internal" or order.is_final]
    raise_before_stop(session, order, stopped, now)
    known = RulesByVersion(session, now)
    for clock in stopped:
        for open_pause in clock.pauses:
            if open_pause.to_at is None:
                open_pause.to_at, open_pause.ended_by = now, who
        # Only a clock that stood still has to be counted again.
        if any(spell.state == IN_FORCE for spell in clock.pauses):
            running = running_clock(clock, rules_of(clock, known))
            clock.due_at, clock.paused_s = running.due_at(now), int(running.paused(now).total_seconds())
        clock.state, clock.stopped_at, clock.next_check_at = STOPPED, now, None
    if any(clock.kind != "internal" for clock in stopped):
        promise = [clock for clock in stopped if clock.kind == "promise"]
        kept = all(now <= clock.due_at for clock in promise)
        words = (
            Words("计时结束，按承诺完成", "Clock stopped in time")
            if kept
            else Words("计时结束，已超时", "Clock stopped late")
        )
        order.record("clock", words, who, now, detail={"kept": kept})
    if compensation.is_late(stopped):
        breaches.settle(session, stopped, now)
    # What is owed is known when nothing of the order is to come; a repair is done when it is done.
    if (order.is_final or isinstance(order, TroubleTicket)) and compensation.is_late(clocks):
        compensation.assess(session, order, clocks, now)
    return stopped
