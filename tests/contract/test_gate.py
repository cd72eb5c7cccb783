"""How many calls an outside system gets: the retry budget, the slow start after an outage, both in one gate."""

from __future__ import annotations

from collections import Counter

import pytest

from adapters.breaker import BreakerPolicy
from adapters.errors import BreakerOpen, BudgetSpent, NotSent
from adapters.gate import Gate, GatePolicy
from adapters.retry_budget import BudgetPolicy, RetryBudget
from adapters.slow_start import SlowStart, SlowStartPolicy


class Time:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


def gate(clock: Time, **budget: float) -> Gate:
    return Gate("billing", clock, GatePolicy(budget=BudgetPolicy(**budget)))  # type: ignore[arg-type]


def call(through: Gate, succeeded: bool | None, *, is_retry: bool = False) -> None:
    with through.passing(is_retry=is_retry) as passage:
        passage.succeeded = succeeded


def test_repeats_in_vain_are_a_tenth_of_the_calls_of_a_minute() -> None:
    clock = Time()
    budget = RetryBudget("billing", clock, BudgetPolicy(least=3))
    for _ in range(90):
        budget.enter(is_retry=False)
    for _ in range(9):
        budget.enter(is_retry=True)
    assert budget.left() == 0
    with pytest.raises(BudgetSpent) as refusal:
        budget.enter(is_retry=True)
    assert (refusal.value.wait_s, refusal.value.maybe_done) == (60, False)
    budget.enter(is_retry=False)  # a first call always may
    clock.now += 60
    assert budget.left() == 3, "after a quiet minute the least that is always allowed"


def test_a_repeat_that_succeeds_is_no_burden() -> None:
    clock = Time()
    through = gate(clock, least=2)
    for _ in range(50):
        call(through, True, is_retry=True)
    assert through.retries_left() == 5
    call(through, False, is_retry=True)
    assert through.retries_left() == 4


def test_over_budget_nothing_is_sent_and_no_failure_is_counted() -> None:
    clock = Time()
    through = Gate(
        "billing", clock, GatePolicy(breaker=BreakerPolicy(consecutive=3), budget=BudgetPolicy(share=0.1, least=1))
    )
    call(through, False, is_retry=True)
    for _ in range(10):
        with pytest.raises(BudgetSpent):
            call(through, False, is_retry=True)
    assert through.figures() == {"breaker": 0, "breaker_opened": 0, "retries_left": 0, "draining": 0}
    call(through, True)


def test_a_probe_may_be_a_repeat_whatever_the_budget() -> None:
    clock = Time()
    through = gate(clock, share=0.0, least=0)
    for _ in range(5):
        call(through, False)
    clock.now += 10
    call(through, True, is_retry=True)
    assert through.breaker.state == "closed"


def test_after_an_outage_the_backlog_goes_out_at_no_more_than_twice_the_normal_rate() -> None:
    clock = Time()
    through = gate(clock)
    for _ in range(60):  # a minute at 20 calls a second
        for _ in range(20):
            call(through, True)
        clock.now += 1
    for _ in range(20 * 60):
        if through.available_in_s() > 0:
            break
        call(through, False)
    assert through.breaker.state == "open"
    backlog = 20 * 60
    clock.now += 60
    per_second: Counter[int] = Counter()
    while backlog > 0:
        if through.available_in_s() == 0:
            call(through, True)
            per_second[int(clock.now)] += 1
            backlog -= 1
        else:
            clock.now += 0.05
    seconds = range(min(per_second), max(per_second) + 1)
    over_ten = [sum(per_second[at + more] for more in range(10)) / 10 for at in seconds]
    assert max(over_ten) <= 2 * 20
    assert per_second[seconds[0]] + per_second[seconds[1]] <= 20, "it begins gently"
    assert len(seconds) < 75, "and is through the backlog of a minute in little more"
    for _ in range(20):
        clock.now += 1
        through.available_in_s()
    assert through.figures()["draining"] == 0


def test_a_slow_start_that_knows_no_rate_grows_out_of_it() -> None:
    clock = Time()
    slow = SlowStart(clock)
    slow.begin()
    sent: list[float] = []
    for _ in range(60 * 60 * 20):
        if slow.wait_s() == 0:
            slow.count()
            sent.append(clock.now)
        clock.now += 0.05
    first, last = (sum(at <= 5060 for at in sent), sum(at > clock.now - 60 for at in sent))
    assert first <= 2 * 60
    assert last > 10 * first


def test_an_open_gate_says_until_when() -> None:
    clock = Time()
    through = gate(clock)
    for _ in range(5):
        call(through, False)
    with pytest.raises(BreakerOpen):
        call(through, True)
    assert through.available_in_s() == 10
    assert through.figures()["breaker"] == 2


def test_no_more_calls_at_once_than_it_lets_out() -> None:
    through = Gate("billing", Time(), GatePolicy(most_at_once=2))
    with through.passing(is_retry=False) as first, through.passing(is_retry=False) as second:
        with pytest.raises(NotSent, match="2 calls are out"):
            call(through, True)
        first.succeeded = second.succeeded = True
    call(through, True)
    assert through.breaker.state == "closed"


def test_a_slow_start_lasts_while_nobody_has_time_to_ask() -> None:
    clock = Time()
    slow = SlowStart(clock)
    slow.begin()
    assert slow.wait_s() > 0
    clock.now += 60
    assert slow.is_draining
    assert slow.wait_s() == 0
    assert slow.is_draining, "one who is let through after a long pause does not end it"


def test_a_rate_that_is_set_is_shared_by_all_who_call_and_does_not_grow() -> None:
    clock = Time()
    start = SlowStart(clock, SlowStartPolicy(set_per_s=10.0))
    start.share(2)
    start.begin()
    sent = Counter[int]()
    for tick in range(20 * 60 * 20):  # twenty minutes, always more to send than may go out
        clock.now = 5000.0 + tick / 20
        if start.wait_s() == 0:
            start.count()
            sent[tick // (20 * 60)] += 1
    assert all(295 <= sent[minute] <= 305 for minute in range(20))  # five a second, from beginning to end


def test_calls_that_were_held_back_by_somebody_go_out_steadily() -> None:
    clock = Time()
    through = Gate("billing", clock, GatePolicy(slow_start=SlowStartPolicy(set_per_s=1.0)))
    assert through.available_in_s() == 0
    through.drain()
    assert through.available_in_s() > 0
    clock.now += 1.5
    assert through.available_in_s() == 0
