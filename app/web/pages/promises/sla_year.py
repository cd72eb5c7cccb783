"""A working calendar drawn as a year, and its special days as a list that says the same."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.domain.promises.calendar import WorkingCalendar
from app.domain.words import Words
from app.services.promises.promise_view import note_of
from app.web.reader import Reader
from app.web.views.blocks import Block, Cell, Column, Grid

MONTHS_ZH: Final = tuple(f"{month}月" for month in range(1, 13))
WEEK: Final = (
    Words("一", "Mo"),
    Words("二", "Tu"),
    Words("三", "We"),
    Words("四", "Th"),
    Words("五", "Fr"),
    Words("六", "Sa"),
    Words("日", "Su"),
)


@dataclass(frozen=True)
class YearDay:
    """One day: ``look`` is ``work``, ``rest``, ``off`` or ``extra``; ``mark`` says it without colour."""

    number: str
    look: str = ""
    mark: str = ""
    title: str = ""
    today: bool = False


@dataclass(frozen=True)
class Month:
    """One month as weeks; days of other months are empty."""

    name: str
    weeks: tuple[tuple[YearDay, ...], ...]


@dataclass(frozen=True)
class Year:
    """A year to be drawn."""

    week: tuple[str, ...]
    months: tuple[Month, ...]


def year_of(one: WorkingCalendar, year: int, reader: Reader, today: date) -> Year:
    names = MONTHS_ZH if reader.language != "en" else tuple(months.month_abbr[1:])
    drawn = months.Calendar()
    return Year(
        tuple(reader.words(day) for day in WEEK),
        tuple(
            Month(
                names[month - 1],
                tuple(
                    tuple(_day(one, day, reader, today) if day.month == month else YearDay("") for day in week)
                    for week in drawn.monthdatescalendar(year, month)
                ),
            )
            for month in range(1, 13)
        ),
    )


def _day(one: WorkingCalendar, day: date, reader: Reader, today: date) -> YearDay:
    works, note = one.is_working_day(day), reader.words(note_of(one, day))
    mark = ""
    if day in one.overrides:
        mark = reader.t("A")
    elif note:
        mark = reader.t("W") if works else reader.t("H")
    look = ("extra" if note else "work") if works else ("off" if note else "rest")
    return YearDay(str(day.day), look, mark, note, day == today)


def special_days(one: WorkingCalendar, year: int, reader: Reader) -> Block:
    t, f = reader.t, reader.f
    day, rows = date(year, 1, 1), []
    while day.year == year:
        note = reader.words(note_of(one, day))
        if note:
            weekday = f.weekday(f.local(reader.now).replace(year=day.year, month=day.month, day=day.day, hour=12))
            works = one.is_working_day(day)
            rows.append(
                (Cell(day.isoformat()), Cell(weekday), Cell(note), Cell(t("is worked") if works else t("is off")))
            )
        day += timedelta(days=1)
    return Block(
        id="special",
        title=t("Special days"),
        grid=Grid(
            caption=t("Special days"),
            icon="cal",
            columns=(Column(t("Day")), Column(t("Weekday")), Column(t("Name")), Column(t("That day"))),
            rows=tuple(rows),
            empty=t("This calendar has no special days that year."),
        ),
    )


def working_days(one: WorkingCalendar, year: int) -> int:
    first = date(year, 1, 1)
    return sum(one.is_working_day(first + timedelta(days=n)) for n in range((date(year + 1, 1, 1) - first).days))
