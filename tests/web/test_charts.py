"""The geometry of the charts: what is drawn is what was counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.charts.bars import LABELS_PX, RIGHT_PX, Share, build_bars, cut
from app.web.charts.burndown import BOTTOM_PX, LEFT_PX, build_burndown
from app.web.charts.burndown import RIGHT_PX as PAPER_END
from app.web.charts.scale import axis
from app.web.charts.small import GAP_PX, Part, heat_level, pieces, sparkline
from app.web.formats import Formats

OPENS = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
WORDS = Formats("en", ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("largest", "top", "texts"),
    [
        (5.1, 6, ["0", "2", "4", "6"]),
        (214, 250, ["0", "50", "100", "150", "200", "250"]),
        (1, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.3, 0.3, ["0", "0.1", "0.2", "0.3"]),
    ],
)
def test_an_axis_has_round_steps(largest: float, top: float, texts: list[str]) -> None:
    found = axis(largest, start=0, end=100)
    assert found.top == pytest.approx(top)
    assert [text for _, text in found.ticks] == texts


@given(st.floats(0.001, 1e6))
def test_an_axis_holds_its_largest_value(largest: float) -> None:
    found = axis(largest, start=0, end=100)
    assert found.at(largest) <= 100.1
    assert 1 <= len(found.ticks) - 1 <= 6


def test_bars_are_sorted_and_add_up() -> None:
    drawn = build_bars([Share("a", 1, 1, 3), Share("b", 3, 2, 4), Share("a very long name", 0, 0, 0)])
    assert [row.share.name for row in drawn.rows] == ["b", "a", "a very long name"]
    longest, middle, nothing = drawn.rows
    assert LABELS_PX + longest.waiting_px + longest.working_px == pytest.approx(RIGHT_PX, abs=0.2)
    assert middle.waiting_px == pytest.approx(middle.working_px, abs=0.2)
    assert (nothing.waiting_px, nothing.working_px, nothing.name) == (0, 0, "a very long name")
    assert build_bars([]).rows == ()


def test_a_name_is_cut_to_its_width_not_to_its_length() -> None:
    assert cut("Book a visit", 19) == "Book a visit"
    assert cut("传输机房跳接与业务割接", 19) == "传输机房跳接与业务…"
    assert cut("Cross-connect in the exchange", 19) == "Cross-connect in t…"
    assert cut("", 19) == ""


def test_a_day_on_plan_and_a_day_behind() -> None:
    due = OPENS + timedelta(hours=10)
    now = OPENS + timedelta(hours=5)
    plan = [(OPENS, 100.0), (due, 0.0)]
    even = build_burndown([(OPENS, 100), (now, 50)], plan, opens=OPENS, due=due, now=now, words=WORDS)
    assert (even.open_now, even.planned_now, even.late_at_due) == (50, 50, 0)
    slow = build_burndown([(OPENS, 100), (now, 80)], plan, opens=OPENS, due=due, now=now, words=WORDS)
    assert (slow.open_now, slow.late_at_due) == (80, 60)
    assert LEFT_PX < slow.now[0] < slow.due_x < PAPER_END
    assert slow.end[1] < BOTTOM_PX
    over = build_burndown([(OPENS, 9), (due, 4)], plan, opens=OPENS, due=due, now=due, words=WORDS)
    assert (over.late_at_due, over.forecast) == (4, "")
    assert build_burndown([], [], opens=OPENS, due=due, now=OPENS, words=WORDS).open_now == 0


def test_small_ones() -> None:
    assert sparkline([1]) == ""
    assert sparkline([1, 1, 2]).startswith("M0.0 21.0L80.0 21.0L160.0 3.0")
    assert [heat_level(value, 10) for value in (0, 1, 4, 10)] == [0, 1, 2, 5]
    found = pieces([Part("a", 1, "x"), Part("none", 0, "x"), Part("b", 3, "y")], 100)
    assert [(piece.part.name, piece.x) for piece in found] == [("a", 0.0), ("b", 24.5 + GAP_PX)]
    assert found[-1].x + found[-1].width == 100
    assert pieces([], 100) == ()
