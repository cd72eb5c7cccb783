"""What was agreed against what was measured, as plain rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.promises.measurements import availability, is_missed, is_slow, spells_of_30_days

START = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = (START, START + timedelta(days=30))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("outages", "stops", "wanted"),
    [
        ([], [], "100.0000"),
        ([(day(1), day(4))], [], "90.0000"),
        ([(day(1), day(3)), (day(2), day(4))], [], "90.0000"),  # side by side counts once
        ([(day(-5), day(3))], [], "90.0000"),  # what lay in the month before counts there
        ([(day(27), day(90))], [], "90.0000"),
        ([(day(1), day(7))], [(day(2), day(5))], "90.0000"),
        ([(day(1), day(4))], [(day(10), day(20))], "90.0000"),  # a stop in which nothing was out
        ([(day(1), day(4)), (day(2), day(4))], [(day(3), day(4)), (day(3), day(4))], "93.3333"),
        ([(day(-9), day(90))], [], "0.0000"),
    ],
)
def test_availability_is_the_share_of_the_month_without_outages(
    outages: list[tuple[datetime, datetime]], stops: list[tuple[datetime, datetime]], wanted: str
) -> None:
    assert availability(MONTH, outages, stops) == Decimal(wanted)


@pytest.mark.parametrize(("arrived", "missed"), [(None, True), (day(1), False), (day(1.01), True), (day(0.5), False)])
def test_a_visit_is_missed_when_nobody_came_in_time(arrived: datetime | None, missed: bool) -> None:
    assert is_missed(day(1), arrived) is missed


@pytest.mark.parametrize(("measured", "slow"), [("270", False), ("269.99", True), ("300", False), ("0", True)])
def test_a_line_is_slow_below_nine_tenths(measured: str, slow: bool) -> None:
    assert is_slow(Decimal(300), Decimal(measured)) is slow


@pytest.mark.parametrize(
    ("tests", "spells"), [([], 0), ([3], 1), ([3, 4, 32], 1), ([3, 33], 2), ([70, 3], 2), ([3, 33, 63], 3)]
)
def test_spells_of_thirty_days_are_counted_from_the_first_slow_test(tests: list[int], spells: int) -> None:
    assert spells_of_30_days([day(number) for number in tests]) == spells
