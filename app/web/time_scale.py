"""Maps time to the width of a chart: working time wide, nights and weekends narrow, a long idle end cut short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Spell = tuple[datetime, datetime]

NIGHT_PX: Final = 24.0
WEEKEND_PX: Final = 60.0
TAIL_SHARE: Final = 0.16
MOST_REST_SHARE: Final = 0.4
# An end this many times longer than the work before it is cut: it holds nothing but waiting.
LONG_TAIL: Final = 4
_STEPS: Final = tuple(
    timedelta(seconds=s) for s in (1, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
)


@dataclass(frozen=True)
class Segment:
    """A stretch of time drawn with one density, from ``x0`` to ``x1`` pixels."""

    start: datetime
    end: datetime
    kind: Literal["work", "rest", "tail"]
    x0: float
    x1: float


@dataclass(frozen=True)
class TimeScale:
    """The whole axis, from the first segment's left edge to the last one's right edge."""

    segments: tuple[Segment, ...]

    @property
    def left(self) -> float:
        return self.segments[0].x0

    @property
    def right(self) -> float:
        return self.segments[-1].x1

    def x(self, at: datetime) -> float:
        """Where an instant lies, in pixels; instants beyond the ends stick to them."""
        for segment in self.segments:
            if at <= segment.end:
                share = (at - segment.start) / (segment.end - segment.start)
                return segment.x0 + max(0.0, share) * (segment.x1 - segment.x0)
        return self.right

    def px_per_hour(self) -> float:
        """The density of working time."""
        work = [s for s in self.segments if s.kind == "work"]
        hours = sum(((s.end - s.start).total_seconds() for s in work), 0.0) / 3_600
        return sum(s.x1 - s.x0 for s in work) / hours if hours else 0.0

    def step(self, least_px: float) -> timedelta:
        """The shortest round distance of ticks that leaves ``least_px`` between two of them."""
        density = self.px_per_hour()
        for step in _STEPS:
            if step.total_seconds() / 3_600 * density >= least_px:
                return step
        return _STEPS[-1]


def build_scale(
    *, start: datetime, busy_until: datetime, end: datetime, working: Sequence[Spell], x0: float, x1: float
) -> TimeScale:
    """Lay out ``start`` to ``end`` between ``x0`` and ``x1``.

    ``busy_until`` is the last instant at which something is drawn but the promise; ``working`` are the spells of
    working time, in order, not touching. All instants are aware. Without any working time all of it counts as such.
    """
    busy_until = min(max(busy_until, start + timedelta(seconds=30)), end)
    cut = busy_until + (busy_until - start) * 0.15
    has_tail = end - busy_until > LONG_TAIL * (busy_until - start)
    spells = list(_spells(start, cut if has_tail else end, working))
    width = x1 - x0
    tail_px = width * TAIL_SHARE if has_tail else 0.0
    rests = [_rest_px(spell[1] - spell[0]) for kind, spell in spells if kind == "rest"]
    shrink = min(1.0, width * MOST_REST_SHARE / sum(rests)) if rests else 1.0
    work_px = width - tail_px - sum(rests) * shrink
    work_s = sum((b - a).total_seconds() for kind, (a, b) in spells if kind == "work") or 1.0
    segments: list[Segment] = []
    at = x0
    for kind, (a, b) in spells:
        px = _rest_px(b - a) * shrink if kind == "rest" else work_px * (b - a).total_seconds() / work_s
        segments.append(Segment(a, b, kind, at, at + px))
        at += px
    if has_tail:
        segments.append(Segment(cut, end, "tail", at, x1))
    return TimeScale(tuple(segments))


def _rest_px(length: timedelta) -> float:
    return NIGHT_PX if length < timedelta(hours=20) else WEEKEND_PX


def _spells(
    start: datetime, end: datetime, working: Sequence[Spell]
) -> Iterator[tuple[Literal["work", "rest"], Spell]]:
    inside = [(max(a, start), min(b, end)) for a, b in working if b > start and a < end]
    if not inside:
        yield "work", (start, end)
        return
    at = start
    for a, b in inside:
        if a > at:
            yield "rest", (at, a)
        yield "work", (a, b)
        at = b
    if at < end:
        yield "rest", (at, end)
