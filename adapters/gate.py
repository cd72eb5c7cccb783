"""The gate to one outside system: breaker, retry budget and slow start together, asked before every call."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.breaker import BreakerPolicy, CircuitBreaker
from adapters.errors import NotSent
from adapters.retry_budget import BudgetPolicy, RetryBudget
from adapters.slow_start import SlowStart, SlowStartPolicy

FULL_WAIT_S: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class GatePolicy:
    """How patient we are with an outside system, and how gentle.

    ``most_at_once``: calls that may be out together; 0 = whoever calls sees to that.
    """

    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    slow_start: SlowStartPolicy = field(default_factory=SlowStartPolicy)
    most_at_once: int = 0


@dataclass
class Passage:
    """A call that was let through; whoever makes it writes down how it went. ``None``: it has no outcome."""

    succeeded: bool | None = None


class Gate:
    """One per outside system and process; safe to use from several threads.

    :param monotonic: seconds of a clock that never steps back.
    """

    def __init__(
        self, name: str, monotonic: Callable[[], float] = time.monotonic, policy: GatePolicy | None = None
    ) -> None:
        chosen = policy or GatePolicy()
        self.name = name
        self._most = chosen.most_at_once
        self._out = 0
        self._lock = threading.Lock()
        self.breaker = CircuitBreaker(name, monotonic, chosen.breaker)
        self.budget = RetryBudget(name, monotonic, chosen.budget)
        self.slow_start = SlowStart(monotonic, chosen.slow_start)

    def available_in_s(self) -> float:
        """Seconds until a call may go out; 0 = now."""
        return self.breaker.available_in_s() or self.slow_start.wait_s()

    def retries_left(self) -> int:
        """How many repeats may go out now."""
        return self.budget.left()

    def figures(self) -> dict[str, int]:
        """How it stands, for those who watch: breaker 0 closed, 1 half open, 2 open."""
        return {
            "breaker": {"closed": 0, "half-open": 1, "open": 2}[self.breaker.state],
            "breaker_opened": self.breaker.times_opened,
            "retries_left": self.budget.left(),
            "draining": int(self.slow_start.is_draining),
        }

    def share(self, sharers: int) -> None:
        """So many processes call this system."""
        self.slow_start.share(sharers)

    def drain(self) -> None:
        """Calls were held back by somebody and may go out again: steadily, as after an outage."""
        self.slow_start.begin()

    @contextmanager
    def passing(self, *, is_retry: bool) -> Iterator[Passage]:
        """Let one call through. :raises NotSent: not now; nothing is sent and nothing is counted as a failure."""
        with self._one_of_few(), self._let_through(is_retry=is_retry) as passage:
            yield passage

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        with self._lock:
            if self._most and self._out >= self._most:
                raise NotSent(f"{self.name}: {self._out} calls are out already", wait_s=FULL_WAIT_S)
            self._out += 1
        try:
            yield
        finally:
            with self._lock:
                self._out -= 1

    @contextmanager
    def _let_through(self, *, is_retry: bool) -> Iterator[Passage]:
        leave = self.breaker.enter()
        passage = Passage()
        try:
            entered_at = self.budget.enter(is_retry=is_retry and not leave.is_probe)
        except NotSent:
            self.breaker.leave(leave, succeeded=None)
            raise
        self.slow_start.count()
        try:
            yield passage
        finally:
            if passage.succeeded:
                self.budget.succeeded(entered_at)
            match self.breaker.leave(leave, succeeded=passage.succeeded):
                case "closed":
                    self.slow_start.begin()
                case "opened":
                    self.slow_start.end()
                case None:
                    pass
