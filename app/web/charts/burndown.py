"""How many promises of a day are still open, against the plan, and where that leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.web.charts.scale import Axis, axis
from app.web.formats import Formats

WIDTH: Final = 676
HEIGHT: Final = 236
LEFT_PX: Final = 40
RIGHT_PX: Final = 652
TOP_PX: Final = 30
BOTTOM_PX: Final = 208

Point = tuple[datetime, float]


@dataclass(frozen=True)
class Burndown:
    """Everything the template draws: SVG paths, and the facts in numbers."""

    width: int
    height: int
    left_px: float
    bottom: float
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]
    actual: str
    plan: str
    forecast: str
    now: tuple[float, float]
    due_x: float
    end: tuple[float, float]
    open_now: int
    planned_now: int
    late_at_due: int


@dataclass(frozen=True)
class _Paper:
    opens: datetime
    closes: datetime
    y: Axis

    def x(self, at: datetime) -> float:
        part = (at - self.opens) / (self.closes - self.opens)
        return round(LEFT_PX + (RIGHT_PX - LEFT_PX) * min(max(part, 0.0), 1.0), 1)

    def path(self, points: Sequence[Point]) -> str:
        return "".join(
            f"{'L' if index else 'M'}{self.x(at)} {self.y.at(left)}" for index, (at, left) in enumerate(points)
        )


def build_burndown(
    actual: Sequence[Point], plan: Sequence[Point], *, opens: datetime, due: datetime, now: datetime, words: Formats
) -> Burndown:
    """``actual`` and ``plan`` are (aware instant, promises still open), in time; ``due`` is when the last is promised.

    The forecast goes on from now at the pace since ``opens``. The paper ends a sixth of the day after ``due``.
    """
    closes = due + (due - opens) / 6
    largest = max((left for _, left in (*actual, *plan)), default=0.0)
    paper = _Paper(opens, closes, axis(largest or 1.0, start=BOTTOM_PX, end=TOP_PX))
    started = actual[0][1] if actual else 0.0
    left = _at(actual, now)
    late = _late(started, left, opens=opens, now=now, due=due)
    ahead = [(now, left), (due, late)] if now < due and left else []
    return Burndown(
        width=WIDTH,
        height=HEIGHT,
        left_px=LEFT_PX,
        bottom=BOTTOM_PX,
        y_ticks=paper.y.ticks,
        x_ticks=tuple((paper.x(at), words.clock(at)) for at in _hours(opens, closes)),
        actual=paper.path([point for point in actual if point[0] <= now] + [(now, left)]),
        plan=paper.path(plan),
        forecast=paper.path(ahead),
        now=(paper.x(now), paper.y.at(left)),
        due_x=paper.x(due),
        end=(paper.x(due), paper.y.at(late)),
        open_now=round(left),
        planned_now=round(_between(plan, now)),
        late_at_due=round(late),
    )


def _at(points: Sequence[Point], when: datetime) -> float:
    """The value of the last point that is not after ``when``."""
    found = [left for at, left in points if at <= when]
    return found[-1] if found else (points[0][1] if points else 0.0)


def _between(points: Sequence[Point], when: datetime) -> float:
    """The value of the straight line between the points on both sides of ``when``."""
    after = next((index for index, (at, _) in enumerate(points) if at > when), len(points))
    if after in (0, len(points)):
        return _at(points, when)
    (low, left), (high, right) = points[after - 1], points[after]
    return left + (right - left) * ((when - low) / (high - low))


def _late(started: float, left: float, *, opens: datetime, now: datetime, due: datetime) -> float:
    if now >= due:
        return left
    if now <= opens:
        return 0.0
    pace = (started - left) / ((now - opens) / timedelta(hours=1))
    return max(0.0, left - pace * ((due - now) / timedelta(hours=1)))


def _hours(opens: datetime, closes: datetime) -> list[datetime]:
    """Every second full hour."""
    first = opens.replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=2 * each) for each in range(24)]
    return [at for at in hours if opens <= at <= closes]
