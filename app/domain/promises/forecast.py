"""From when on a plan ends too late for the promise, and by when a part of it has to be done.

Nothing is polled: as long as a step runs within its usual time the end of the plan does not move, and once it takes
longer the end moves with the clock. So the instant at which the promise will be lost, if nothing happens until then,
can be said in advance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

ONE_SECOND: Final = timedelta(seconds=1)

#: When the plan ends, if nothing moves until the instant that is given. Never earlier for a later instant.
Ends = Callable[[datetime], datetime]


def lost_from(ends: Ends, due_at: datetime, now: datetime) -> datetime | None:
    """The first second from ``now`` on at which the plan ends after ``due_at`` if no step has moved until then.

    None where that will not happen before the promise is broken anyway. Instants are aware.
    """
    if now >= due_at:
        return None
    if ends(now) > due_at:
        return now
    if ends(due_at) <= due_at:
        return None
    low, high = now, due_at
    while high - low > ONE_SECOND:
        middle = low + (high - low) / 2
        if ends(middle) > due_at:
            high = middle
        else:
            low = middle
    return high


def share_of(started_at: datetime, due_at: datetime, percent: int) -> datetime:
    """When so much of the time of a promise is over, on the wall: by then what others do for it has to be done."""
    return started_at + (due_at - started_at) * percent / 100
