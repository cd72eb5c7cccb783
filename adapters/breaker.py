"""A circuit breaker: when an outside system is down, stop calling it and say until when."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import BreakerOpen


@dataclass(frozen=True, kw_only=True)
class BreakerPolicy:
    """When to open. Times in seconds.

    Opens at ``failure_share`` of at least ``min_calls`` calls within ``window_s``, or at
    ``consecutive`` failures in a row; lets one probe through after ``open_s``.
    """

    failure_share: float = 0.5
    min_calls: int = 20
    window_s: float = 30.0
    consecutive: int = 5
    open_s: float = 10.0
    probe_wait_s: float = 1.0


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
        self._probing = False

    @property
    def available_at(self) -> float | None:
        """Monotonic second at which the next call may go out; ``None`` = now."""
        with self._lock:
            wait_s = self._wait_s(self._monotonic())
            return self._monotonic() + wait_s if wait_s > 0 else None

    def available_in_s(self) -> float:
        """Seconds until the next call may go out; 0 = now."""
        with self._lock:
            return self._wait_s(self._monotonic())

    def enter(self) -> None:
        """Ask leave for one call; :meth:`leave` must follow. :raises BreakerOpen: not now."""
        with self._lock:
            wait_s = self._wait_s(self._monotonic())
            if wait_s > 0:
                raise BreakerOpen(f"{self.name}: breaker open", opens_until_s=wait_s)
            self._probing = self._open_until is not None

    def leave(self, *, succeeded: bool | None) -> None:
        """Record how the call went. ``None``: it was given up without an outcome."""
        now = self._monotonic()
        with self._lock:
            was_probe, self._probing = self._probing, False
            if succeeded is None:
                return
            if succeeded and was_probe:
                self._close()
            self._calls.append((now, succeeded))
            self._in_a_row = 0 if succeeded else self._in_a_row + 1
            self._forget_before(now - self._policy.window_s)
            if not succeeded and (was_probe or self._is_too_bad()):
                self._open_until = now + self._policy.open_s

    def _wait_s(self, now: float) -> float:
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return self._policy.probe_wait_s if self._probing else 0.0

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
