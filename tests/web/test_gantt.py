"""Geometry of the chart: time to pixels, bars, the promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.web.formats import Formats
from app.web.ordering.gantt import Step, build_gantt, text_px
from app.web.time_scale import build_scale
from app.web.views.parts import station_line
from tests.web.samples import NOW, WORKING, at, gantt, quick_gantt

START = datetime(2026, 11, 20, tzinfo=UTC)


def test_nights_and_weekends_are_narrow_and_time_runs_to_the_right() -> None:
    scale = build_scale(
        start=at("11-20T10:00"), busy_until=NOW, end=at("11-25T20:00"), working=WORKING, x0=232, x1=1172
    )
    widths = {kind: [s.x1 - s.x0 for s in scale.segments if s.kind == kind] for kind in ("work", "rest")}
    assert min(widths["work"]) > max(widths["rest"])
    assert scale.segments[0].x0 == 232
    assert abs(scale.right - 1172) < 0.01
    assert [s.x0 for s in scale.segments] == sorted(s.x0 for s in scale.segments)


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)),
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=40)),
    st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=50)), min_size=2, max_size=12),
)
def test_later_is_never_left_of_earlier(busy: timedelta, length: timedelta, moments: list[timedelta]) -> None:
    end = START + max(busy, length) + timedelta(minutes=1)
    scale = build_scale(start=START, busy_until=START + busy, end=end, working=[], x0=0, x1=100)
    xs = [scale.x(START + moment) for moment in sorted(moments)]
    assert xs == sorted(xs)
    assert all(-1e-6 <= x <= 100 + 1e-6 for x in xs)


def test_a_long_wait_for_the_promise_is_cut_short() -> None:
    picture = quick_gantt()
    assert picture.bands[-1].kind == "tail"
    # The work of seconds keeps most of the width.
    assert picture.rows[5].bars[0].width > 100


def test_all_bars_lie_inside_and_the_promise_is_right_of_now() -> None:
    for picture in (gantt("zh"), quick_gantt()):
        for row in picture.rows:
            for bar in row.bars:
                assert bar.x >= 232 - 0.1 and bar.x + bar.width <= 1173
        assert picture.now_x is not None and picture.promise_x is not None
        assert picture.now_x < picture.promise_x


def test_a_day_label_never_lies_under_the_flag() -> None:
    picture = gantt("zh")
    assert picture.promise_x is not None
    assert all(label.x + 70 < picture.promise_x - 90 for label in picture.days)


def test_words_of_a_running_step_stand_in_its_empty_bar_rather_than_on_the_promise() -> None:
    hours = [START + timedelta(hours=number) for number in range(12)]
    visit = Step(
        name="visit", who="crew", tone="running", started=hours[0], plan_to=hours[9], label="waits for the crew"
    )
    picture = build_gantt(
        [visit],
        start=hours[0],
        now=hours[1],
        promise=hours[10],
        expected=hours[9],
        is_final=False,
        working=[(hours[0], hours[11])],
        pauses=[],
        words=Formats("en", UTC),
        says={"now": "now", "promise": "promise", "spare": "spare", "late": "late"},
    )
    label, empty = picture.rows[0].label, picture.rows[0].bars[1]
    assert label is not None
    assert empty.x < label.x < label.x + text_px(label.text) < empty.x + empty.width


def test_a_step_that_slipped_is_drawn_where_it_is_expected_now_and_as_it_was_laid_out() -> None:
    hours = [START + timedelta(hours=number) for number in range(12)]
    slipped = Step(
        name="test",
        who="lab",
        tone="planned",
        plan_from=hours[6],
        plan_to=hours[7],
        laid_from=hours[1],
        laid_to=hours[2],
        label="now 6:00",
    )
    picture = build_gantt(
        [slipped],
        start=hours[0],
        now=hours[5],
        promise=hours[10],
        expected=hours[7],
        is_final=False,
        working=[(hours[0], hours[11])],
        pauses=[],
        words=Formats("en", UTC),
        says={"now": "now", "promise": "promise", "spare": "spare", "late": "late"},
    )
    laid, plan = picture.rows[0].bars
    assert (laid.css, plan.css, picture.has_slipped) == ("laid", "plan", True)
    assert picture.now_x is not None and laid.x + laid.width < picture.now_x < plan.x


def test_many_stops_become_eight_and_trouble_is_never_hidden() -> None:
    line = station_line(["done"] * 30 + ["fail"] + ["next"] * 29, "")
    assert len(line.stops) == 8
    assert "fail" in line.stops
