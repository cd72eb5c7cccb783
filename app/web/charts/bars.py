"""Lying bars of two parts, longest first: where time is spent, waiting and working."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.web.charts.scale import axis

WIDTH: Final = 452
LABELS_PX: Final = 96
RIGHT_PX: Final = 352
TOP_PX: Final = 18
ROW_PX: Final = 28
#: Names longer than this are cut and shown whole on focus.
NAME_CHARS: Final = 7


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
                name=share.name if len(share.name) <= NAME_CHARS else f"{share.name[: NAME_CHARS - 1]}…",
                waiting_px=round(middle - start, 1),
                working_x=middle,
                working_px=round(end - middle, 1),
                total_x=round(end + 6, 1),
                total=f"{share.total:.1f}",
            )
        )
    return Bars(WIDTH, TOP_PX + ROW_PX * len(rows) + 4, LABELS_PX, scale.ticks, tuple(rows))
