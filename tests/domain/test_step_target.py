"""The time a single step is given: by its calendar, over nights, weekends, holidays and days worked for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.promises.calendar import ZONE, Calendars
from app.domain.promises.rule_checks import problems_of
from app.domain.promises.sla_book import SlaBook
from app.domain.promises.step_target import StepTarget, target_of
from tests.domain.demo_data import data as demo

CALENDARS = Calendars.from_data(demo("calendars"))
BOOK = SlaBook.from_data(demo("sla"), demo("stop_reasons"), demo("calendars"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("said", "calendar", "start", "due"),
    [
        # Friday afternoon, over the weekend; the noon break is no working time.
        ({"duration": "PT4H"}, "office_5x8", "2026-11-27T16:00", "2026-11-30T10:30"),
        ({"duration": "PT4H"}, "noc_24x7", "2026-11-27T16:00", "2026-11-27T20:00"),
        ({"duration": "PT90M"}, "field_7x12", "2026-11-27T19:00", "2026-11-28T08:30"),
        # A working day ends when the next one closes, whenever it began; after hours counts as the day after.
        ({"duration": "P1D"}, "office_5x8", "2026-11-27T09:00", "2026-11-30T18:00"),
        ({"duration": "P1D"}, "office_5x8", "2026-11-27T18:00", "2026-12-01T18:00"),
        ({"duration": "P1D"}, "field_7x12", "2026-11-27T09:00", "2026-11-28T20:00"),
        ({"duration": "P1D"}, "noc_24x7", "2026-11-27T09:00", "2026-11-28T09:00"),
        # Over National Day, 1 to 7 October; Saturday the 10th is worked for it.
        ({"duration": "P2D"}, "office_5x8", "2026-09-30T10:00", "2026-10-09T18:00"),
        ({"duration": "P3D"}, "office_5x8", "2026-09-30T10:00", "2026-10-10T18:00"),
        ({"duration": "PT8H"}, "office_5x8", "2026-09-30T13:30", "2026-10-08T12:00"),
        ({"sla": "step-fast"}, "office_5x8", "2026-09-30T17:00", "2026-10-08T11:30"),
        ({"sla": "step-urgent"}, "noc_24x7", "2026-09-30T23:30", "2026-10-01T00:30"),
        ({"duration": "P1DT2H"}, "office_5x8", "2026-11-27T09:00", "2026-12-01T10:30"),
    ],
)
def test_a_step_is_due_by_the_days_and_hours_of_its_calendar(
    said: dict[str, str], calendar: str, start: str, due: str
) -> None:
    target = target_of(said, BOOK.step_levels)
    assert target is not None
    assert target.due(CALENDARS.calendar(calendar), local(start)) == local(due)


def test_an_area_that_is_closed_that_day_has_a_day_more() -> None:
    data = demo("calendars")
    closed = [{"area": "SC-LS", "date": "2026-11-30", "working": False, "enabled": True}]
    calendars = Calendars.from_data({**data, "area_overrides": closed})
    target = StepTarget(days=1)
    assert target.due(calendars.calendar("office_5x8", "CN/SC/SC-LS"), local("2026-11-27T09:00")) == local(
        "2026-12-01T18:00"
    )


def test_what_is_said_is_what_counts() -> None:
    assert target_of({"duration": "PT2H", "calendar": "office_6x10"}, {}) == StepTarget(
        rest=timedelta(hours=2), calendar="office_6x10"
    )
    assert target_of({"sla": "gone"}, BOOK.step_levels) is None
    assert target_of({"team": "home_field"}, BOOK.step_levels) is None
    # On the wall there is no calendar of a team; working time is that of the team, or of the level.
    calendars = {code: level.calendar for code, level in BOOK.step_levels.items()}
    assert (calendars["step-urgent"], calendars["step-fast"], calendars["step-engineering"]) == (
        "noc_24x7",
        "",
        "office_5x8",
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"target": {"value": 0, "unit": "working_hour"}}, "target.value"),
        ({"target": {"value": 4, "unit": "moon"}}, "target.unit"),
        ({"calendar": "office_9x9"}, "calendar"),
        ({"jeopardy_ladder": "none"}, "jeopardy_ladder"),
    ],
)
def test_a_level_that_cannot_be_counted_is_not_taken(change: dict[str, Any], path: str) -> None:
    books = {code: demo(code) for code in ("sla", "stop_reasons", "calendars")}
    levels = books["sla"]["step_levels"]
    books["sla"] = {**books["sla"], "step_levels": [{**levels[1], **change}, *levels[2:], levels[0]]}
    (problem,) = problems_of("sla", books, before=demo("sla"), areas=())
    assert problem.path == f"step_levels.step-fast.{path}" and problem.zh


def test_a_level_that_drawings_may_name_stays() -> None:
    books = {code: demo(code) for code in ("sla", "stop_reasons", "calendars")}
    books["sla"] = {**books["sla"], "step_levels": books["sla"]["step_levels"][1:]}
    (problem,) = problems_of("sla", books, before=demo("sla"), areas=())
    assert (problem.path, problem.code) == ("step_levels.step-urgent", "gone")
