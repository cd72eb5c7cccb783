"""Timers at the awkward places of the calendar, with a clock that is moved: never early, never twice, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from processes.store.instances import Timer
from tests.engine.diagrams import end, node, process, start
from tests.engine.rig import Rig

ZONES = {"SH": ZoneInfo("Asia/Shanghai")}
#: Started at, value of the timer, due at.
CASES = {
    "last of January, a month": ("2026-01-31T08:00Z", "P1M", "2026-02-28T08:00Z"),
    "the same in a leap year": ("2028-01-31T08:00Z", "P1M", "2028-02-29T08:00Z"),
    "leap day, a year": ("2028-02-29T08:00Z", "P1Y", "2029-02-28T08:00Z"),
    "over New Year": ("2026-12-31T15:59:59Z", "PT2S", "2026-12-31T16:00:01Z"),
    "a day in which Berlin loses an hour": ("2026-03-28T12:00+01:00", "P1D", "2026-03-29T12:00+01:00"),
    "a day in which Berlin gains one": ("2026-10-24T12:00+02:00", "P1D", "2026-10-25T12:00+02:00"),
    "an hour Berlin does not have": ("2026-03-28T08:00Z", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30Z"),
    "the first of an hour Berlin has twice": ("2026-10-24T08:00Z", "2026-10-25T02:30:00+02:00", "2026-10-25T00:30Z"),
    "the second of it": ("2026-10-24T08:00Z", "2026-10-25T02:30:00+01:00", "2026-10-25T01:30Z"),
    "midnight in Shanghai": ("2026-11-21T08:00Z", "2026-11-22T00:00:00+08:00", "2026-11-21T16:00Z"),
    "a date that has passed": ("2026-11-21T08:00Z", "2026-11-20T08:00:00+08:00", "2026-11-20T00:00Z"),
}


def waits(value: str) -> bytes:
    kind = "timeDuration" if value.startswith("P") else "timeDate"
    body = (
        f'<bpmn:timerEventDefinition id="t_timer"><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{value}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )
    return process("w", start(), node("intermediateCatchEvent", "t", body), end(), flows="begin > t > done")


@pytest.mark.parametrize("case", CASES)
def test_a_timer_fires_at_its_second_and_once(rig: Rig, case: str) -> None:
    began, value, due_text = CASES[case]
    due = datetime.fromisoformat(due_text).astimezone(UTC)
    rig.clock.at = datetime.fromisoformat(began).astimezone(UTC)
    rig.deploy(waits(value))
    root = rig.start("w")
    if due > rig.clock.at:
        rig.clock.at = due - timedelta(microseconds=1)
        rig.drain()
        assert rig.instance(root).state == "running", "not early"
        rig.clock.at = due
        rig.drain()
    assert rig.instance(root).state == "completed"
    rig.clock.at -= timedelta(hours=2)  # the clock is put back: what has fired has fired
    rig.drain()
    rig.clock.at += timedelta(days=40)
    rig.drain()
    assert rig.parts.counters.all()["timers_fired"] == 1
    rig.check()


def test_a_month_is_one_of_the_calendar_in_the_area_of_the_order(rig: Rig) -> None:
    rig.engine.parts = rig.parts = replace(rig.parts, zone_of=lambda _session, area: ZONES[area])
    rig.clock.at = datetime(2026, 2, 28, 20, tzinfo=UTC)  # the first of March in Shanghai
    rig.deploy(waits("P1M"))
    root = rig.start("w")
    with rig.sessions() as session:
        assert [timer.due_at for timer in session.query(Timer)] == [datetime(2026, 3, 31, 20, tzinfo=UTC)]
    rig.clock.at = datetime(2026, 3, 31, 20, tzinfo=UTC)
    rig.drain()
    assert rig.instance(root).state == "completed"
