"""The data files, read once for the tests of rules."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.domain.calendar import Calendars
from app.domain.sla_book import SlaBook
from app.seed.files import read


@cache
def data(name: str) -> dict[str, Any]:
    return read(name)


@cache
def by_code(name: str, part: str) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in data(name)[part]}


@cache
def calendars() -> Calendars:
    return Calendars.from_data(data("calendars"))


@cache
def book() -> SlaBook:
    return SlaBook.from_data(data("sla"), data("stop_reasons"), data("calendars"))
