"""When a plan will be done as things stand, and from when on that is too late for the promise.

Nothing is polled: as long as a step runs within its usual time the end of the plan does not move, and once it takes
longer the end moves with the clock. So the instant at which the promise will be lost, if nothing happens until then,
can be said in advance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.calendar import WorkingCalendar

ONE_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """A step that is not done: how long such steps usually take, by which calendar (None: on the wall)."""

    duration: timedelta
    calendar: WorkingCalendar | None = None
    started_at: datetime | None = None

    def end(self, start: datetime) -> datetime:
        """When it ends if it begins at ``start``."""
        return start + self.duration if self.calendar is None else self.calendar.add(start, self.duration)


def finish(steps: Sequence[Remaining], now: datetime) -> datetime:
    """When the last step is done: those that run side by side, then the others one after another."""
    running = [max(now, step.end(step.started_at)) for step in steps if step.started_at is not None]
    end = max(running, default=now)
    for step in steps:
        if step.started_at is None:
            end = step.end(end)
    return end


def lost_from(steps: Sequence[Remaining], due_at: datetime, now: datetime) -> datetime | None:
    """The first second from ``now`` on at which the plan ends after ``due_at`` if no step has moved until then.

    None where that will not happen before the promise is broken anyway.
    """
    if not steps or now >= due_at:
        return None
    if finish(steps, now) > due_at:
        return now
    if finish(steps, due_at) <= due_at:
        return None
    low, high = now, due_at
    while high - low > ONE_SECOND:
        middle = low + (high - low) / 2
        if finish(steps, middle) > due_at:
            high = middle
        else:
            low = middle
    return high
