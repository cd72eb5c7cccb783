"""Functions on dates, times and durations."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.members import whole
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.temporal import (
    YearsMonths,
    add_months,
    months_between,
    read_date,
    read_duration,
    read_moment,
    read_time,
)

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _date(run: Run, value: Any, month: Any = None, day: Any = None) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return read_date(value) if len(value) <= 10 else read_moment(value).date()
    if isinstance(value, Decimal) and isinstance(month, Decimal) and isinstance(day, Decimal):
        try:
            return date(whole(value, "year", "年"), whole(month, "month", "月"), whole(day, "day", "日"))
        except ValueError:
            raise FeelError(f"there is no date {value}-{month}-{day}", f"没有 {value}-{month}-{day} 这一天") from None
    raise FeelError(
        "date() takes a text, a date and time, or year, month, day", "date() 的参数是文本、日期时间，或年、月、日"
    )


def _time(run: Run, value: Any, minute: Any = None, second: Any = None, offset: Any = None) -> time | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        return read_time(value)
    if isinstance(value, Decimal) and isinstance(minute, Decimal):
        seconds = second if isinstance(second, Decimal) else Decimal(0)
        zone = timezone(offset) if isinstance(offset, timedelta) and abs(offset) < timedelta(days=1) else None
        try:
            return time(whole(value, "hour", "时"), whole(minute, "minute", "分"), int(seconds), tzinfo=zone)
        except ValueError:
            raise FeelError(f"there is no time {value}:{minute}", f"没有 {value}:{minute} 这个时刻") from None
    raise FeelError(
        "time() takes a text, a date and time, or hour, minute, second", "time() 的参数是文本、日期时间，或时、分、秒"
    )


def _moment(run: Run, value: Any, at: time | None = None) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        return read_moment(value)
    if isinstance(value, date) and isinstance(at, time):
        return datetime.combine(value.date() if isinstance(value, datetime) else value, at)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise FeelError("date and time() takes a text, or a date and a time", "date and time() 的参数是文本，或日期和时间")


def _duration(run: Run, value: Any) -> timedelta | YearsMonths:
    return read_duration(value) if isinstance(value, str) else value


def _months(run: Run, start: date, end: date) -> YearsMonths:
    first = start.date() if isinstance(start, datetime) and not isinstance(end, datetime) else start
    last = end.date() if isinstance(end, datetime) and not isinstance(start, datetime) else end
    try:
        return months_between(first, last)
    except TypeError:
        raise FeelError(
            "one of the times has a zone and the other has none", "两个时间一个带时区、一个不带，不能计算"
        ) from None


def _month_end(run: Run, day: date) -> date:
    return add_months(date(day.year, day.month, 1), 1) - timedelta(days=1)


MOMENTS: Final[tuple[Builtin, ...]] = (
    builtin("date(from:a, month:a?, day:a?)", _date),
    builtin("time(from:a, minute:a?, second:a?, offset:a?)", _time),
    builtin("date and time(from:a, time:t?)", _moment),
    builtin("duration(from:spy)", _duration),
    builtin("years and months duration(from:dm, to:dm)", _months),
    builtin("now()", lambda run: run.now),
    builtin("today()", lambda run: run.now.date()),
    builtin("day of week(date:dm)", lambda run, day: DAYS[day.weekday()]),
    builtin("day of year(date:dm)", lambda run, day: Decimal(day.timetuple().tm_yday)),
    builtin("week of year(date:dm)", lambda run, day: Decimal(day.isocalendar().week)),
    builtin("month of year(date:dm)", lambda run, day: MONTHS[day.month - 1]),
    builtin("last day of month(date:dm)", _month_end),
)
