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
    match = _FORM.fullmatch(text)
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise ValueError(f"not a duration of days and time: {text!r}")
    return timedelta(**parts)
