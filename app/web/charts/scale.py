"""Round steps for an axis, and where a value lies on it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """Values from 0 to ``top`` laid over pixels ``start`` to ``end`` (``end`` may be the smaller one)."""

    top: float
    step: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value, to a tenth."""
        return round(self.start + (self.end - self.start) * value / self.top, 1)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Pixel and text of every step from 0 to the top."""
        count = round(self.top / self.step)
        return tuple((self.at(self.step * each), _short(self.step * each)) for each in range(count + 1))


def axis(largest: float, *, start: float, end: float, steps: int = 5) -> Axis:
    """An axis that holds ``largest`` in about ``steps`` round steps (1, 2 or 5 times a power of ten)."""
    rough = max(largest, 1e-9) / steps
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return Axis(top=step * max(1, math.ceil(largest / step - 1e-9)), step=step, start=start, end=end)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"
