"""After an outage the work that has waited goes out steadily, not all at once on a system that has just come back."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Shorter ones would take a burst for the normal rate.
BUCKET_S: Final = 30.0
LONGEST_GROWTH_MIN: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class SlowStartPolicy:
    """How fast calls go out while a backlog drains.

    The normal rate is that of the busiest half minute within ``memory_s``. The drain begins at ``first_share`` of its
    limit, reaches it after ``ramp_s``, and the limit is ``over_normal`` times the normal rate, at least
    ``least_per_s``. After ``steady_s`` it doubles every minute, for then the normal rate was one of the night or the
    backlog is long and the system has shown that it is well. All ends when whoever asked for ``quiet_s`` was let
    through at once.

    ``set_per_s``: calls per second of all processes together, set by somebody who knows the system; then the normal
    rate does not matter and nothing grows. 0 = not set.
    """

    over_normal: float = 1.25
    least_per_s: float = 0.5
    first_share: float = 0.25
    ramp_s: float = 30.0
    steady_s: float = 600.0
    quiet_s: float = 10.0
    memory_s: float = 3600.0
    set_per_s: float = 0.0


class SlowStart:
    """Knows the normal rate of calls, and limits the rate while a backlog drains. Safe to use from several threads.

    :param monotonic: seconds of a clock that never steps back.
    """

    def __init__(self, monotonic: Callable[[], float], policy: SlowStartPolicy | None = None) -> None:
        self._monotonic = monotonic
        self._policy = policy or SlowStartPolicy()
        self._lock = threading.Lock()
        self._buckets: deque[tuple[int, int]] = deque()  # number of the half minute, calls
        self._began: float | None = None
        self._limit_per_s = 0.0
        self._sharers = 1
        self._room = 0.0  # calls that may go out at once; below zero: a few went out together
        self._filled_at = 0.0
        self._eased_at: float | None = None  # since when nobody had to wait

    @property
    def is_draining(self) -> bool:
        """The rate is limited now."""
        with self._lock:
            return self._began is not None

    def share(self, sharers: int) -> None:
        """So many processes call the system: of a rate that is set each takes its part."""
        with self._lock:
            self._sharers = max(1, sharers)

    def begin(self) -> None:
        """The outside system has come back."""
        now = self._monotonic()
        with self._lock:
            normal_per_s = max((count for _, count in self._buckets), default=0) / BUCKET_S
            self._limit_per_s = max(self._policy.least_per_s, self._policy.over_normal * normal_per_s)
            self._began = self._filled_at = now
            self._room, self._eased_at = 0.0, None

    def end(self) -> None:
        """It is gone again; nothing is limited, as nothing goes out."""
        with self._lock:
            self._began = None

    def wait_s(self) -> float:
        """Seconds until a call may go out; 0 = now."""
        now = self._monotonic()
        with self._lock:
            self._fill(now)
            if self._began is None:
                return 0.0
            if self._room > 0:
                self._eased_at = now if self._eased_at is None else self._eased_at
                if now - self._eased_at > self._policy.quiet_s:
                    self._began = None
                return 0.0
            self._eased_at = None
            return max(-self._room / self._rate(now, self._began), 0.05)

    def count(self) -> None:
        """A call goes out. It is never refused here: whoever was let through together has to wait together later."""
        now = self._monotonic()
        with self._lock:
            self._fill(now)
            self._room -= 1
            number = int(now / BUCKET_S)
            if self._buckets and self._buckets[-1][0] == number:
                self._buckets[-1] = (number, self._buckets[-1][1] + 1)
            else:
                self._buckets.append((number, 1))
            while self._buckets[0][0] < (now - self._policy.memory_s) / BUCKET_S:
                self._buckets.popleft()

    def _rate(self, now: float, began: float) -> float:
        if self._policy.set_per_s > 0:
            return self._policy.set_per_s / self._sharers
        age_s = now - began
        if age_s < self._policy.ramp_s:
            first = self._policy.first_share
            return self._limit_per_s * (first + (1 - first) * age_s / self._policy.ramp_s)
        minutes = max(0.0, age_s - self._policy.steady_s) / 60
        return self._limit_per_s * math.pow(2.0, min(minutes, LONGEST_GROWTH_MIN))

    def _fill(self, now: float) -> None:
        if self._began is None:
            return
        rate = self._rate(now, self._began)
        self._room = min(self._room + (now - self._filled_at) * rate, max(1.0, rate))
        self._filled_at = now
