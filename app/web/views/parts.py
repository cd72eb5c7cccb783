"""Records that several pages share: tags, SLA cells, station lines, tabs, paging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Tone = Literal["", "run", "ok", "warn", "bad"]
StopKind = Literal["done", "here", "next", "wait", "fail"]
MOST_STOPS = 8
STOP_PX = 13


@dataclass(frozen=True)
class Tag:
    """A status: word, icon and tone say the same thing three times."""

    text: str
    icon: str
    tone: Tone = ""


@dataclass(frozen=True)
class SlaCell:
    """Time left of a promise. ``tone`` is empty, ``risk``, ``late`` or ``held``; ``used_px`` of a bar of 72."""

    text: str
    tone: str = ""
    icon: str = ""
    used_px: int = 0
    title: str = ""


@dataclass(frozen=True)
class StationLine:
    """Progress as a line with stops, and where it stands in words."""

    stops: tuple[StopKind, ...]
    text: str

    @property
    def width(self) -> int:
        return STOP_PX * max(len(self.stops), 1) + 1

    def x(self, index: int) -> int:
        """The middle of a stop, in pixels."""
        return 7 + STOP_PX * index

    @property
    def reached(self) -> int:
        """The index of the last stop that the line has come to."""
        done = [index for index, stop in enumerate(self.stops) if stop != "next"]
        return done[-1] if done else 0


@dataclass(frozen=True)
class Pair:
    """A label and its value; ``code`` writes the value in the fixed-width face.

    ``reveal`` names the field of which ``value`` is the masked form.
    """

    label: str
    value: str
    code: bool = False
    href: str = ""
    reveal: str = ""


#: So many rows are counted; of more, pages say that there are more.
COUNTED_AT_MOST: Final = 1000


def counted(number: int) -> str:
    """A number of rows as pages say it."""
    return f"{COUNTED_AT_MOST}+" if number >= COUNTED_AT_MOST else str(number)


@dataclass(frozen=True)
class Tab:
    """One tab or filter with its count."""

    text: str
    href: str
    current: bool
    count: int | None = None
    bad: bool = False

    @property
    def number(self) -> str:
        """The count as it is shown."""
        return "" if self.count is None else counted(self.count)


@dataclass(frozen=True)
class Pages:
    """Which rows are shown, and where the others are."""

    first: int
    last: int
    total: int
    before: str = ""
    after: str = ""

    @property
    def number(self) -> str:
        """The total as it is shown."""
        return counted(self.total)

    @classmethod
    def of(cls, address: Callable[[int], str], *, offset: int, shown: int, total: int, size: int) -> Pages:
        """Where the other rows are. ``address``: of the page that begins after so many rows; ``size``: most a page has.

        Where counting stopped early, a full page may have another after it.
        """
        upto = offset + shown
        goes_on = shown == size and (upto < total or total >= COUNTED_AT_MOST)
        return cls(
            first=offset + 1 if shown else 0,
            last=upto,
            total=total,
            before=address(max(0, offset - size)) if offset else "",
            after=address(offset + size) if goes_on else "",
        )


@dataclass(frozen=True)
class Choice:
    """One value of a select or radio."""

    value: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Fault:
    """A problem of a form; ``field`` is the id of the input it belongs to, or empty; ``href`` where more is told."""

    field: str
    text: str
    href: str = ""


def station_line(stops: Sequence[StopKind], text: str) -> StationLine:
    """A line of at most eight stops: more work orders than that share stops, but none that is open gets lost."""
    if len(stops) <= MOST_STOPS:
        return StationLine(tuple(stops), text)
    order: tuple[StopKind, ...] = ("fail", "wait", "here", "next", "done")
    shared: list[StopKind] = []
    for index in range(MOST_STOPS):
        part = stops[index * len(stops) // MOST_STOPS : (index + 1) * len(stops) // MOST_STOPS]
        shared.append(next(kind for kind in order if kind in part))
    return StationLine(tuple(shared), text)
