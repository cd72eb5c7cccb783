"""The clock of a single step: made for a work order that is still open when somebody looks, by the time of its type.

A step that is done before that gets none, so the many short ones cost nothing. The clock stands when that of the
promise does, and with it the plan is looked at again: a step that was not certain to be done takes time after all.
Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session, selectinload

from app.domain.promises.calendar import WorkingCalendar
from app.domain.promises.forecast import share_of
from app.domain.promises.sla_book import STEP_LADDER
from app.domain.teamwork.work_lifecycle import WORK_ORDER_OPEN
from app.domain.words import Words
from app.persistence.areas import area_paths
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_books import work_order_types
from app.persistence.promises.rule_versions import Rules, RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.services.ordering.step_times import team_calendars
from app.services.promises.sla_clock_rows import ASKED, COUNTING, IN_FORCE, PAUSED, RUNNING, running_clock

BATCH: Final = 200
#: Nothing is watched more closely than this: systems answer late now and then.
LEAST: Final = timedelta(minutes=5)
#: The calendar whose days have no breaks.
ROUND_THE_CLOCK: Final = "noc_24x7"
#: How the policy of a step begins that is an order in another area.
SUB_ORDER: Final = "suborder"


@dataclass(frozen=True)
class Allowed:
    """How long a step may take, by which calendar, watched by which ladder, and why."""

    time: timedelta
    calendar: WorkingCalendar
    ladder: str
    policy: str
    reason: Words


class Usual:
    """What is allowed for steps: what is written down of their type, else what the plan laid out for them."""

    def __init__(self, session: Session) -> None:
        self._types: Mapping[str, Mapping[str, Any]] = work_order_types(session)
        self._calendars = team_calendars(session)

    def step(self, row: WorkOrder, rules: Rules, area_path: str) -> Allowed:
        """One step: nine of ten of its type take no longer. By the hours of its team where people do it."""
        known = self._types.get(row.type)
        code = None
        if known is None:
            time = row.planned_to - row.planned_from if row.planned_from and row.planned_to else LEAST
        else:
            time = timedelta(minutes=known["p90_min"])
            role = row.team_role or str(known.get("team_role"))
            code = self._calendars.get(role) if known["clock"] == "working" else None
        time = max(time, LEAST)
        minutes = int(time.total_seconds() // 60)
        return Allowed(
            time,
            rules.calendars.calendar(code or ROUND_THE_CLOCK, area_path),
            STEP_LADDER,
            f"step:{row.type}"[:64],
            Words(f"工序“{row.name_zh}”一般在 {minutes} 分钟内完成", f"{row.name_en}: usually within {minutes} min"),
        )


def sub_order(row: WorkOrder, promise: SlaClock, rules: Rules, area_path: str) -> Allowed:
    """What another area does by an order of its own: it has its share of the promise that it is part of."""
    book, started = rules.book.sub_orders, row.started_at or promise.started_at
    due = share_of(promise.started_at, promise.due_at, book.percent)
    return Allowed(
        max(due - started, LEAST),
        rules.calendars.calendar(ROUND_THE_CLOCK, area_path),
        book.ladder,
        f"{SUB_ORDER}:{row.type}"[:64],
        Words(
            f"子订单“{row.name_zh}”须在上级时限的 {book.percent}% 内完成",
            f"{row.name_en}, a sub-order: done within {book.percent} % of the promise it is part of",
        ),
    )


def start_steps(session: Session, now: datetime, *, limit: int = BATCH) -> list[SlaClock]:
    """Make the clocks of the steps that began since the last look and are still going on."""
    rows = session.scalars(
        select(WorkOrder)
        .where(text("check_at IS NOT NULL"), WorkOrder.check_at <= now)
        .order_by(WorkOrder.check_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WorkOrder)
    ).all()
    if not rows:
        return []
    rules, usual, paths = RulesByVersion(session, now), Usual(session), area_paths(session)
    made = []
    for row in rows:
        row.check_at = None
        if row.state in WORK_ORDER_OPEN and row.started_at is not None:
            made.append(_clock(session, row, rules, usual, paths.get(row.area, ""), now))
    session.add_all(made)
    return made


def _clock(session: Session, row: WorkOrder, known: RulesByVersion, usual: Usual, path: str, now: datetime) -> SlaClock:
    rules, promise, started = known.now(), _promise(session, row), row.started_at or now
    if promise is not None and row.type in rules.book.sub_orders.steps:
        step = sub_order(row, promise, rules, path)
    else:
        step = usual.step(row, rules, path)
    allowed = timedelta(seconds=ceil(step.time.total_seconds()))
    due_at = step.calendar.add(started, allowed)
    clock = SlaClock(
        order_id=row.order_id,
        item_id=row.item_id,
        work_order_id=row.id,
        policy=step.policy,
        kind="internal",
        calendar=step.calendar.code,
        ladder=step.ladder,
        promised_s=int(allowed.total_seconds()),
        started_at=started,
        first_due_at=due_at,
        due_at=due_at,
        state=RUNNING,
        explanation={"area_path": path, "reasons": [{"zh": step.reason.zh, "en": step.reason.en}]},
        sla_version=rules.sla_version,
        calendar_version=rules.calendar_version,
        area=row.area,
    )
    if promise is not None and promise.state in COUNTING:
        promise.next_check_at = now
    clock.pauses = [_same(spell, started) for spell in _stops(promise, started)]
    standing = [spell for spell in clock.pauses if spell.to_at is None and spell.state == IN_FORCE]
    running = running_clock(clock, rules)
    clock.due_at = running.due_at(now)
    clock.state = PAUSED if standing else RUNNING
    first = next(iter(rules.book.ladders.get(step.ladder, ())), None)
    until = [spell.until_at for spell in standing if spell.until_at]
    look = running.reaches(first.percent, now) if first else None
    clock.next_check_at = min(until, default=None) if standing else look
    return clock


def _promise(session: Session, row: WorkOrder) -> SlaClock | None:
    return session.scalars(
        select(SlaClock)
        .where(SlaClock.item_id == row.item_id, SlaClock.kind == "promise")
        .options(selectinload(SlaClock.pauses))
        .limit(1)
    ).one_or_none()


def _stops(promise: SlaClock | None, started: datetime) -> list[SlaPause]:
    """The stops of the item's promise that the step has lain in."""
    spells = promise.pauses if promise else []
    counts = [spell for spell in spells if spell.state in (IN_FORCE, ASKED)]
    return [spell for spell in counts if spell.to_at is None or spell.to_at > started]


def _same(spell: SlaPause, started: datetime) -> SlaPause:
    return SlaPause(
        reason=spell.reason,
        evidence=spell.evidence,
        from_at=max(spell.from_at, started),
        to_at=spell.to_at,
        until_at=spell.until_at,
        who=spell.who,
        ended_by=spell.ended_by,
        stop_id=spell.stop_id,
        state=spell.state,
        approver_role=spell.approver_role,
    )
