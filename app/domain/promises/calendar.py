"""Working time: calendars with Chinese holidays and make-up days, adding and measuring.

Years whose holidays are not published are counted as plain weeks with the statutory days known so far; that is
*provisional* and said so, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.domain.words import Words

ZONE: Final = ZoneInfo("Asia/Shanghai")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: The hour at which a working day ends for promises counted in working days.
END_OF_BUSINESS: Final = time(18, 0)
BUSINESS_CALENDAR: Final = "office_5x8"
#: The calendar whose days have no breaks.
ROUND_THE_CLOCK: Final = "noc_24x7"
#: What a policy says that leaves the calendar to the area.
AREA_DEFAULT: Final = "area_default"
#: Longest way ahead a sum may reach; a calendar that is closed that long has no working time at all.
HORIZON_DAYS: Final = 3660

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Holidays:
    """Days off and make-up working days of a country, and for which years they are official."""

    off: Mapping[date, Words]
    make_up: Mapping[date, Words]
    official_years: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class WorkingCalendar:
    """Hours of a week, with holidays. Spans are minutes of the local day, end excluded; 1440 is midnight.

    ``overrides`` (day -> works or not) are local exceptions and win over everything else.
    """

    code: str
    name: Words
    weekly: tuple[tuple[Span, ...], ...]
    counts_holidays: bool
    make_up_as: int = 0
    closed: frozenset[date] = frozenset()
    holidays: Holidays
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def hours(self, day: date) -> tuple[Span, ...]:
        """The working spans of a local day."""
        if day in self.overrides:
            return (self.weekly[day.weekday()] or self.weekly[self.make_up_as]) if self.overrides[day] else ()
        if day in self.closed:
            return ()
        if self.counts_holidays:
            if day in self.holidays.make_up:
                return self.weekly[self.make_up_as]
            if day in self.holidays.off:
                return ()
        return self.weekly[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours(day))

    @property
    def never_closes(self) -> bool:
        """Whether its days have no end: 24 hours, every day of the week, on holidays too."""
        return not (self.counts_holidays or self.closed) and all(spans == ((0, 1440),) for spans in self.weekly)

    @property
    def longest_day(self) -> timedelta:
        """The working time of the longest day of the week."""
        return timedelta(minutes=max(sum(closes - opens for opens, closes in spans) for spans in self.weekly))

    def nth_close(self, start: datetime, days: int) -> datetime:
        """When the n-th working day after that of ``start`` closes.

        What begins on a day off, or when the day is over, begins on the next working day.
        """
        _need_aware(start)
        local = start.astimezone(ZONE)
        day = local.date()
        if not self.hours(day) or local >= self._closes(day):
            day = _next_working_day(self, day)
        for _ in range(days):
            day = _next_working_day(self, day)
        return self._closes(day)

    def _closes(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZONE) + timedelta(minutes=self.hours(day)[-1][1])

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; negative when the end comes first. Instants must be aware."""
        _need_aware(start, end)
        if end < start:
            return -self.between(end, start)
        total = timedelta()
        for opens, closes in self._spans_from(start.astimezone(ZONE).date(), end.astimezone(ZONE).date()):
            worked = min(closes, end) - max(opens, start)
            if worked > timedelta():
                total += worked
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant by which ``amount`` of working time has passed since ``start``; in the zone of China.

        Nothing to add gives ``start`` itself, even outside working hours.

        :raises ValueError: the amount is negative, or the calendar has no working time for ten years.
        """
        _need_aware(start)
        if amount < timedelta():
            raise ValueError("working time to add is negative")
        left = amount
        if not left:
            return start.astimezone(ZONE)
        first = start.astimezone(ZONE).date()
        for opens, closes in self._spans_from(first, first + timedelta(days=HORIZON_DAYS)):
            begins = max(opens, start.astimezone(ZONE))
            room = closes - begins
            if room <= timedelta():
                continue
            if left <= room:
                return begins + left
            left -= room
        raise ValueError(f"calendar {self.code} has no working time")

    def _spans_from(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        day = first
        while day <= last:
            midnight = datetime.combine(day, time(), ZONE)
            for opens, closes in self.hours(day):
                yield midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
            day += timedelta(days=1)


def _need_aware(*instants: datetime) -> None:
    for instant in instants:
        if instant.tzinfo is None:
            raise ValueError(f"time without a zone: {instant.isoformat()}")


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """Every calendar by code, with the local exceptions of areas."""

    by_code: Mapping[str, WorkingCalendar]
    holidays: Holidays
    area_overrides: Mapping[str, Mapping[date, bool]] = field(default_factory=dict)
    area_calendars: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Calendars:
        """Build from the mapping of ``calendars.yaml``."""
        holidays = _holidays(data)
        overrides: dict[str, dict[date, bool]] = {}
        for row in data.get("area_overrides", ()):
            if row.get("enabled", True):
                overrides.setdefault(row["area"], {})[date.fromisoformat(row["date"])] = row["working"]
        return cls(
            by_code={row["code"]: _calendar(row, holidays) for row in data["calendars"]},
            holidays=holidays,
            area_overrides=overrides,
            area_calendars={row["area"]: row["calendar"] for row in data.get("area_calendars", ())},
        )

    def calendar(self, code: str, area_path: str = "") -> WorkingCalendar:
        """The calendar as it is in an area: exceptions of the areas above count too, the nearest wins.

        :param code: ``area_default`` means the calendar of the nearest area that has one.
        :raises LookupError: there is no such calendar.
        """
        if code == AREA_DEFAULT:
            own = [self.area_calendars[area] for area in area_path.split("/") if area in self.area_calendars]
            code = own[-1] if own else BUSINESS_CALENDAR
        found = self.by_code[code]
        local: dict[date, bool] = {}
        for area in area_path.split("/"):
            local.update(self.area_overrides.get(area, {}))
        return replace(found, overrides=local) if local else found

    def nth_working_day(self, accepted_at: datetime, days: int, area_path: str = "") -> datetime:
        """End of business (18:00) of the n-th working day after the day of acceptance.

        What is accepted on a day off, or from 18:00 on, counts as accepted on the next working day.
        """
        _need_aware(accepted_at)
        office = self.calendar(BUSINESS_CALENDAR, area_path)
        local = accepted_at.astimezone(ZONE)
        day = local.date()
        if local.time() >= END_OF_BUSINESS or not office.is_working_day(day):
            day = _next_working_day(office, day)
        for _ in range(days):
            day = _next_working_day(office, day)
        return datetime.combine(day, END_OF_BUSINESS, ZONE)

    def unpublished(self, today: date, *, from_month: int = 12) -> int | None:
        """The year whose holidays should be official by now and are not; next year's from ``from_month`` on."""
        years = [today.year, *([today.year + 1] if today.month >= from_month else [])]
        return next((year for year in years if year not in self.holidays.official_years), None)

    def is_provisional(self, *instants: datetime) -> bool:
        """Whether any of the instants lies in a year whose holidays are not published yet."""
        return any(instant.astimezone(ZONE).year not in self.holidays.official_years for instant in instants)


def _next_working_day(calendar: WorkingCalendar, day: date) -> date:
    for _ in range(HORIZON_DAYS):
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            return day
    raise ValueError(f"calendar {calendar.code} has no working day")


def _holidays(data: Mapping[str, Any]) -> Holidays:
    off: dict[date, Words] = {}
    make_up: dict[date, Words] = {}
    for key, rows in data.items():
        if key.startswith(("holidays_", "provisional_holidays_")):
            off.update(_named_days(rows))
        elif key.startswith("makeup_working_days_"):
            make_up.update(_named_days(rows))
    official = (row["year"] for row in data.get("official_years", ()) if row["status"] == "official")
    return Holidays(off=off, make_up=make_up, official_years=frozenset(official))


def _named_days(rows: Iterable[Mapping[str, str]]) -> dict[date, Words]:
    return {date.fromisoformat(row["date"]): Words(row.get("name_zh", row["name_en"]), row["name_en"]) for row in rows}


def _calendar(row: Mapping[str, Any], holidays: Holidays) -> WorkingCalendar:
    weekly = tuple(
        tuple((_minutes(opens), _minutes(closes)) for opens, closes in row["weekly"].get(day, ())) for day in WEEKDAYS
    )
    return WorkingCalendar(
        code=row["code"],
        name=Words(row["name_zh"], row["name_en"]),
        weekly=weekly,
        counts_holidays=row["counts_holidays"],
        make_up_as=WEEKDAYS.index(row.get("makeup_days_as", "mon")),
        closed=frozenset(date.fromisoformat(day) for day in row.get("closed_dates", ())),
        holidays=holidays,
    )


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
