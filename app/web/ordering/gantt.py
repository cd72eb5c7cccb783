"""The picture of an order's work orders against its promise: geometry only, the template draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from app.web.formats import Formats
from app.web.time_scale import Segment, Spell, TimeScale, build_scale

WIDTH: Final = 1184
LABELS_PX: Final = 232
RIGHT_PX: Final = 1172
TOP_PX: Final = 46
ROW_PX: Final = 33
#: Room under the rows for "now" and for the time to spare.
STRIP_PX: Final = 22
LEAST_BAR_PX: Final = 4.0
NAME_PX: Final = 190.0

Tone = Literal["done", "running", "waiting", "failed", "planned", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One work order as the chart needs it. ``started`` and ``ended`` are facts, the plan is what is expected now;
    where that has slipped, ``laid_from`` and ``laid_to`` say how it was laid out."""

    name: str
    who: str
    tone: Tone
    started: datetime | None = None
    ended: datetime | None = None
    plan_from: datetime | None = None
    plan_to: datetime | None = None
    laid_from: datetime | None = None
    laid_to: datetime | None = None
    label: str = ""


@dataclass(frozen=True)
class Bar:
    """A rectangle of a row; ``css`` names its class in drawings.css."""

    x: float
    width: float
    css: str


@dataclass(frozen=True)
class Label:
    """A text; ``anchor`` is ``""`` (starts at x), ``c`` (centred) or ``e`` (ends at x)."""

    x: float
    text: str
    anchor: str = ""
    css: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the chart; ``y`` is its middle."""

    y: float
    name: str
    short_name: str
    who: str
    tone: Tone
    bars: tuple[Bar, ...]
    label: Label | None


@dataclass(frozen=True)
class Gantt:
    """Everything the template draws, in pixels of its view box."""

    width: int
    height: float
    bottom: float
    bands: tuple[Segment, ...]
    days: tuple[Label, ...]
    hours: tuple[Label, ...]
    grid: tuple[float, ...]
    rows: tuple[Row, ...]
    now_x: float | None
    now_label: str
    promise_x: float | None
    promise_label: str
    flag_left: bool
    spare: tuple[float, float, str] | None
    late: bool
    held: tuple[Bar, ...]

    @property
    def has_slipped(self) -> bool:
        """Whether a step is drawn twice: as it was laid out, and as it is expected now."""
        return any(bar.css == "laid" for row in self.rows for bar in row.bars)


def build_gantt(
    steps: Sequence[Step],
    *,
    start: datetime,
    now: datetime,
    promise: datetime | None,
    expected: datetime | None,
    is_final: bool,
    working: Sequence[Spell],
    pauses: Sequence[tuple[datetime, datetime | None]],
    words: Formats,
    says: dict[str, str],
) -> Gantt:
    """Lay out the chart. Instants are aware UTC; ``says`` holds the words ``now``, ``promise``, ``spare``, ``late``."""
    ends = [at for step in steps for at in _moments(step) if at is not None]
    busy = max([*ends, expected or start, start if is_final else now])
    # A promise that lies beyond the work by some minutes only needs a little air to its right.
    last = max(busy, promise or busy)
    end = last + max((last - start) * 0.05, timedelta(minutes=1))
    scale = build_scale(start=start, busy_until=busy, end=end, working=working, x0=LABELS_PX, x1=RIGHT_PX)
    promise_x = scale.x(promise) if promise else None
    rows = tuple(_row(step, index, scale, now, promise_x) for index, step in enumerate(steps))
    bottom = TOP_PX + ROW_PX * len(rows)
    flag = _promise_label(promise, start, words, says)
    flag_left = promise_x is not None and promise_x > LABELS_PX + 150
    return Gantt(
        width=WIDTH,
        height=bottom + STRIP_PX,
        bottom=bottom,
        bands=scale.segments,
        days=_clear_of_flag(_days(scale, words, now), promise_x, flag, flag_left),
        hours=_hours(scale, words),
        grid=_grid(scale, words),
        rows=rows,
        now_x=None if is_final else scale.x(now),
        now_label=f"{says['now']} {words.clock(now)}",
        promise_x=promise_x,
        promise_label=flag,
        flag_left=flag_left,
        spare=_spare(scale, promise, expected, words, says),
        late=promise is not None and expected is not None and expected > promise,
        held=tuple(_held(scale, spell, now) for spell in pauses),
    )


def _moments(step: Step) -> tuple[datetime | None, ...]:
    """What is drawn of a step; the plan of a step that has ended is history."""
    if step.ended is not None or step.tone == "cancelled":
        return step.started, step.ended
    return step.started, step.plan_from, step.plan_to


def _clear_of_flag(labels: tuple[Label, ...], promise_x: float | None, flag: str, flag_left: bool) -> tuple[Label, ...]:
    """Labels of days that the flag would cover are left out; the flag says its own day."""
    if promise_x is None:
        return labels
    width = text_px(flag) + 30
    left, right = (promise_x - width, promise_x) if flag_left else (promise_x, promise_x + width)
    return tuple(label for label in labels if label.x + text_px(label.text) < left or label.x > right)


def text_px(text: str) -> float:
    """About how wide a text of 12 px is drawn: ideographs are square, other letters half as wide."""
    return sum(12.0 if ord(letter) > 0x2E7F else 6.7 for letter in text)


def shortened(text: str, px: float) -> str:
    """The text, cut with an ellipsis when it is wider than ``px``."""
    if text_px(text) <= px:
        return text
    kept = text
    while kept and text_px(kept) > px - 12:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _row(step: Step, index: int, scale: TimeScale, now: datetime, promise_x: float | None) -> Row:
    bars = tuple(_bars(step, scale, now))
    return Row(
        y=TOP_PX + ROW_PX * index + ROW_PX / 2,
        name=step.name,
        short_name=shortened(step.name, NAME_PX),
        who=shortened(step.who, NAME_PX),
        tone=step.tone,
        bars=bars,
        label=_beside(step, bars, scale, promise_x) if step.label else None,
    )


def _bars(step: Step, scale: TimeScale, now: datetime) -> list[Bar]:
    if step.started is None:
        if step.plan_from is None or step.plan_to is None or step.tone == "cancelled":
            return []
        bars = [_bar(scale, step.plan_from, step.plan_to, "plan")]
        if step.laid_from is not None and step.laid_to is not None:
            bars.insert(0, _bar(scale, step.laid_from, step.laid_to, "laid"))
        return bars
    if step.ended is not None:
        css = {"failed": "g-fail", "cancelled": "g-off"}.get(step.tone, "g-done")
        return [_bar(scale, step.started, step.ended, css)]
    css = {"waiting": "g-wait", "failed": "g-fail"}.get(step.tone, "g-run")
    bars = [_bar(scale, step.started, max(now, step.started), css)]
    if step.plan_to is not None and step.plan_to > now:
        rest = scale.x(step.plan_to) - (bars[0].x + bars[0].width)
        if rest > LEAST_BAR_PX:
            bars.append(Bar(bars[0].x + bars[0].width, rest, "g-rest"))
    return bars


def _bar(scale: TimeScale, start: datetime, end: datetime, css: str) -> Bar:
    x = scale.x(start)
    width = max(scale.x(end) - x, LEAST_BAR_PX)
    return Bar(round(min(x, scale.right - width), 1), round(width, 1), css)


def _beside(step: Step, bars: Sequence[Bar], scale: TimeScale, promise_x: float | None) -> Label:
    """Where the words of a row stand: beside its bars, or in the empty one, and if possible not on the promise."""
    css = {"running": "tp", "waiting": "tw_", "failed": "tb"}.get(step.tone, "m")
    if not bars:
        return Label(scale.left + 8, step.label, "", css)
    width, last = text_px(step.label), bars[-1]
    right, left = last.x + last.width + 6, bars[0].x - 6
    places = []
    if right + width <= scale.right:
        places.append((right, right, ""))
    if last.css == "g-rest" and width + 16 <= last.width:
        places.append((last.x + 8, last.x + 8, ""))
    if left - width >= scale.left:
        places.append((left, left - width, "e"))
    places.append((scale.right - 4, scale.right - 4 - width, "e"))
    free = (place for place in places if promise_x is None or not place[1] - 4 < promise_x < place[1] + width + 4)
    x, _, anchor = next(free, places[0])
    return Label(x, step.label, anchor, css)


def _held(scale: TimeScale, spell: tuple[datetime, datetime | None], now: datetime) -> Bar:
    return _bar(scale, spell[0], spell[1] or now, "g-hold")


def _promise_label(promise: datetime | None, start: datetime, words: Formats, says: dict[str, str]) -> str:
    if promise is None:
        return ""
    same_day = words.local(promise).date() == words.local(start).date()
    return f"{says['promise']} {words.clock(promise) if same_day else words.moment(promise)}"


def _spare(
    scale: TimeScale, promise: datetime | None, expected: datetime | None, words: Formats, says: dict[str, str]
) -> tuple[float, float, str] | None:
    if promise is None or expected is None:
        return None
    low, high = sorted((scale.x(expected), scale.x(promise)))
    if high - low < 24:
        return None
    word = says["spare"] if promise >= expected else says["late"]
    return low, high, f"{word} {words.span(promise - expected)}"


def _days(scale: TimeScale, words: Formats, now: datetime) -> tuple[Label, ...]:
    labels: list[Label] = []
    seen = None
    free_from = 0.0
    for segment in scale.segments:
        at = segment.start
        while at < segment.end:
            here = words.local(at)
            x = scale.x(at)
            if segment.kind == "work" and here.date() != seen:
                seen = here.date()
                text = words.dated(at)
                if x >= free_from and x + text_px(text) <= scale.right:
                    labels.append(Label(x + 6, text, "", "bd" if here.date() == words.local(now).date() else ""))
                    free_from = x + text_px(text) + 14
            midnight = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            at = midnight.astimezone(segment.start.tzinfo)
    return tuple(labels)


def _hours(scale: TimeScale, words: Formats) -> tuple[Label, ...]:
    step = scale.step(58)
    if step >= timedelta(days=1):
        return ()
    labels: list[Label] = []
    for segment in scale.segments:
        if segment.kind != "work":
            continue
        for at in _ticks(segment, step, words):
            x = scale.x(at)
            if segment.x0 + 20 <= x <= segment.x1 - 20:
                text = f"{words.local(at):%H:%M:%S}" if step < timedelta(minutes=1) else words.clock(at)
                labels.append(Label(round(x, 1), text, "c", "m"))
    return tuple(labels)


def _grid(scale: TimeScale, words: Formats) -> tuple[float, ...]:
    step = scale.step(58)
    return tuple(
        round(scale.x(at), 1)
        for segment in scale.segments
        if segment.kind == "work"
        for at in _ticks(segment, step, words)
        if segment.x0 + 4 < scale.x(at) < segment.x1 - 4
    )


def _ticks(segment: Segment, step: timedelta, words: Formats) -> list[datetime]:
    here = words.local(segment.start)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * -(-(here - midnight) // step)
    count = int((segment.end - first) / step) + 1
    return [first + step * n for n in range(max(0, count))]
