"""Does something grow? Slopes with their confidence, from samples that are noisy and not independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean

#: Means of blocks are nearly independent where neighbouring samples are not (memory grows in steps).
BLOCKS = 6
#: Two-sided 95 % of Student's t, by degrees of freedom.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78}


@dataclass(frozen=True)
class Slope:
    """Growth per hour; with 95 % confidence it lies between ``low`` and ``high``."""

    per_hour: float
    low: float
    high: float

    def exceeds(self, limit: float) -> bool:
        """Whether it surely grows faster than ``limit`` an hour: noise alone does not make this true."""
        return self.low > limit

    def shown(self) -> list[float]:
        """Low, best and high."""
        return [round(self.low, 3), round(self.per_hour, 3), round(self.high, 3)]


def slope(hours: Sequence[float], values: Sequence[float]) -> Slope:
    """The straight line through the means of blocks of samples. :raises ValueError: fewer than three blocks."""
    count = min(BLOCKS, len(values) // 2)
    if count < 3:
        raise ValueError("too few samples for a trend")
    edges = [round(number * len(values) / count) for number in range(count + 1)]
    times = [fmean(hours[start:end]) for start, end in pairwise(edges)]
    means = [fmean(values[start:end]) for start, end in pairwise(edges)]
    middle, level = fmean(times), fmean(means)
    spread = sum((at - middle) ** 2 for at in times)
    best = sum((at - middle) * (mean - level) for at, mean in zip(times, means, strict=True)) / spread
    rest = sum((mean - level - best * (at - middle)) ** 2 for at, mean in zip(times, means, strict=True))
    error = STUDENT[count - 2] * sqrt(rest / (count - 2) / spread)
    return Slope(best, best - error, best + error)


def rose(values: Sequence[float], *, by: float) -> bool:
    """Whether the highest of the last third is more than ``by`` above the highest of the first third."""
    third = max(1, len(values) // 3)
    return max(values[-third:]) > max(values[:third]) + by


def per_order(orders: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Growth per order in the first and in the second half."""
    middle = len(values) // 2
    halves = ((0, middle), (middle, len(values) - 1))
    first, second = ((values[end] - values[start]) / max(1.0, orders[end] - orders[start]) for start, end in halves)
    return first, second
