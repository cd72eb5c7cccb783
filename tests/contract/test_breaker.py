"""The circuit breaker: when it opens, when it lets a probe through."""

from __future__ import annotations

import pytest

from adapters.breaker import BreakerPolicy, CircuitBreaker
from adapters.errors import BreakerOpen


class Line:
    """A breaker on a clock that only moves when told."""

    def __init__(self, **policy: float) -> None:
        self.now = 1000.0
        self.breaker = CircuitBreaker("billing", lambda: self.now, BreakerPolicy(**policy))  # type: ignore[arg-type]

    def call(self, succeeded: bool | None, times: int = 1) -> None:
        for _ in range(times):
            self.breaker.enter()
            self.breaker.leave(succeeded=succeeded)

    def is_open(self) -> bool:
        return self.breaker.available_in_s() > 0


def test_five_failures_in_a_row_open_it() -> None:
    line = Line()
    line.call(False, 4)
    assert not line.is_open()
    line.call(False)
    assert line.is_open()
    assert line.breaker.available_at == 1010.0
    with pytest.raises(BreakerOpen) as refusal:
        line.breaker.enter()
    assert (refusal.value.opens_until_s, refusal.value.maybe_done) == (10.0, False)


def test_a_success_in_between_starts_the_row_again() -> None:
    line = Line()
    for _ in range(9):
        line.call(False, 1)
        line.call(True, 1)
    assert not line.is_open()


def test_half_of_twenty_within_the_window_open_it() -> None:
    line = Line()
    for _ in range(9):
        line.call(True)
        line.call(False)
    line.call(True)
    assert not line.is_open()
    line.call(False)
    assert line.is_open()


def test_old_failures_are_forgotten() -> None:
    line = Line()
    for _ in range(9):
        line.call(True)
        line.call(False)
    line.now += 31
    line.call(True)
    line.call(False)
    assert not line.is_open()


def test_one_probe_goes_through_and_decides() -> None:
    line = Line()
    line.call(False, 5)
    line.now += 10
    line.breaker.enter()
    with pytest.raises(BreakerOpen):
        line.breaker.enter()
    line.breaker.leave(succeeded=False)
    assert line.is_open()
    line.now += 10
    line.call(True)
    assert not line.is_open()
    line.call(False, 4)
    assert not line.is_open()


def test_a_probe_without_an_outcome_leaves_it_half_open() -> None:
    line = Line()
    line.call(False, 5)
    line.now += 10
    line.call(None)
    assert line.breaker.available_at is None
    line.call(True)
    assert not line.is_open()
