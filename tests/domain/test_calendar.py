"""Working time: holidays, make-up days, adding and measuring."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.promises.calendar import ZONE, Calendars, WorkingCalendar
from tests.domain.demo_data import calendars, data

CODES = ["office_5x8", "office_6x10", "retail_7x12", "field_7x12", "noc_24x7", "calendar_days"]
NEW_YEAR = datetime(2026, 1, 1, tzinfo=ZONE)
instants = st.integers(0, 730 * 86_400).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def office() -> WorkingCalendar:
    return calendars().calendar("office_5x8")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # a Saturday that is worked for Spring Festival
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-21", False),
        ("2027-01-01", False),
        ("2027-02-08", False),  # not published yet: statutory days only
        ("2027-02-09", True),
    ],
)
def test_holidays_and_make_up_days(day: str, works: bool) -> None:
    assert office().is_working_day(date.fromisoformat(day)) is works


def test_these_tests_know_every_calendar_and_every_published_year() -> None:
    rows = data("calendars")
    assert sorted(CODES) == sorted(row["code"] for row in rows["calendars"])
    assert [row["year"] for row in rows["official_years"] if row["status"] == "official"] == [2026]


def test_2026_agrees_with_the_published_calendar_of_the_holidays_package() -> None:
    published = pytest.importorskip("holidays").country_holidays("CN", years=2026)
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        if day in published.weekend_workdays:
            assert office().is_working_day(day), day
        else:
            assert office().is_working_day(day) is (day.weekday() < 5 and day not in published), day


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23T08:30", "2026-11-23T18:00", 8.0),
        ("2026-11-23T11:00", "2026-11-23T14:30", 2.0),  # lunch does not count
        ("2026-11-20T17:00", "2026-11-23T09:30", 2.0),  # neither does the weekend
        ("2026-11-21T09:00", "2026-11-22T20:00", 0.0),
        ("2026-02-14T08:30", "2026-02-24T18:00", 16.0),
    ],
)
def test_office_time_between(start: str, end: str, hours: float) -> None:
    assert office().between(local(start), local(end)) == timedelta(hours=hours)
    assert office().between(local(end), local(start)) == -timedelta(hours=hours)


def test_time_is_measured_the_same_in_utc() -> None:
    start, end = local("2026-11-23T08:30"), local("2026-11-24T10:00")
    assert office().between(start.astimezone(UTC), end.astimezone(UTC)) == office().between(start, end)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        office().between(datetime(2026, 11, 23), local("2026-11-24T10:00"))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T10:00", 1, "2026-11-23T11:00"),
        ("2026-11-23T11:30", 1, "2026-11-23T14:00"),
        ("2026-11-23T10:00", 6.5, "2026-11-23T18:00"),
        ("2026-11-23T17:30", 1, "2026-11-24T09:00"),
        ("2026-11-21T10:00", 1, "2026-11-23T09:30"),
        ("2026-11-21T10:00", 0, "2026-11-21T10:00"),
    ],
)
def test_adding_office_time(start: str, hours: float, end: str) -> None:
    assert office().add(local(start), timedelta(hours=hours)) == local(end)


def test_negative_time_is_not_added() -> None:
    with pytest.raises(ValueError, match="negative"):
        office().add(local("2026-11-23T10:00"), timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("accepted", "days", "due"),
    [
        ("2026-11-24T10:00", 4, "2026-11-30T18:00"),
        ("2026-11-24T17:59", 1, "2026-11-25T18:00"),
        ("2026-11-24T18:00", 1, "2026-11-26T18:00"),
        ("2026-11-21T10:00", 1, "2026-11-24T18:00"),  # a Saturday counts as the Monday
        ("2026-02-14T10:00", 1, "2026-02-24T18:00"),  # the make-up Saturday is a working day
        ("2026-12-30T10:00", 15, "2027-01-21T18:00"),
    ],
)
def test_the_nth_working_day(accepted: str, days: int, due: str) -> None:
    assert calendars().nth_working_day(local(accepted), days) == local(due)


def test_a_year_that_is_not_published_is_provisional_and_never_an_error() -> None:
    known = calendars()
    assert not known.is_provisional(local("2026-12-31T23:59"))
    assert known.is_provisional(local("2026-12-31T23:59"), local("2027-01-04T18:00"))
    assert known.nth_working_day(local("2030-05-01T10:00"), 5) == local("2030-05-08T18:00")


def test_an_exception_of_an_area_counts_there_and_below_only() -> None:
    rows = dict(data("calendars"))
    rows["area_overrides"] = [
        {"area": "SC", "date": "2026-11-20", "working": False},
        {"area": "SC-LS", "date": "2026-11-20", "working": True},
        {"area": "SC", "date": "2026-11-22", "working": True},
        {"area": "SC", "date": "2026-11-23", "working": False, "enabled": False},
    ]
    known = Calendars.from_data(rows)
    friday, sunday, monday = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)
    assert not known.calendar("office_5x8", "CN/SC/SC-CD").is_working_day(friday)
    assert known.calendar("office_5x8", "CN/SC/SC-LS").is_working_day(friday)
    assert known.calendar("office_5x8", "CN/SH").is_working_day(friday)
    assert known.calendar("office_5x8", "CN/SC").hours(sunday) == ((510, 720), (810, 1080))
    assert known.calendar("office_5x8", "CN/SC").is_working_day(monday)
    assert not calendars().calendar("office_5x8", "CN/SC/SC-LS").overrides


def test_the_field_crews_rest_two_days_at_spring_festival() -> None:
    crew = calendars().calendar("field_7x12")
    assert crew.between(local("2026-02-15T20:00"), local("2026-02-18T08:00")) == timedelta()


@given(st.sampled_from(CODES), instants, st.integers(0, 60 * 24 * 30))
@settings(max_examples=120, deadline=None)
def test_what_is_added_is_what_is_measured(code: str, start: datetime, minutes: int) -> None:
    calendar, amount = calendars().calendar(code), timedelta(minutes=minutes)
    end = calendar.add(start, amount)
    assert end >= start
    assert calendar.between(start, end) == amount


@given(st.sampled_from(CODES), instants, instants, instants)
@settings(max_examples=120, deadline=None)
def test_time_between_adds_up(code: str, first: datetime, second: datetime, third: datetime) -> None:
    calendar = calendars().calendar(code)
    whole = calendar.between(first, third)
    assert whole == calendar.between(first, second) + calendar.between(second, third)
    assert abs(whole) <= abs(third - first)


@given(instants, st.integers(1, 40))
@settings(max_examples=120, deadline=None)
def test_the_nth_working_day_ends_a_working_day_after_acceptance(accepted: datetime, days: int) -> None:
    due = calendars().nth_working_day(accepted, days)
    assert due > accepted
    assert office().is_working_day(due.date())
    assert (due.hour, due.minute) == (18, 0)
    assert calendars().nth_working_day(accepted, days + 1) > due
