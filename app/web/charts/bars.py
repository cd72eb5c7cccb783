"""Lying bars of two parts, longest first: where time is spent, waiting and working."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final
from unicodedata import east_asian_width

from app.web.charts.scale import axis

WIDTH: Final = 452
LABELS_PX: Final = 132
RIGHT_PX: Final = 352
TOP_PX: Final = 18
ROW_PX: Final = 28
#: Names wider than this are cut, and shown whole to those who point at them; a Chinese character is two wide.
NAME_WIDTH: Final = 19


@dataclass(frozen=True)
class Share:
    """One line of the table: two amounts of the same unit, and how many things they are about."""

    name: str
    waiting: float
    working: float
    count: int
    href: str = ""

    @property
    def total(self) -> float:
        """Both amounts."""
        return self.waiting + self.working


@dataclass(frozen=True)
class BarRow:
    """One bar; ``y`` is its top."""

    share: Share
    y: float
    name: str
    waiting_px: float
    working_x: float
    working_px: float
    total_x: float
    total: str


@dataclass(frozen=True)
class Bars:
    """Everything the template draws, in pixels of its view box."""

    width: int
    height: float
    left: float
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[BarRow, ...]


def build_bars(shares: Sequence[Share]) -> Bars:
    """The longest first; equal ones keep their order."""
    ordered = sorted(shares, key=lambda share: -share.total)
    scale = axis(max((share.total for share in ordered), default=0.0) or 1.0, start=LABELS_PX, end=RIGHT_PX)
    rows = []
    for index, share in enumerate(ordered):
        start, middle, end = (scale.at(value) for value in (0, share.waiting, share.total))
        rows.append(
            BarRow(
                share=share,
                y=TOP_PX + 6 + ROW_PX * index,
                name=cut(share.name, NAME_WIDTH),
                waiting_px=round(middle - start, 1),
                working_x=middle,
                working_px=round(end - middle, 1),
                total_x=round(end + 6, 1),
                total=f"{share.total:.1f}",
            )
        )
    return Bars(WIDTH, TOP_PX + ROW_PX * len(rows) + 4, LABELS_PX, scale.ticks, tuple(rows))


def cut(text: str, width: int) -> str:
    """``text``, or as much of it as fits ``width`` with an ellipsis; a wide (Chinese) character counts as two."""
    widths = list(accumulate(2 if east_asian_width(character) in "WF" else 1 for character in text))
    if not widths or widths[-1] <= width:
        return text
    return text[: bisect_right(widths, width - 1)].rstrip() + "…"
