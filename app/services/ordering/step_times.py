"""How long steps take: learned from those that are finished, else what is typical of their kind, else as drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.orchestration import ASSUMED, DRAWN, LEARNED, TYPICAL, StepTime, median_and_p90
from app.domain.promises.calendar import ROUND_THE_CLOCK, Calendars
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.people import team_calendars
from app.persistence.products.catalogue import RuleBook
from app.persistence.promises.rule_books import work_order_types
from app.persistence.promises.rule_versions import rules_at
from app.services.promises.step_targets import StepTargets

#: The rule book with what was learned, and how old it may be before it is learned again.
BOOK: Final = "learned_durations"
EVERY: Final = timedelta(minutes=10)
#: So many of the orders that ended last are looked at; fewer samples of a kind say nothing.
ORDERS: Final = 400
FEWEST: Final = 5
USUAL: Final = timedelta(minutes=5)


def learn(session: Session, now: datetime) -> bool:
    """Learn from the orders that ended last, unless that was done a moment ago; returns whether it was done now.

    Durations are working time of the team's calendar where people do the step, time on the wall otherwise.
    """
    book = session.get(RuleBook, BOOK)
    if book is not None and datetime.fromisoformat(book.body["learned_at"]) > now - EVERY:
        return False
    body = {"learned_at": now.isoformat(), "kinds": learned_kinds(session, now)}
    if book is None:
        session.add(RuleBook(code=BOOK, body=body))
    else:
        book.body = body
    return True


def learned_kinds(session: Session, now: datetime) -> dict[str, dict[str, float]]:
    """By kind of work order: how many samples, the median and the ninth decile in minutes."""
    ended = (
        select(ProductOrder.id)
        .where(ProductOrder.completed_at.is_not(None))
        .order_by(ProductOrder.ordered_at.desc(), ProductOrder.id.desc())
        .limit(ORDERS)
    )
    rows = session.execute(
        select(WorkOrder.type, WorkOrder.team_role, WorkOrder.started_at, WorkOrder.ended_at).where(
            WorkOrder.order_id.in_(list(session.scalars(ended))), WorkOrder.state == WorkOrderState.COMPLETED
        )
    )
    measure = Clockwork.of(session, now)
    samples: dict[str, list[float]] = defaultdict(list)
    for kind, team, started, done in rows:
        if started is not None and done is not None and done >= started:
            samples[kind].append(measure.between(measure.calendar_of(team), started, done) / timedelta(minutes=1))
    found = {}
    for kind, minutes in samples.items():
        median, p90 = median_and_p90(minutes)
        found[kind] = {"samples": len(minutes), "median_min": round(median, 3), "p90_min": round(p90, 3)}
    return found


@dataclass(frozen=True)
class Clockwork:
    """Working calendars by team role, in an area."""

    calendars: Calendars
    roles: Mapping[str, str]
    area_path: str = ""

    @classmethod
    def of(cls, session: Session, now: datetime, area_path: str = "") -> Clockwork:
        """Read them, as they count at an instant (aware UTC)."""
        return cls(rules_at(session, now).calendars, team_calendars(session), area_path)

    def within(self, area_path: str) -> Clockwork:
        """The same in another area."""
        return replace(self, area_path=area_path)

    def calendar_of(self, team: str | None) -> str:
        """The calendar a team works by; "" for what no team does."""
        return self.roles.get(team or "", "")

    def between(self, calendar: str, start: datetime, end: datetime) -> timedelta:
        """Working time by a calendar, time on the wall without one."""
        return self.calendars.calendar(calendar, self.area_path).between(start, end) if calendar else end - start

    def later(self, step: StepTime, start: datetime, amount: timedelta) -> datetime:
        """The instant that much working time later."""
        if not step.calendar:
            return start + amount
        return self.calendars.calendar(step.calendar, self.area_path).add(start, amount)


@dataclass(frozen=True)
class StepTimes:
    """Durations by kind of work order, and the times that steps are given."""

    learned: Mapping[str, Mapping[str, Any]]
    typical: Mapping[str, Mapping[str, Any]]
    calendars: Mapping[str, str]
    targets: StepTargets

    @classmethod
    def of(cls, session: Session, now: datetime) -> StepTimes:
        """Read what was learned and what is typical, and by which calendar teams work."""
        book = session.get(RuleBook, BOOK)
        learned = book.body["kinds"] if book is not None else {}
        targets = StepTargets(session, now)
        return cls(learned, work_order_types(session), targets.team_calendars, targets)

    def of_step(self, kind: str, team: str | None, said: Mapping[str, str], *, within: str = "") -> StepTime:
        """How long a step of a kind takes. The time it is given bounds what is typical, not what was learned.

        :param team: whose step it is; what was learned was measured by its calendar.
        :param said: what the drawing says of it.
        :param within: of a called process, the team that does the first step in it that people do.
        """
        learned = self.learned.get(kind)
        if learned is not None and learned["samples"] >= FEWEST:
            return made(learned, self.calendars.get(team or "", ""), LEARNED)
        calendar = self.calendars.get(team or within, "")
        if kind in self.typical:
            row = self.typical[kind]
            role = str(row.get("team_role") or "") if row.get("clock") == "working" else ""
            usual = made(row, calendar or self.calendars.get(role, ""), TYPICAL)
            given = self._given(said, usual.calendar)
            return usual if given is None else bounded(usual, given)
        given = self._given(said, calendar)
        return given or StepTime(median=USUAL, p90=2 * USUAL, calendar=calendar, source=ASSUMED)

    def _given(self, said: Mapping[str, str], teams: str) -> StepTime | None:
        found = self.targets.target(said)
        if found is None:
            return None
        code = found.calendar or teams
        span = found.working(self.targets.calendar(code or ROUND_THE_CLOCK))
        return StepTime(median=span, p90=span, calendar=code, source=DRAWN)


def bounded(usual: StepTime, given: StepTime) -> StepTime:
    """What is usual, but no longer than what is given; counted by another calendar, what is given says it all."""
    if usual.calendar != given.calendar:
        return given
    return replace(usual, median=min(usual.median, given.median), p90=min(usual.p90, given.p90))


def made(row: Mapping[str, Any], calendar: str, source: str) -> StepTime:
    """A duration from a row with minutes."""
    return StepTime(
        median=timedelta(minutes=float(row["median_min"])),
        p90=timedelta(minutes=float(row["p90_min"])),
        calendar=calendar,
        source=source,
    )
