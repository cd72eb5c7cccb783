"""A promise as its time is used: percent, remaining, due; and the levels of the jeopardy ladder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.domain.promises.calendar import WorkingCalendar
from app.domain.promises.sla_book import Level


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
        return sum((self.calendar.between(*spell) for spell in self.stood(now)), timedelta())

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

    def passed_at(self, percent: int, now: datetime) -> datetime | None:
        """The very instant at which ``percent`` of the time was used; None when that is yet to come."""
        left, at = self.promised * percent / 100, self.started_at
        for begins, ends in self.stood(now):
            ran = self.calendar.between(at, begins)
            if ran >= left:
                return self.calendar.add(at, left)
            left, at = left - ran, ends
        if at >= now:
            return None
        passed = self.calendar.add(at, left)
        return passed if passed <= now else None

    def stood(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """The spells in which the clock stood still, up to ``now``; those that overlap are one."""
        found: list[tuple[datetime, datetime]] = []
        for pause in sorted(self.pauses, key=lambda pause: pause.from_at):
            begins, ends = max(pause.from_at, self.started_at), min(pause.to_at or now, now)
            if found and begins <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], ends))
            elif ends > begins:
                found.append((begins, ends))
        return found

    def due_at(self, now: datetime) -> datetime:
        """When the promise ends, with the pauses so far; an open pause is counted up to ``now``."""
        return self.reaches(100, now)

    def reaches(self, percent: int, now: datetime) -> datetime:
        """When ``percent`` of the time is used if the clock runs on from ``now``."""
        return self.calendar.add(self.started_at, self.promised * percent / 100 + self.paused(now))


def ladder_of(levels: Sequence[Level], *, early: bool) -> tuple[Level, ...]:
    """The ladder of one clock: a customer who is heard early reaches a level that says so one level earlier."""
    if not early:
        return tuple(levels)
    below = {level.level: level.percent for level in levels}
    return tuple(
        replace(level, percent=below.get(level.level - 1, level.percent))
        if level.early_tiers or level.early_segments
        else level
        for level in levels
    )


def is_early(levels: Sequence[Level], tier: str | None, segment: str | None) -> bool:
    """Whether a customer is heard early by some level of a ladder."""
    return any(tier in level.early_tiers or segment in level.early_segments for level in levels)
