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
            self.breaker.leave(self.breaker.enter(), succeeded=succeeded)

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
    probe = line.breaker.enter()
    with pytest.raises(BreakerOpen):
        line.breaker.enter()
    line.breaker.leave(probe, succeeded=False)
    assert line.is_open()
    line.now += 20
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


def test_each_probe_that_fails_makes_the_next_wait_longer() -> None:
    line = Line()
    line.call(False, 5)
    waits = []
    for _ in range(5):
        waits.append(line.breaker.available_in_s())
        line.now += waits[-1]
        line.call(False)
    assert waits == [10, 20, 40, 60, 60]
    line.now += 60
    line.call(True)
    line.call(False, 5)
    assert line.breaker.available_in_s() == 10, "an outage of its own begins with the short wait"


def test_calls_while_open_are_fewer_than_one_in_thirty_seconds() -> None:
    line = Line()
    line.call(False, 5)
    sent = 0
    for second in range(300):
        line.now = 1000.0 + second
        if not line.is_open():
            line.call(False)
            sent += 1
    assert 0 < sent <= 300 / 30


def test_a_call_from_before_it_opened_says_nothing_about_now() -> None:
    line = Line()
    slow, slower = line.breaker.enter(), line.breaker.enter()
    line.call(False, 5)
    line.breaker.leave(slow, succeeded=True)
    assert line.is_open(), "a success begun before the outage does not end it"
    line.now += 9
    line.breaker.leave(slower, succeeded=False)
    assert line.breaker.available_in_s() == 1, "a failure begun before does not lengthen the wait"
    line.now += 1
    probe = line.breaker.enter()
    with pytest.raises(BreakerOpen):
        line.breaker.enter()
    line.breaker.leave(probe, succeeded=True)
    assert line.breaker.state == "closed"
