"""Charts of one line: a trend, shares of a whole, the colour of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SPARK_WIDTH: Final = 160
SPARK_HEIGHT: Final = 24
HEAT_LEVELS: Final = 5
GAP_PX: Final = 2.0


def sparkline(values: Sequence[float]) -> str:
    """The path of a trend in a box of 160 by 24; nothing for fewer than two values."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = SPARK_WIDTH / (len(values) - 1)
    points = (
        (round(index * step, 1), round(SPARK_HEIGHT - 3 - (value - low) / span * (SPARK_HEIGHT - 6), 1))
        for index, value in enumerate(values)
    )
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(points))


def heat_level(value: float, largest: float) -> int:
    """1 (least) to 5 (most) for the five blues; 0 for nothing. The number is always printed beside it."""
    if value <= 0 or largest <= 0:
        return 0
    return min(HEAT_LEVELS, 1 + int(value / largest * HEAT_LEVELS * 0.999))


@dataclass(frozen=True)
class Part:
    """A part of a whole; ``css`` fills it."""

    name: str
    value: int
    css: str
    href: str = ""


@dataclass(frozen=True)
class Piece:
    """Where a part lies."""

    part: Part
    x: float
    width: float


def pieces(parts: Sequence[Part], width: float) -> tuple[Piece, ...]:
    """The parts beside each other over ``width`` pixels, with a gap between two; empty ones are left out."""
    shown = [part for part in parts if part.value > 0]
    total = sum(part.value for part in shown)
    room = width - GAP_PX * max(len(shown) - 1, 0)
    found, x = [], 0.0
    for part in shown:
        length = room * part.value / total
        found.append(Piece(part, round(x, 1), round(length, 1)))
        x += length + GAP_PX
    return tuple(found)
