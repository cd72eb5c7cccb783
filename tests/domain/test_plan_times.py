"""The plan moves along with the steps that begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.ordering.plan_times import moved_plan
from app.domain.promises.calendar import ZONE

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """A step planned for ten minutes, one after the other from nine o'clock."""

    sequence: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    item_id: str | None = "one"
    is_planned: bool = True

    @property
    def id(self) -> str:
        return f"{self.item_id}/{self.sequence}"

    @property
    def planned_from(self) -> datetime | None:
        return NINE + 10 * self.sequence * MINUTE if self.is_planned else None

    @property
    def planned_to(self) -> datetime | None:
        return NINE + 10 * (self.sequence + 1) * MINUTE if self.is_planned else None


def starts(*steps: Step) -> list[int]:
    """Minutes after nine at which each step is planned to begin."""
    spans = moved_plan(steps)
    assert all(spans[step.id][1] - spans[step.id][0] == 10 * MINUTE for step in steps)
    return [int((spans[step.id][0] - NINE) / MINUTE) for step in steps]


def test_a_plan_of_which_nothing_has_begun_stays() -> None:
    assert starts(Step(0), Step(1), Step(2)) == [0, 10, 20]


def test_a_late_step_takes_those_after_it_along() -> None:
    assert starts(Step(0, NINE), Step(1, NINE + 25 * MINUTE), Step(2)) == [0, 25, 35]


def test_an_early_step_too_and_each_start_counts_from_the_one_before() -> None:
    assert starts(Step(0, NINE + 5 * MINUTE), Step(1, NINE + 8 * MINUTE), Step(2)) == [5, 8, 18]


def test_what_began_at_once_or_ended_before_does_not_move() -> None:
    parallel = (Step(0, NINE), Step(1, NINE), Step(2, NINE + MINUTE), Step(3))
    assert starts(*parallel) == [0, 0, 1, 11]
    dropped = Step(2, ended_at=NINE + MINUTE)
    assert starts(Step(0, NINE), Step(1, NINE + 30 * MINUTE), dropped, Step(3)) == [0, 30, 20, 50]


def test_a_step_before_one_that_has_begun_leaves_that_one_where_it_began() -> None:
    assert starts(Step(0, NINE + 3 * MINUTE), Step(1, NINE + MINUTE), Step(2)) == [3, 1, 14]


def test_other_items_and_steps_without_a_plan_are_left_alone() -> None:
    late, unplanned = Step(0, NINE + 60 * MINUTE), Step(5, NINE + 70 * MINUTE, is_planned=False)
    other = Step(1, item_id="two")
    spans = moved_plan([late, unplanned, other])
    assert unplanned.id not in spans
    assert spans[other.id] == (other.planned_from, other.planned_to)
