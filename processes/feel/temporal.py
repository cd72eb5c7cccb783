"""Dates, times and durations: reading them, writing them, reckoning with them.

Days-and-time durations are :class:`~datetime.timedelta`; years-and-months durations are :class:`YearsMonths`, because
a month has no fixed length. A month later than 31 January is the last day of February.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from processes.feel.errors import FeelError

_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w+/-]{0,40})?", re.ASCII
)
_DURATION: Final = re.compile(
    r"(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,8})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class YearsMonths:
    """A duration of years and months, in months; may be negative."""

    months: int


def _unreadable(text: str, en: str, zh: str) -> FeelError:
    return FeelError(f"{text[:60]!r} is no {en}", f"{text[:60]!r} 不是{zh}")


@lru_cache(maxsize=1024)
def read_date(text: str) -> date:
    """``2026-11-22``. :raises FeelError: it is none."""
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise _unreadable(text, "date (2026-11-22)", "日期（2026-11-22）")


@lru_cache(maxsize=1024)
def read_time(text: str) -> time:
    """``08:30:00``, with ``Z`` or ``+08:00`` if it has a zone. :raises FeelError: it is none."""
    found = _TIME.fullmatch(text)
    if found and not (found[5] or "").startswith("@"):
        try:
            return time(int(found[1]), int(found[2]), int(found[3]), _micro(found[4]), _zone(found[5]))
        except ValueError:
            pass
    raise _unreadable(text, "time (08:30:00, 08:30:00+08:00)", "时间（08:30:00、08:30:00+08:00）")


@lru_cache(maxsize=1024)
def read_moment(text: str) -> datetime:
    """``2026-11-22T08:30:00``, with ``Z``, ``+08:00`` or ``@Asia/Shanghai``; a date alone is its first instant."""
    day, _, rest = text.partition("T")
    found = _TIME.fullmatch(rest or "00:00:00")
    try:
        if found:
            first = read_date(day)
            at = time(int(found[1]), int(found[2]), int(found[3]), _micro(found[4]), _zone(found[5]))
            return datetime.combine(first, at)
    except (ValueError, FeelError):
        pass
    raise _unreadable(text, "date and time (2026-11-22T08:30:00+08:00)", "日期时间（2026-11-22T08:30:00+08:00）")


def _micro(fraction: str | None) -> int:
    return int((fraction or "0").ljust(6, "0")[:6])


def _zone(text: str | None) -> timezone | ZoneInfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (ZoneInfoNotFoundError, OSError) as problem:
            raise ValueError(str(problem)) from None
    parts = [int(part) for part in text[1:].split(":")]
    shift = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)
    return timezone(-shift if text[0] == "-" else shift)


@lru_cache(maxsize=1024)
def read_duration(text: str) -> timedelta | YearsMonths:
    """``P1DT2H``, ``PT30M`` or ``P1Y6M``; never both sorts in one. :raises FeelError: it is none."""
    found = _DURATION.fullmatch(text)
    if found and not text.endswith(("P", "T")):
        sign = -1 if found[1] else 1
        years, months, days, hours, minutes, seconds = (int(found[n] or 0) for n in range(2, 8))
        if found[2] or found[3]:
            if not any(found[n] for n in range(4, 8)):
                return YearsMonths(sign * (years * 12 + months))
            raise FeelError(
                f"{text!r} mixes years or months with days or hours, which have no fixed relation",
                f"{text!r} 把年月与天时混在一起，二者没有固定换算",
            )
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=_micro(found[8]))
        return sign * span
    raise _unreadable(text, "duration (P1DT2H, PT30M, P1Y6M)", "时长（P1DT2H、PT30M、P1Y6M）")


def read_any(text: str) -> date | time | timedelta | YearsMonths:
    """What ``@"..."`` stands for: told by its shape."""
    if text.lstrip("-").startswith("P"):
        return read_duration(text)
    if "T" in text:
        return read_moment(text)
    return read_time(text) if ":" in text else read_date(text)


def text_of_moment(value: date | time) -> str:
    """ISO 8601; UTC is written ``Z``."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def text_of_duration(value: timedelta | YearsMonths) -> str:
    """ISO 8601, negative ones with the sign in front."""
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        inner = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.months < 0 else "") + "P" + (inner or "0M")
    span = abs(value)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    inner = (f"{span.days}D" if span.days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta(0) else "") + "P" + (inner or "T0S")


def add_months(day: date, months: int) -> date:
    """So many months later; the last day of the month where the day does not exist. Keeps the time of day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise FeelError("the date is outside the years 1 to 9999", "日期超出公元 1 至 9999 年")
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def months_between(start: date, end: date) -> YearsMonths:
    """The whole months from one date to the other; negative if the other is earlier."""
    if start > end:
        return YearsMonths(-months_between(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    if (end.day, _clock(end)) < (start.day, _clock(start)):
        months -= 1
    return YearsMonths(months)


def _clock(day: date) -> time:
    return day.time() if isinstance(day, datetime) else time()
