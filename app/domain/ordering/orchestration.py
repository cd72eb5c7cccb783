"""The plan of an item as a network: what follows what, when each step is expected, and which steps decide the end.

Computed from what has happened whenever somebody asks, so it is never behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

#: Where a duration comes from: finished steps of the kind, the list of kinds, the drawing, or nowhere.
LEARNED: Final = "learned"
TYPICAL: Final = "typical"
DRAWN: Final = "drawn"
ASSUMED: Final = "assumed"
#: The beginning of the plan, where no step comes before.
BEGINNING: Final = ""


@dataclass(frozen=True, kw_only=True)
class StepTime:
    """How long a step takes from ready to done. ``calendar``: of working time; empty is time on the wall."""

    median: timedelta
    p90: timedelta
    calendar: str = ""
    source: str = ASSUMED


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a plan. ``after``: steps before it, with the time that has to pass in between. Instants: aware UTC."""

    id: str
    after: Mapping[str, timedelta]
    time: StepTime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """When a step is expected. ``until_p90``: if it and all before it take as long as nine of ten do. ``slack``: how
    much later it may end without the plan ending later; nothing for the steps that decide the end."""

    begins: datetime
    until: datetime
    until_p90: datetime
    slack: timedelta = field(default_factory=timedelta)
    is_critical: bool = False


#: An instant that much working time later, by the calendar of a step.
Later = Callable[[StepTime, datetime, timedelta], datetime]


def on_the_wall(_: StepTime, start: datetime, amount: timedelta) -> datetime:
    """Time on the wall, whatever the calendar."""
    return start + amount


def ends_at(
    steps: Sequence[Step], *, origin: datetime, now: datetime, later: Later = on_the_wall, p90: bool = False
) -> datetime:
    """When the last step ends as things stand, like :func:`expected_times` and without the rest of what that says."""
    ends: dict[str, datetime] = {}
    for step in steps:
        if step.ended_at is not None:
            ends[step.id] = step.ended_at
            continue
        ready = (ends[other] + delay for other, delay in step.after.items() if other in ends)
        begins = step.started_at or max([now, origin, *ready])
        ends[step.id] = max(now, later(step.time, begins, step.time.p90 if p90 else step.time.median))
    return max(ends.values(), default=now)


def expected_times(
    steps: Sequence[Step], *, origin: datetime, now: datetime, later: Later = on_the_wall
) -> dict[str, Expected]:
    """When each step is expected, by its id. What has begun or ended counts as it was; nothing begins in the past.

    :param steps: each after those it follows; a step before it that is not among them is left out of account.
    :param origin: when the plan began (aware UTC).
    """
    found: dict[str, Expected] = {}
    for step in steps:
        begins = step.started_at or max([now, origin, *_ready(step, found, lambda one: one.until)])
        begins_p90 = step.started_at or max([now, origin, *_ready(step, found, lambda one: one.until_p90)])
        until = step.ended_at or max(now, later(step.time, begins, step.time.median))
        until_p90 = step.ended_at or max(until, later(step.time, begins_p90, step.time.p90))
        found[step.id] = Expected(begins=begins, until=until, until_p90=until_p90)
    return _with_slack(steps, found)


def _ready(step: Step, found: Mapping[str, Expected], ends: Callable[[Expected], datetime]) -> list[datetime]:
    return [ends(found[other]) + delay for other, delay in step.after.items() if other in found]


def _with_slack(steps: Sequence[Step], found: Mapping[str, Expected]) -> dict[str, Expected]:
    if not found:
        return {}
    end = max(one.until for one in found.values())
    slack: dict[str, timedelta] = {}
    for step in reversed(steps):
        rooms = [
            found[other.id].begins - other.after[step.id] - found[step.id].until + slack[other.id]
            for other in steps
            if step.id in other.after and other.id in slack
        ]
        slack[step.id] = max(min(rooms, default=end - found[step.id].until), timedelta())
    path = critical_path(steps, found)
    return {
        step.id: Expected(
            begins=found[step.id].begins,
            until=found[step.id].until,
            until_p90=found[step.id].until_p90,
            slack=timedelta() if step.id in path else slack[step.id],
            is_critical=step.id in path,
        )
        for step in steps
    }


def critical_path(steps: Sequence[Step], found: Mapping[str, Expected]) -> list[str]:
    """The steps that decide when the plan ends, first to last: of those before, always the one that was ready last."""
    by_id = {step.id: step for step in steps}
    path: list[str] = []
    at: str | None = max(found, key=lambda one: found[one].until) if found else None
    while at is not None and at not in path:
        path.append(at)
        before = [(found[other].until + delay, other) for other, delay in by_id[at].after.items() if other in found]
        at = max(before)[1] if before else None
    return path[::-1]


def median_and_p90(minutes: Sequence[float]) -> tuple[float, float]:
    """The middle of some durations, and what nine of ten do not exceed.

    :raises ValueError: there is none.
    """
    if not minutes:
        raise ValueError("nothing to learn from")
    ranked = sorted(minutes)
    return ranked[(len(ranked) - 1) // 2], ranked[min(len(ranked) - 1, -(-9 * len(ranked) // 10) - 1)]
