"""ISO 8601 durations of days and time, as the drawings write them (`PT4H`, `P1DT30M`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_FORM: Final = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def parse_duration(text: str) -> timedelta:
    """Read a duration of weeks, days, hours, minutes and seconds.

    :raises ValueError: another form, or one that needs a calendar (months, years).
    """
    return timedelta(**_parts(text))


def parse_span(text: str) -> tuple[int, timedelta]:
    """The same as days, which a calendar may count as working days, and the time after them; a week is seven days.

    :raises ValueError: as for :func:`parse_duration`.
    """
    parts = _parts(text)
    days = 7 * parts.pop("weeks", 0) + parts.pop("days", 0)
    return days, timedelta(**parts)


def _parts(text: str) -> dict[str, int]:
    match = _FORM.fullmatch(text.strip().upper())
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise ValueError(f"not a duration of days and time: {text!r}")
    return parts
