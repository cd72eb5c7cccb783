"""Timers: written out or computed, once or again and again, never naive."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes.spiff.bridge import Execution, StepContext
from processes.spiff.timers import Armed, TimerError, arm, parse_cycle, parse_date, parse_duration, rearm
from tests.processes.drawing import boundary, bpmn, catch, end, flows, start, timer, user
from tests.processes.driving import NOW, Drive, every_way


def waiting_for(value: str, kind: str = "timeDuration") -> bytes:
    return bpmn(start(), catch("t", timer(value, kind)), end(), flows("s>t t>e"))


@every_way
@pytest.mark.parametrize(
    ("value", "kind", "due"),
    [
        ("PT4H", "timeDuration", NOW + timedelta(hours=4)),
        ("P1DT12H", "timeDuration", NOW + timedelta(days=1, hours=12)),
        ("PT0S", "timeDuration", NOW),
        ("P1M", "timeDuration", datetime(2026, 4, 2, 1, tzinfo=UTC)),
        ("P2W", "timeDuration", NOW + timedelta(weeks=2)),
        ("2026-11-01T09:00:00+08:00", "timeDate", datetime(2026, 11, 1, 1, tzinfo=UTC)),
        ("wait", "timeDuration", NOW + timedelta(minutes=90)),
        ("concat('PT', hours, 'H')", "timeDuration", NOW + timedelta(hours=3)),
        ("appointment.at", "timeDate", datetime(2026, 5, 1, 2, tzinfo=UTC)),
    ],
)
def test_when_a_timer_is_due(mode, value, kind, due):
    data = {"wait": "PT90M", "hours": 3, "appointment": {"at": "2026-05-01T10:00:00+08:00"}}
    run = Drive.begin(mode, waiting_for(value, kind), data)
    [wait] = run.waiting("t")
    assert (wait.kind, wait.due_at) == ("timer", due)
    assert run.later(days=400).waiting("t")[0].due_at == due
    assert run.fire("t").done


@every_way
@pytest.mark.parametrize("value", ["'2026-05-01T10:00:00'", "'-PT1H'", "'soon'", "5", "nothing", "'P1M2'"])
def test_a_computed_value_that_does_not_fit_is_a_failure(mode, value):
    kind = "timeDate" if "2026" in value else "timeDuration"
    run = Drive.begin(mode, waiting_for(value, kind))
    assert [failure.element_id for failure in run.failures] == ["t"]
    assert run.failures[0].code in ("timer-error", "expression-error")
    assert not run.waiting()


@every_way
def test_a_repeating_reminder_does_not_drift_and_ends(mode):
    drawing = bpmn(
        start(), user("a"), boundary("r", "a", timer("R3/PT10M", "timeCycle"), False), end(), flows("s>a r>e")
    )
    run = Drive.begin(mode, drawing)
    seen = []
    while run.waiting("r"):
        seen.append((run.waiting("r")[0].due_at - NOW).total_seconds() / 60)
        assert run.execution.size == 2
        run.now = run.waiting("r")[0].due_at + timedelta(seconds=40)
        run.fire("r")
    assert seen == [10, 20, 30]
    assert len({wait.task_id for wait in run.opened if wait.element_id == "r"}) == 3
    assert run.at == ["a"]


@every_way
def test_firings_missed_while_nobody_was_there_are_left_out(mode):
    drawing = bpmn(
        start(), user("a"), boundary("r", "a", timer("R/PT10M", "timeCycle"), False), end(), flows("s>a r>e")
    )
    run = Drive.begin(mode, drawing)
    run.later(minutes=47).fire("r")
    assert run.waiting("r")[0].due_at == NOW + timedelta(minutes=50)
    for _ in range(106 if mode == "plain" else 5):
        run.fire("r")
    assert run.execution.size == 2


@every_way
def test_an_intermediate_cycle_sends_one_token_at_every_firing(mode):
    run = Drive.begin(mode, bpmn(start(), catch("t", timer("R2/PT1M", "timeCycle")), user("x"), flows("s>t t>x")))
    run.fire("t").fire("t")
    assert run.at == ["x", "x"]
    assert run.complete("x").complete("x").done


def test_waits_are_shorter_in_the_demo():
    run = Drive.begin("plain", waiting_for("PT24H"), start=False)
    run.execution.at(StepContext(now=NOW, ids=run.ids, decide=run.decide, wait_scale=3600.0))
    run.execution.start()
    run.execution.advance()
    assert isinstance(run.execution, Execution)
    assert run.execution.waits[0].due_at == NOW + timedelta(seconds=24)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "1H", "PT1H2", "-PT1H", "P-1D", "PT1H30", "P1YT", "４H", "PT1e5S", "P99999999Y", "pt", "P1S"],
)
def test_durations_that_are_none(text):
    with pytest.raises(TimerError):
        parse_duration(text).after(NOW)


@pytest.mark.parametrize(
    "text", ["2026-01-01", "2026-01-01T10:00:00", "tomorrow", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z"]
)
def test_dates_that_are_none(text):
    with pytest.raises(TimerError):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["R", "R3", "R0/PT1H", "R3/PT0S", "RX/PT1H", "R3/PT1H/PT1H/PT1H", "3/PT1H", "R3/2026-01-01T00:00:00/PT1H"]
)
def test_cycles_that_are_none(text):
    with pytest.raises(TimerError):
        parse_cycle(text)


def test_the_last_of_a_month_stays_in_the_month():
    assert parse_duration("P1M").after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
    assert parse_duration("P1Y").after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)
    with pytest.raises(TimerError):
        parse_duration("P9000Y").after(NOW)


@given(st.text(max_size=30))
def test_reading_a_timer_never_fails_in_another_way(text):
    for read in (parse_duration, parse_date, parse_cycle):
        with contextlib.suppress(TimerError):
            read(text)


@given(times=st.integers(1, 50), minutes=st.integers(1, 100), late=st.integers(0, 10_000))
def test_a_cycle_keeps_to_its_grid_and_never_fires_too_often(times, minutes, late):
    first: Armed | None = arm("cycle", f"R{times}/PT{minutes}M", now=NOW, scale=1.0)
    now, fired = NOW + timedelta(minutes=late), 0
    while first is not None:
        assert (first.due_at - NOW) % timedelta(minutes=minutes) == timedelta(0)
        fired += 1
        now = max(now, first.due_at)
        following = rearm(first, now=now, scale=1.0)
        assert following is None or following.due_at > now
        first = following
    assert fired <= times
    assert late > 0 or fired == times


@pytest.mark.parametrize(
    ("zone", "began", "value", "due"),
    [
        # In Shanghai it is the 1st of March already, in UTC still the last of February.
        ("Asia/Shanghai", "2026-02-28T20:00:00+00:00", "P1M", "2026-03-31T20:00:00+00:00"),
        ("Asia/Shanghai", "2026-01-30T17:00:00+00:00", "P1M", "2026-02-27T17:00:00+00:00"),
        # The clock on the wall shows the same time, over a day of 23 and one of 25 hours.
        ("Europe/Berlin", "2026-03-28T11:00:00+00:00", "P1D", "2026-03-29T10:00:00+00:00"),
        ("Europe/Berlin", "2026-10-24T10:00:00+00:00", "P1W", "2026-10-31T11:00:00+00:00"),
        # Hours are hours.
        ("Europe/Berlin", "2026-03-28T11:00:00+00:00", "PT24H", "2026-03-29T11:00:00+00:00"),
        ("Europe/Berlin", "2026-03-28T11:00:00+00:00", "P1DT1H", "2026-03-29T11:00:00+00:00"),
        # A time that day does not have is the one an hour later.
        ("Europe/Berlin", "2026-03-28T01:30:00+00:00", "P1D", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_months_and_days_are_those_of_the_calendar_there(zone, began, value, due):
    found = parse_duration(value).after(datetime.fromisoformat(began), lambda: ZoneInfo(zone))
    assert found == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


def test_a_daily_reminder_keeps_its_hour_on_the_wall():
    zone, now = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 27, 8, tzinfo=UTC)  # nine o'clock there
    armed: Armed | None = arm("cycle", "R4/P1D", now=now, scale=1.0, zone=lambda: zone)
    hours = []
    while armed is not None:
        hours.append(armed.due_at.astimezone(zone).hour)
        armed = rearm(armed, now=armed.due_at, scale=1.0, zone=lambda: zone)
    assert hours == [9, 9, 9, 9]
