"""Check 11: a change of summer time, or a clock put back or ahead, fires no timer twice and none a day late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from processes.store.instances import Timer
from tests.engine.diagrams import end, process, start, wait_for
from tests.engine.rig import Rig

BERLIN = ZoneInfo("Europe/Berlin")
DAY = process("day", start(), wait_for("pause", "P1D"), end(), flows="begin > pause > done")


@pytest.mark.parametrize("began", [datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 10, 24, 12, tzinfo=BERLIN)])
def test_a_day_over_the_change_of_summer_time_ends_at_the_same_hour(rig: Rig, began: datetime) -> None:
    rig.engine.parts = rig.parts = replace(rig.parts, zone_of=lambda _session, _area: BERLIN)
    rig.clock.at = began.astimezone(UTC)
    rig.deploy(DAY)
    root = rig.start("day")
    due = (began + timedelta(days=1)).astimezone(UTC)
    with rig.sessions() as session:
        assert session.scalars(select(Timer.due_at)).all() == [due]
    rig.clock.at = due - timedelta(seconds=1)
    rig.drain()
    assert rig.instance(root).state == "running"
    rig.clock.at = due
    rig.drain()
    assert rig.instance(root).state == "completed"


def test_a_node_whose_clock_is_five_minutes_off_fires_nothing_twice(rig: Rig) -> None:
    rig.deploy(DAY)
    roots = [rig.start("day") for _ in range(3)]
    rig.clock.move(timedelta(days=1))
    rig.drain()
    for minutes in (-5, 10, -5):  # as another node sees the time
        rig.clock.move(timedelta(minutes=minutes))
        rig.another_worker().drain()
    assert [rig.instance(root).state for root in roots] == ["completed"] * 3
    assert rig.parts.counters.all()["timers_fired"] == 3
    rig.check()
