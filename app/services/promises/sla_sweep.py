"""The sweep over the SLA clocks: raises jeopardy before a promise breaks, ends pauses that lasted too long.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ENGINE
from app.domain.teamwork.work_lifecycle import WORK_ORDER_OPEN
from app.domain.words import Words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_clock_rows import COUNTING, PAUSED, STOPPED, Owner, carry_due, end_pause, rules_of
from app.services.promises.sla_forecast import Forecaster
from app.services.promises.sla_levels import Look
from app.services.promises.sla_steps import SUB_ORDER
from processes.engine import Engine

SWEEP_BATCH: Final = 200


@dataclass(frozen=True)
class SweepReport:
    """What one sweep did: alerts raised, and clocks whose pause lasted longer than its reason allows."""

    alerts: tuple[JeopardyAlert, ...]
    pauses_ended: tuple[SlaClock, ...]
    checked: int


def sweep(session: Session, now: datetime, *, limit: int = SWEEP_BATCH, engine: Engine | None = None) -> SweepReport:
    """Look at the clocks that are due for a look: raise every level that was reached, once; set the next look.

    Safe with any number of workers: a clock is locked while it is looked at, others skip it, and each time a level of
    a clock is reached is unique.
    """
    due = due_clocks(session, now, limit=limit)
    if not due:
        return SweepReport((), (), 0)
    known, forecaster = RulesByVersion(session, now), Forecaster(session, now, engine)
    alerts: list[JeopardyAlert] = []
    ended: list[SlaClock] = []
    for clock in due:
        owner = _owner(session, clock)
        over_at = _over(session, clock, owner, now)
        if owner is None:
            clock.state, clock.stopped_at, clock.next_check_at = STOPPED, now, None
            continue
        if over_at is not None:
            # A stop that was judged after the end of a step makes nothing of it ring any more.
            was_due = clock.next_check_at is not None and clock.next_check_at <= over_at
            if clock.kind == "internal" and clock.state in COUNTING and not owner.is_final and was_due:
                alerts += Look(session, clock, owner, rules_of(clock, known), None, over_at).raise_due()
            clock.state, clock.stopped_at, clock.next_check_at = STOPPED, over_at, None
            continue
        if clock.state == PAUSED and _is_overlong(clock, now):
            _end_overlong_pause(clock, owner, known, now)
            ended.append(clock)
        raised = Look(session, clock, owner, rules_of(clock, known), forecaster, now).raise_due()
        alerts += raised
        if raised and clock.kind == "internal":
            alerts += _carried_up(session, owner, clock, raised, known, now)
    return SweepReport(tuple(alerts), tuple(ended), len(due))


def _carried_up(
    session: Session,
    owner: Owner,
    slipped: SlaClock,
    raised: Sequence[JeopardyAlert],
    known: RulesByVersion,
    now: datetime,
) -> list[JeopardyAlert]:
    """A step slips: its promise is looked at again, and with it when the plan will end. Where the step is a sub-order
    that reached a certain level, its promise reaches the level that goes with it."""
    found = []
    for clock in owner.clocks:
        if clock.item_id == slipped.item_id and clock.kind == "promise" and clock.state in COUNTING:
            rules = rules_of(clock, known)
            book = rules.book.sub_orders
            if slipped.policy.startswith(f"{SUB_ORDER}:") and any(alert.level == book.level for alert in raised):
                found += Look(session, clock, owner, rules, None, now).raise_for_part(book.parent_level, slipped)
            clock.next_check_at = now
    return found


def due_clocks(session: Session, now: datetime, *, limit: int) -> Sequence[SlaClock]:
    """The clocks that are due for a look, locked, with their stops and alarms; those that others look at are left."""
    return session.scalars(
        select(SlaClock)
        .where(SlaClock.next_check_at <= now, SlaClock.state != STOPPED)
        .order_by(SlaClock.next_check_at)
        .limit(limit)
        .options(selectinload(SlaClock.pauses), selectinload(SlaClock.alerts))
        .with_for_update(skip_locked=True, of=SlaClock)
    ).all()


def raise_before_stop(session: Session, owner: Owner, clocks: Iterable[SlaClock], now: datetime) -> list[JeopardyAlert]:
    """Raise what was reached by now: clocks that stop are never swept again, and their plans have nothing to come."""
    late = [clock for clock in clocks if clock.state in COUNTING and clock.next_check_at and clock.next_check_at <= now]
    if not late:
        return []
    known = RulesByVersion(session, now)
    raised = []
    for clock in late:
        over_at = _over(session, clock, None, now) or now
        if clock.next_check_at is None or clock.next_check_at > over_at:
            continue
        raised += Look(session, clock, owner, rules_of(clock, known), None, over_at).raise_due()
    return raised


def _over(session: Session, clock: SlaClock, owner: Owner | None, now: datetime) -> datetime | None:
    """When what a clock counts for has ended; None while it goes on. A step ends before its order does."""
    if clock.work_order_id is not None:
        step = session.execute(
            select(WorkOrder.state, WorkOrder.ended_at).where(WorkOrder.id == clock.work_order_id)
        ).one_or_none()
        if step is None or step.state not in WORK_ORDER_OPEN:
            return min(step.ended_at if step and step.ended_at else now, now)
    return now if owner is not None and owner.is_final else None


def _owner(session: Session, clock: SlaClock) -> Owner | None:
    if clock.order_id is not None:
        return session.get(ProductOrder, clock.order_id)
    return session.get(TroubleTicket, clock.ticket_id) if clock.ticket_id is not None else None


def _is_overlong(clock: SlaClock, now: datetime) -> bool:
    spells = [spell for spell in clock.pauses if spell.to_at is None and spell.until_at is not None]
    return any(spell.until_at <= now for spell in spells if spell.until_at is not None)


def _end_overlong_pause(clock: SlaClock, owner: Owner, known: RulesByVersion, now: datetime) -> None:
    # The reason allowed so much and no more: the clock runs from then on, not from when we looked.
    allowed_until = min(
        (spell.until_at for spell in clock.pauses if spell.to_at is None and spell.until_at is not None), default=now
    )
    end_pause(clock, rules_of(clock, known), owner, ends_at=allowed_until, now=now, who=ENGINE)
    carry_due(owner, [clock])
    words = Words("停表已到最长期限，恢复计时", "The stop has lasted as long as it may; the clock runs again")
    owner.record("clock", words, ENGINE, now, detail={"clock_id": clock.id})
