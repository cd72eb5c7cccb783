"""What was agreed against what was measured: visits, the speed of a line, how much of a month a product worked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

#: A line is too slow below this share of what is agreed, in per cent.
ENOUGH_PERCENT: Final = 90
SPELL: Final = timedelta(days=30)
MICROSECOND: Final = timedelta(microseconds=1)
PLACES: Final = Decimal("0.0001")
Span = tuple[datetime, datetime]


class Kind(StrEnum):
    """What is measured."""

    VISIT = "visit"
    SPEED = "speed"
    AVAILABILITY = "availability"


#: Why a measurement counts for nothing: the closed list, by kind.
EXCLUSIONS: Final = {
    Kind.VISIT: frozenset({"customer-told", "force-majeure"}),
    Kind.SPEED: frozenset({"customer-device"}),
    Kind.AVAILABILITY: frozenset({"planned-work", "customer-cause", "force-majeure"}),
}


def is_missed(promised_until: datetime, arrived_at: datetime | None) -> bool:
    """Whether nobody came by the end of the agreed time."""
    return arrived_at is None or arrived_at > promised_until


def is_slow(agreed_mbps: Decimal, measured_mbps: Decimal) -> bool:
    """Whether a line is too slow for what is agreed."""
    return measured_mbps * 100 < agreed_mbps * ENOUGH_PERCENT


def spells_of_30_days(slow_at: Sequence[datetime]) -> int:
    """Spells of 30 days, counted from the first slow test, in which at least one test was slow."""
    first = min(slow_at, default=None)
    return len({(moment - first) // SPELL for moment in slow_at}) if first is not None else 0


def availability(month: Span, outages: Iterable[Span], stops: Iterable[Span] = ()) -> Decimal:
    """Per cent of a month in which a product worked, to four places; outages that overlap count once.

    :param stops: spells for which somebody else is to blame; they are no outage.
    """
    begins, ends = month
    down = _length(_within(outages, month))
    excused = _length([span for outage in _merged(_within(outages, month)) for span in _within(stops, outage)])
    share = 1 - Decimal((down - excused) / timedelta(microseconds=1)) / Decimal(
        (ends - begins) / timedelta(microseconds=1)
    )
    return (share * 100).quantize(PLACES, ROUND_HALF_UP)


def _within(spans: Iterable[Span], bounds: Span) -> list[Span]:
    cut = ((max(begins, bounds[0]), min(ends, bounds[1])) for begins, ends in spans)
    return [span for span in cut if span[1] > span[0]]


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((ends - begins for begins, ends in _merged(spans)), timedelta())
