"""A promise as its time is used: percent, remaining, due; and the levels of the jeopardy ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.calendar import WorkingCalendar
from app.domain.sla_book import Level


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A spell in which a clock stands still; an open one has no end."""

    from_at: datetime
    to_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Running:
    """A clock as it runs: where it started, how much working time it has, and when it stood still."""

    started_at: datetime
    promised: timedelta
    calendar: WorkingCalendar
    pauses: tuple[Pause, ...] = field(default=())

    def paused(self, now: datetime) -> timedelta:
        """Working time that does not count, up to ``now``; pauses that overlap count once."""
        total = timedelta()
        reached = self.started_at
        for pause in sorted(self.pauses, key=lambda pause: pause.from_at):
            begins = max(pause.from_at, reached)
            ends = min(pause.to_at or now, now)
            if ends > begins:
                total += self.calendar.between(begins, ends)
                reached = ends
        return total

    def used(self, now: datetime) -> timedelta:
        """Working time that counted, up to ``now``; never negative."""
        if now <= self.started_at:
            return timedelta()
        return self.calendar.between(self.started_at, now) - self.paused(now)

    def percent(self, now: datetime) -> float:
        """How much of the promised time is used: 100 at the end, more after it."""
        return 100.0 * (self.used(now) / self.promised)

    def remaining(self, now: datetime) -> timedelta:
        """Working time left; negative once the promise is broken."""
        return self.promised - self.used(now)

    def due_at(self, now: datetime) -> datetime:
        """When the promise ends, with the pauses so far; an open pause is counted up to ``now``."""
        return self.reaches(100, now)

    def reaches(self, percent: int, now: datetime) -> datetime:
        """When ``percent`` of the time is used if the clock runs on from ``now``."""
        return self.calendar.add(self.started_at, self.promised * percent / 100 + self.paused(now))


def passed_levels(ladder: Sequence[Level], percent: float) -> list[Level]:
    """The levels of a ladder that are reached at ``percent``, lowest first."""
    # Working time is counted in whole seconds; a level is reached with its second.
    return [level for level in ladder if percent + 1e-6 >= level.percent]


def next_level(ladder: Sequence[Level], percent: float) -> Level | None:
    """The lowest level that is not reached yet."""
    return next((level for level in ladder if percent + 1e-6 < level.percent), None)
