"""A circuit breaker: when an outside system is down, stop calling it and say until when."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from adapters.errors import BreakerOpen

BreakerState = Literal["closed", "open", "half-open"]
Change = Literal["closed", "opened"]


@dataclass(frozen=True, kw_only=True)
class BreakerPolicy:
    """When to open. Times in seconds.

    Opens at ``failure_share`` of at least ``min_calls`` calls within ``window_s``, or at ``consecutive`` failures in a
    row, for those who call seldom. After ``open_s`` one probe goes through; each probe that fails makes the next wait
    ``open_factor`` times longer, up to ``longest_open_s``. While a probe is out, others look again every
    ``probe_wait_s``.
    """

    failure_share: float = 0.5
    min_calls: int = 20
    window_s: float = 30.0
    consecutive: int = 5
    open_s: float = 10.0
    open_factor: float = 2.0
    longest_open_s: float = 60.0
    probe_wait_s: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Leave for one call, to be handed back with its outcome; ``turn`` is how often the breaker had opened by then."""

    is_probe: bool
    turn: int


class CircuitBreaker:
    """One per outside system and host; safe to use from several threads.

    :param monotonic: seconds of a clock that never steps back.
    """

    def __init__(self, name: str, monotonic: Callable[[], float], policy: BreakerPolicy | None = None) -> None:
        self.name = name
        self._monotonic = monotonic
        self._policy = policy or BreakerPolicy()
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, bool]] = deque()
        self._in_a_row = 0
        self._open_until: float | None = None
        self._open_s = self._policy.open_s
        self._turn = 0
        self._probing = False

    @property
    def available_at(self) -> float | None:
        """Monotonic second at which the next call may go out; ``None`` = now."""
        with self._lock:
            wait_s = self._wait_s(self._monotonic())
            return self._monotonic() + wait_s if wait_s > 0 else None

    @property
    def state(self) -> BreakerState:
        """``closed``; ``open``; ``half-open``: the next call is, or the one that is out was, the probe."""
        with self._lock:
            if self._open_until is None:
                return "closed"
            return "open" if self._monotonic() < self._open_until else "half-open"

    @property
    def times_opened(self) -> int:
        """How often it has opened; a probe that failed opens it again."""
        with self._lock:
            return self._turn

    def available_in_s(self) -> float:
        """Seconds until the next call may go out; 0 = now."""
        with self._lock:
            return self._wait_s(self._monotonic())

    def enter(self) -> Leave:
        """Ask leave for one call; :meth:`leave` must follow. :raises BreakerOpen: not now."""
        with self._lock:
            wait_s = self._wait_s(self._monotonic())
            if wait_s > 0:
                raise BreakerOpen(f"{self.name}: breaker open", opens_until_s=wait_s)
            self._probing = self._open_until is not None
            return Leave(is_probe=self._probing, turn=self._turn)

    def leave(self, given: Leave, *, succeeded: bool | None) -> Change | None:
        """Record how the call went (``None``: given up without an outcome); returns what this has changed."""
        now = self._monotonic()
        with self._lock:
            if given.is_probe:
                self._probing = False
            if succeeded is None or given.turn != self._turn:
                return None  # a call from before the breaker opened says nothing about how things are now
            if succeeded and given.is_probe:
                self._close()
                return "closed"
            self._calls.append((now, succeeded))
            self._in_a_row = 0 if succeeded else self._in_a_row + 1
            self._forget_before(now - self._policy.window_s)
            if not succeeded and (given.is_probe or self._is_too_bad()):
                self._open(now, again=given.is_probe)
                return "opened"
            return None

    def _wait_s(self, now: float) -> float:
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return self._policy.probe_wait_s if self._probing else 0.0

    def _open(self, now: float, *, again: bool) -> None:
        longer_s = min(self._open_s * self._policy.open_factor, self._policy.longest_open_s)
        self._open_s = longer_s if again else self._policy.open_s
        self._open_until = now + self._open_s
        self._turn += 1

    def _close(self) -> None:
        self._open_until, self._in_a_row = None, 0
        self._calls.clear()

    def _forget_before(self, oldest: float) -> None:
        while self._calls and self._calls[0][0] < oldest:
            self._calls.popleft()

    def _is_too_bad(self) -> bool:
        if self._in_a_row >= self._policy.consecutive:
            return True
        failed = sum(not succeeded for _, succeeded in self._calls)
        enough = len(self._calls) >= self._policy.min_calls
        return enough and failed >= self._policy.failure_share * len(self._calls)
