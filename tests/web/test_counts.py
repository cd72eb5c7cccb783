"""Numbers of rows on pages: exact up to a thousand, and then said to be more."""

from __future__ import annotations

import pytest

from app.web.views.parts import COUNTED_AT_MOST, Pages, Tab


@pytest.mark.parametrize(("count", "shown"), [(None, ""), (0, "0"), (999, "999"), (1000, "1000+"), (1001, "1000+")])
def test_a_tab_says_when_there_are_more(count: int | None, shown: str) -> None:
    assert Tab("Open", "?", True, count).number == shown


def test_pages_say_how_many_rows_there_are() -> None:
    assert Pages(first=1, last=30, total=412).number == "412"
    assert Pages(first=1, last=30, total=COUNTED_AT_MOST).number == "1000+"


@pytest.mark.parametrize(
    ("offset", "shown", "total", "before", "after"),
    [
        (0, 30, 31, "", "?30"),
        (0, 30, 30, "", ""),
        (0, 0, 0, "", ""),
        (30, 29, 59, "?0", ""),
        (60, 30, 100, "?30", "?90"),
        (990, 30, COUNTED_AT_MOST, "?960", "?1020"),
        (990, 25, 1015, "?960", ""),
    ],
)
def test_there_is_another_page_where_rows_are_left(
    offset: int, shown: int, total: int, before: str, after: str
) -> None:
    found = Pages.of(lambda at: f"?{at}", offset=offset, shown=shown, total=total, size=30)
    assert (found.before, found.after) == (before, after)
    assert (found.first, found.last) == (offset + 1 if shown else 0, offset + shown)
