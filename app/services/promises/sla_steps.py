"""The clock of a single step: made for a work order that is still open when somebody looks.

It counts the time the drawing gives to the step, else the usual time of its type.

A step that is done before that gets none, so the many short ones cost nothing. The clock stands when that of the
promise does, and with it the plan is looked at again: a step that was not certain to be done takes time after all.
Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session, selectinload

from app.domain.promises.calendar import ROUND_THE_CLOCK, WorkingCalendar
from app.domain.promises.forecast import share_of
from app.domain.promises.step_target import STEP_LADDER, StepTarget
from app.domain.teamwork.work_lifecycle import WORK_ORDER_OPEN
from app.domain.words import Words
from app.persistence.areas import area_paths
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_books import work_order_types
from app.persistence.promises.rule_versions import Rules, RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.services.promises.sla_clock_rows import ASKED, COUNTING, IN_FORCE, PAUSED, RUNNING, running_clock
from app.services.promises.step_targets import StepTargets, said_of_elements

BATCH: Final = 200
#: Nothing is watched more closely than this: systems answer late now and then.
LEAST: Final = timedelta(minutes=5)
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
    #: Until when, where that is a moment of the day and not just so much later.
    due: datetime | None = None


class Given:
    """What is allowed for steps: what their drawing says, else what is written down of their type, else what the plan
    laid out for them."""

    def __init__(self, session: Session, rows: Sequence[WorkOrder], now: datetime) -> None:
        self._types: Mapping[str, Mapping[str, Any]] = work_order_types(session)
        self._targets = StepTargets(session, now)
        self._calendars = self._targets.team_calendars
        self._said = said_of_elements(session, [(row.instance_id, row.element_id) for row in rows])

    def step(self, row: WorkOrder, rules: Rules, area_path: str, started: datetime) -> Allowed:
        """One step that began then. By the hours of its team where people do it, unless it names a calendar."""
        target = self._targets.target(self._said.get((row.instance_id, row.element_id), {}))
        return self._usual(row, rules, area_path) if target is None else self._own(row, target, area_path, started)

    def _own(self, row: WorkOrder, target: StepTarget, area_path: str, started: datetime) -> Allowed:
        known = self._types.get(row.type, {})
        team = row.team_role or (str(known.get("team_role")) if known.get("clock") == "working" else None)
        calendar = self._targets.calendar_of(target, team, area_path)
        due = target.due(calendar, started)
        time, until = calendar.between(started, due), due.strftime("%m-%d %H:%M")
        return Allowed(
            max(time, LEAST),
            calendar,
            target.ladder,
            f"step:{row.type}"[:64],
            Words(
                f"工序“{row.name_zh}”按流程图给定的时限（{calendar.name.zh}）须在 {until} 前完成",
                f"{row.name_en}: the time its drawing gives ({calendar.name.en}) ends {until}",
            ),
            due if time >= LEAST else None,
        )

    def _usual(self, row: WorkOrder, rules: Rules, area_path: str) -> Allowed:
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
    rules, given, paths = RulesByVersion(session, now), Given(session, rows, now), area_paths(session)
    made = []
    for row in rows:
        row.check_at = None
        if row.state in WORK_ORDER_OPEN and row.started_at is not None:
            made.append(_clock(session, row, rules, given, paths.get(row.area, ""), now))
    session.add_all(made)
    return made


def _clock(session: Session, row: WorkOrder, known: RulesByVersion, given: Given, path: str, now: datetime) -> SlaClock:
    rules, promise, started = known.now(), _promise(session, row), row.started_at or now
    if promise is not None and row.type in rules.book.sub_orders.steps:
        step = sub_order(row, promise, rules, path)
    else:
        step = given.step(row, rules, path, started)
    allowed = timedelta(seconds=ceil(step.time.total_seconds()))
    due_at = step.due or step.calendar.add(started, allowed)
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
    if running.stood(now):
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
