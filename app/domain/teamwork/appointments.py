"""Visits by appointment: which two hours can be chosen, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.domain.promises.calendar import ZONE, WorkingCalendar
from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput

#: The calendar of the crews who come to the house.
FIELD_CALENDAR: Final = "field_7x12"
SLICE: Final = timedelta(hours=2)
#: How many days ahead a visit can be chosen, and how long before it begins.
DAYS_AHEAD: Final = 30
NOTICE: Final = timedelta(hours=4)


@dataclass(frozen=True, order=True)
class Slot:
    """When somebody comes: aware instants."""

    start: datetime
    end: datetime

    @property
    def code(self) -> str:
        """The slot as a form sends it: the start in ISO 8601, Chinese time, to the minute."""
        return self.start.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")

    @property
    def words(self) -> Words:
        """The slot as the history says it."""
        start, end = self.start.astimezone(ZONE), self.end.astimezone(ZONE)
        text = f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}" if start.date() == end.date() else f"{start:%m-%d %H:%M}–{end}"
        return Words(text, text)


def slots_of_day(calendar: WorkingCalendar, day: date) -> Iterator[Slot]:
    """The slots of a day: the hours of the crews in pieces of two."""
    midnight = datetime.combine(day, time(), ZONE)
    for opens, closes in calendar.hours(day):
        start, last = midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
        while start + SLICE <= last:
            yield Slot(start, start + SLICE)
            start += SLICE


def slots(calendar: WorkingCalendar, now: datetime, *, days: int = DAYS_AHEAD) -> Iterator[Slot]:
    """Every slot that can be chosen now, the earliest first."""
    today = now.astimezone(ZONE).date()
    for number in range(days + 1):
        for slot in slots_of_day(calendar, today + timedelta(days=number)):
            if slot.start >= now + NOTICE:
                yield slot


def chosen_slot(code: str, calendar: WorkingCalendar, now: datetime) -> Slot:
    """The slot of that code. :raises InvalidInput: there is none, or it cannot be chosen any more."""
    found = next((slot for slot in slots(calendar, now) if slot.code == code), None)
    if found is None:
        zh, en = "这个时段不能选，请另选一个", "this time cannot be chosen; choose another one"
        problem = FieldProblem(path="slot", code="no-such-slot", zh=zh, en=en)
        raise InvalidInput(f"slot: {en}", zh, details=[problem])
    return found
