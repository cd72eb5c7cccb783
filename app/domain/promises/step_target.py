"""The time a single step is given: written on the step itself, or by a level of the book that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.domain.durations import parse_span
from app.domain.promises.calendar import ROUND_THE_CLOCK, ZONE, WorkingCalendar
from app.domain.words import Words

#: The ladder by which the clock of a single step is watched.
STEP_LADDER: Final = "step"
#: What a level may be counted in: time on the wall, or working time of its calendar.
LEVEL_UNITS: Final = ("hour", "working_hour", "working_day")
#: What a level says that leaves the calendar to the team that does the step.
TEAMS_OWN: Final = "team"


@dataclass(frozen=True, kw_only=True)
class StepTarget:
    """``days`` working days, then ``rest`` of working time. ``calendar``: its code; empty is that of the team."""

    days: int = 0
    rest: timedelta = timedelta()
    calendar: str = ""
    ladder: str = STEP_LADDER

    def due(self, calendar: WorkingCalendar, start: datetime) -> datetime:
        """Until when a step has to be done that begins at ``start`` (aware), by the calendar as it is in its area.

        Working days end when the last of them closes; what begins on a day off or after hours begins on the next
        working day. Days of a calendar that never closes have 24 hours.
        """
        at = start.astimezone(ZONE)
        if self.days:
            at = at + timedelta(days=self.days) if calendar.never_closes else calendar.nth_close(at, self.days)
        return calendar.add(at, self.rest)

    def working(self, calendar: WorkingCalendar) -> timedelta:
        """The same as an amount of working time, a day as long as the longest of the week."""
        return self.days * calendar.longest_day + self.rest


@dataclass(frozen=True, kw_only=True)
class StepLevel:
    """A time that has a name, for every step that is to be done as quickly."""

    code: str
    name: Words
    value: int
    unit: str
    calendar: str
    ladder: str

    @property
    def target(self) -> StepTarget:
        """The time it gives."""
        if self.unit == "working_day":
            return StepTarget(days=self.value, calendar=self.calendar, ladder=self.ladder)
        return StepTarget(rest=timedelta(hours=self.value), calendar=self.calendar, ladder=self.ladder)


def step_level(row: Mapping[str, Any]) -> StepLevel:
    """A level from the mapping of ``sla.yaml``."""
    target, calendar = row["target"], row.get("calendar") or TEAMS_OWN
    on_the_wall = target["unit"] == "hour"
    return StepLevel(
        code=row["code"],
        name=Words(row.get("name_zh") or row["code"], row.get("name_en") or row["code"]),
        value=target["value"],
        unit=target["unit"],
        calendar=ROUND_THE_CLOCK if on_the_wall else "" if calendar == TEAMS_OWN else calendar,
        ladder=row.get("jeopardy_ladder") or STEP_LADDER,
    )


def usual_target(kind: Mapping[str, Any]) -> StepTarget:
    """The usual time of a kind of work order: nine of ten take no longer."""
    calendar = "" if kind.get("clock") == "working" else ROUND_THE_CLOCK
    return StepTarget(rest=timedelta(minutes=kind["p90_min"]), calendar=calendar)


def target_of(said: Mapping[str, str], levels: Mapping[str, StepLevel]) -> StepTarget | None:
    """The time a step is given by what is ``said`` of it (``sla``, or ``duration`` and ``calendar``).

    None where nothing is said, or a level that the book does not have any more: then it has the usual time of its kind.

    :raises ValueError: the duration is not one of days and time.
    """
    if said.get("sla"):
        level = levels.get(said["sla"])
        return level.target if level is not None else None
    if not said.get("duration"):
        return None
    days, rest = parse_span(said["duration"])
    return StepTarget(days=days, rest=rest, calendar=said.get("calendar", ""))
