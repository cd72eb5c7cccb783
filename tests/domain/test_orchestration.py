"""When steps are expected, which of them decide the end, and how much room the others have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.ordering.orchestration import Step, StepTime, critical_path, expected_times, median_and_p90

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOW = timedelta()


def step(name: str, minutes: int, *after: str, delay: timedelta = NOW, p90: int = 0, **happened: datetime) -> Step:
    time = StepTime(median=minutes * MINUTE, p90=(p90 or 2 * minutes) * MINUTE)
    return Step(id=name, after=dict.fromkeys(after, delay), time=time, **happened)


DIAMOND = [step("a", 10), step("b", 5, "a"), step("c", 30, "a"), step("d", 10, "b", "c")]


def test_branches_run_side_by_side_and_the_longer_one_decides() -> None:
    found = expected_times(DIAMOND, origin=NINE, now=NINE)
    assert found["d"].begins == NINE + 40 * MINUTE
    assert found["d"].until == NINE + 50 * MINUTE
    assert found["d"].until_p90 == NINE + 100 * MINUTE
    assert [name for name in found if found[name].is_critical] == ["a", "c", "d"]
    assert found["b"].slack == 25 * MINUTE


def test_a_timer_in_between_counts() -> None:
    steps = [step("stop", 5), step("remove", 5, "stop", delay=timedelta(hours=24))]
    found = expected_times(steps, origin=NINE, now=NINE)
    assert found["remove"].begins == NINE + timedelta(hours=24, minutes=5)


def test_a_step_that_slips_moves_what_follows_and_may_become_what_decides() -> None:
    now = NINE + 60 * MINUTE
    slipped = [
        step("a", 10, started_at=NINE, ended_at=NINE + 10 * MINUTE),
        step("b", 5, "a", started_at=NINE + 10 * MINUTE),
        step("c", 30, "a", started_at=NINE + 10 * MINUTE, ended_at=NINE + 20 * MINUTE),
        step("d", 10, "b", "c"),
    ]
    found = expected_times(slipped, origin=NINE, now=now)
    assert found["b"].until == now
    assert (found["d"].begins, found["d"].until) == (now, now + 10 * MINUTE)
    assert critical_path(slipped, found) == ["a", "b", "d"]


def test_nothing_begins_in_the_past() -> None:
    found = expected_times(DIAMOND, origin=NINE, now=NINE + 500 * MINUTE)
    assert found["a"].begins == NINE + 500 * MINUTE


def test_what_is_over_is_as_it_was() -> None:
    over = [step("a", 10, started_at=NINE, ended_at=NINE + MINUTE)]
    found = expected_times(over, origin=NINE, now=NINE + 500 * MINUTE)
    assert found["a"].until == found["a"].until_p90 == NINE + MINUTE


@pytest.mark.parametrize(
    ("minutes", "expected"), [([7], (7, 7)), ([1, 2, 3], (2, 3)), (list(range(1, 11)), (5, 9)), ([9, 1], (1, 9))]
)
def test_the_middle_and_what_nine_of_ten_do_not_exceed(minutes: list[float], expected: tuple[float, float]) -> None:
    assert median_and_p90(minutes) == expected


def test_nothing_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        median_and_p90([])
