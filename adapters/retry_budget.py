"""How many repeats an outside system is sent: a share of its calls, so that retries cannot multiply an outage."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import BudgetSpent


@dataclass(frozen=True, kw_only=True)
class BudgetPolicy:
    """Of the calls within ``window_s`` seconds at most ``share`` may be repeats in vain, but ``least`` always may.

    In vain is a repeat that has had no success (yet): one that succeeds is given back its place, since it is the
    work that was to be done and not a burden on top of it.
    """

    share: float = 0.1
    least: int = 30
    window_s: float = 60.0


class RetryBudget:
    """One per outside system and process; safe to use from several threads.

    :param monotonic: seconds of a clock that never steps back.
    """

    def __init__(self, name: str, monotonic: Callable[[], float], policy: BudgetPolicy | None = None) -> None:
        self.name = name
        self._monotonic = monotonic
        self._policy = policy or BudgetPolicy()
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()
        self._vain: deque[float] = deque()

    def left(self) -> int:
        """How many repeats may go out now."""
        with self._lock:
            self._forget(self._monotonic())
            return max(0, self._limit() - len(self._vain))

    def enter(self, *, is_retry: bool) -> float | None:
        """Count a call; returns what :meth:`succeeded` wants for a repeat. :raises BudgetSpent: a repeat, not now."""
        now = self._monotonic()
        with self._lock:
            self._forget(now)
            if is_retry and len(self._vain) >= self._limit():
                wait_s = self._vain[0] + self._policy.window_s - now if self._vain else self._policy.window_s
                raise BudgetSpent(f"{self.name}: retry budget spent", wait_s=wait_s)
            self._calls.append(now)
            if is_retry:
                self._vain.append(now)
            return now if is_retry else None

    def succeeded(self, entered_at: float | None) -> None:
        """The call that entered then succeeded: if it was a repeat, it was not in vain."""
        if entered_at is None:
            return
        with self._lock:
            if entered_at in self._vain:
                self._vain.remove(entered_at)

    def _limit(self) -> int:
        return max(self._policy.least, int(self._policy.share * len(self._calls)))

    def _forget(self, now: float) -> None:
        for times in (self._calls, self._vain):
            while times and times[0] <= now - self._policy.window_s:
                times.popleft()
