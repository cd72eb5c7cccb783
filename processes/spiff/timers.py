"""ISO 8601 durations, dates and repeating intervals, read strictly."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal

from processes.errors import ProcessError

TimerKind = Literal["duration", "date", "cycle"]
#: Asked for a time zone when its calendar is needed.
Zone = Callable[[], tzinfo]

LITERAL: Final = re.compile(r"^\s*(R\d*/.+|-?P[\dT].*|\d{4}-?\d\d.*)$", re.ASCII)
_DURATION: Final = re.compile(
    r"^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10}(?:[.,]\d{1,6})?)S)?)?$",
    re.ASCII,
)
_FOREVER: Final = -1


def utc() -> tzinfo:
    """The zone of who says nothing else."""
    return UTC


class TimerError(ProcessError):
    """A timer value that is not an ISO 8601 duration, date or cycle, or is negative, or has no time zone."""

    code = "timer-error"


@dataclass(frozen=True)
class Duration:
    """A calendar-aware span: ``months`` first (the day is kept within the month), then ``rest``.

    ``days`` of the rest are days of the calendar: the clock on the wall shows the same time after them, even if one of
    them has 23 or 25 hours.
    """

    months: int
    rest: timedelta
    days: int = 0

    def after(self, start: datetime, zone: Zone = utc) -> datetime:
        """The instant this span later than ``start`` (aware UTC), by the calendar of ``zone``; aware UTC."""
        try:
            if not (self.months or self.days):
                return start + self.rest
            there = start.astimezone(zone())
            total = there.month - 1 + self.months
            year, month = there.year + total // 12, total % 12 + 1
            day = min(there.day, calendar.monthrange(year, month)[1])
            # Arithmetic within one zone moves the hands of the clock, not the instant.
            moved = there.replace(year=year, month=month, day=day, fold=0) + timedelta(days=self.days)
            return moved.astimezone(UTC) + (self.rest - timedelta(days=self.days))
        except (OverflowError, ValueError, calendar.IllegalMonthError):
            raise TimerError("the timer lies beyond the end of the calendar") from None


@dataclass(frozen=True)
class Cycle:
    """``times`` firings (-1: for ever), ``every`` apart, the first at ``start`` or one span from now."""

    times: int
    start: datetime | None
    every: Duration


def is_literal(text: str) -> bool:
    """Whether a timer value is written out (``PT4H``) rather than computed by an expression."""
    return bool(LITERAL.match(text))


def parse_duration(text: str) -> Duration:
    """Read ``PT4H``, ``P1M``, ``P1DT12H`` ... ; :raises TimerError: if it is anything else, or negative."""
    text = text.strip().upper()
    if text.startswith("-"):
        raise TimerError(f"the duration {text!r} is negative")
    found = _DURATION.match(text)
    if found is None or text in ("P", "PT") or text.endswith("T"):
        raise TimerError(f"{text!r} is not an ISO 8601 duration such as PT4H or P1D")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    seconds = float((found.group(7) or "0").replace(",", "."))
    try:
        rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise TimerError(f"the duration {text!r} is too long") from None
    return Duration(years * 12 + months, rest, weeks * 7 + days)


def parse_date(text: str) -> datetime:
    """Read a date and time with a zone as aware UTC; :raises TimerError: for a naive one."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TimerError(f"{text!r} is not an ISO 8601 date and time") from None
    if moment.tzinfo is None:
        raise TimerError(f"{text!r} has no time zone; write one, such as 2026-11-01T09:00:00+08:00")
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise TimerError(f"{text!r} lies beyond the end of the calendar") from None


def parse_cycle(text: str) -> Cycle:
    """Read ``R3/PT10M`` or ``R/2026-11-01T09:00:00+08:00/PT1H``."""
    parts = text.strip().upper().split("/")
    if not re.fullmatch(r"R\d{0,6}", parts[0], re.ASCII) or len(parts) not in (2, 3):
        raise TimerError(f"{text!r} is not a repeating interval such as R3/PT10M")
    times = int(parts[0][1:]) if parts[0][1:] else _FOREVER
    if times == 0:
        raise TimerError(f"{text!r} repeats zero times")
    every = parse_duration(parts[-1])
    if every.months == 0 and every.rest < timedelta(seconds=1):
        raise TimerError(f"{text!r} repeats faster than once a second")
    return Cycle(times, parse_date(parts[1]) if len(parts) == 3 else None, every)


def check_literal(kind: TimerKind, text: str) -> None:
    """:raises TimerError: if a written-out value does not fit its kind of timer."""
    {"duration": parse_duration, "date": parse_date, "cycle": parse_cycle}[kind](text)


@dataclass(frozen=True)
class Armed:
    """A timer that runs: next firing, how many firings are left (-1: for ever), the value to repeat by."""

    due_at: datetime
    left: int = 1
    every: str = ""


def arm(kind: TimerKind, text: str, *, now: datetime, scale: float, zone: Zone = utc) -> Armed:
    """Start a timer at ``now`` (aware UTC). Waits become ``scale`` times shorter (demo).

    Months and days are those of the calendar of ``zone``.
    """
    if kind == "duration":
        return Armed(shrink(parse_duration(text).after(now, zone), now, scale))
    if kind == "date":
        return Armed(shrink(parse_date(text), now, scale))
    cycle = parse_cycle(text)
    first = cycle.start if cycle.start is not None else cycle.every.after(now, zone)
    return Armed(shrink(first, now, scale), cycle.times, text.strip().upper().split("/")[-1])


def rearm(armed: Armed, *, now: datetime, scale: float, zone: Zone = utc) -> Armed | None:
    """The next firing of a repeating timer, counted from the last due time, so that it does not drift.

    Firings missed while nobody was there to fire them count as done and are left out. None: no firing is left.
    """
    left = armed.left if armed.left == _FOREVER else armed.left - 1
    every, due = parse_duration(armed.every) if armed.every else None, armed.due_at
    while every is not None and left != 0:
        step = shrink(every.after(due, zone), due, scale) - due
        due += step
        if due > now:
            return Armed(due, left, armed.every)
        by_calendar = every.months or every.days  # such steps differ in length
        skipped = max(0, int((now - due) / step) - 1) if step and not by_calendar else 0
        if left != _FOREVER:
            skipped = min(skipped, left - 1)
            left -= 1 + skipped
        due += skipped * step
    return None


def shrink(due: datetime, now: datetime, scale: float) -> datetime:
    """The wait from ``now`` to ``due`` divided by ``scale``; what is due already stays as it is."""
    return now + (due - now) / scale if due > now and scale != 1.0 else due
