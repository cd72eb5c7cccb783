"""Numbers of rows on pages: exact up to a thousand, and then said to be more."""

from __future__ import annotations

import pytest

from app.web.views.parts import COUNTED_AT_MOST, Pages, Tab, goes_on


@pytest.mark.parametrize(("count", "shown"), [(None, ""), (0, "0"), (999, "999"), (1000, "1000+"), (1001, "1000+")])
def test_a_tab_says_when_there_are_more(count: int | None, shown: str) -> None:
    assert Tab("Open", "?", True, count).number == shown


def test_pages_say_how_many_rows_there_are() -> None:
    assert Pages(first=1, last=30, total=412).number == "412"
    assert Pages(first=1, last=30, total=COUNTED_AT_MOST).number == "1000+"


@pytest.mark.parametrize(
    ("upto", "total", "is_full", "more"),
    [
        (30, 31, True, True),
        (30, 30, True, False),
        (29, 29, False, False),
        (1020, COUNTED_AT_MOST, True, True),
        (1025, 1025, False, False),
    ],
)
def test_there_is_a_next_page_where_rows_are_left(upto: int, total: int, is_full: bool, more: bool) -> None:
    assert goes_on(upto, total, is_full=is_full) is more
