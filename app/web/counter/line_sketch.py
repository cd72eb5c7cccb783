"""How a product lies in the network, as a small drawing: a line from end to end, or a network with its sites.

Lengths are pixels of the drawing; it is shown at this size or smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 340
#: Of a line: where its stations stand, and what is left and right of the outer ones.
LINE_Y: Final = 34
LINE_HEIGHT: Final = 92
MARGIN: Final = 44
#: Of a star: the rows of sites.
ROW: Final = 40
FIRST_ROW: Final = 24
HUB_X: Final = 44
SITE_X: Final = 118
MOST_SITES: Final = 12
TEXT_DY: Final = 16


@dataclass(frozen=True, kw_only=True)
class Station:
    """A place or a device on the way: its name and what stands below it. ``kind``: ``end`` or ``device``."""

    name: str
    below: tuple[str, ...] = ()
    kind: str = "device"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A station that has its place. ``anchor`` is ``c`` (centred) or empty (text to the right)."""

    x: float
    y: float
    kind: str
    anchor: str
    texts: tuple[tuple[float, float, str, bool], ...]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A connection with what is written on it."""

    path: str
    label: str = ""
    x: float = 0
    y: float = 0


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """The drawing and the same in words."""

    title: str
    width: int
    height: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    words: tuple[str, ...]


def line(title: str, stations: Sequence[Station], labels: Sequence[str]) -> Sketch:
    """Stations beside each other; ``labels`` are written on the links between them, one fewer than stations."""
    step = (WIDTH - 2 * MARGIN) / max(len(stations) - 1, 1)
    xs = [MARGIN + step * place for place in range(len(stations))]
    nodes = tuple(
        Node(
            x=x,
            y=LINE_Y,
            kind=station.kind,
            anchor="c",
            texts=tuple(
                (x, LINE_Y + 22 + TEXT_DY * row, text, row == 0)
                for row, text in enumerate((station.name, *station.below))
            ),
        )
        for x, station in zip(xs, stations, strict=True)
    )
    links = tuple(
        Link(path=f"M{round(left, 1)} {LINE_Y}H{round(right, 1)}", label=label, x=(left + right) / 2, y=LINE_Y - 12)
        for left, right, label in zip(xs[:-1], xs[1:], labels, strict=True)
    )
    return Sketch(
        title=title, width=WIDTH, height=LINE_HEIGHT, nodes=nodes, links=links, words=_words(stations, labels)
    )


def star(title: str, middle: str, sites: Sequence[Station], more: str) -> Sketch:
    """Sites under each other, all connected with the middle; ``more`` is said instead of those that find no room."""
    shown = list(sites[:MOST_SITES])
    rows = [*shown, *([Station(name=more)] if len(sites) > len(shown) else [])]
    height = FIRST_ROW + ROW * max(len(rows), 1) - 8
    middle_y = FIRST_ROW + ROW * (len(rows) - 1) / 2
    nodes = [Node(x=HUB_X, y=middle_y, kind="device", anchor="c", texts=((HUB_X, middle_y + 26, middle, True),))]
    links = []
    for place, site in enumerate(rows):
        y = FIRST_ROW + ROW * place
        links.append(Link(path=f"M{HUB_X} {middle_y}C{HUB_X + 44} {middle_y} {SITE_X - 44} {y} {SITE_X} {y}"))
        texts = tuple(
            (SITE_X + 14, y + 4 + TEXT_DY * row, text, row == 0) for row, text in enumerate((site.name, *site.below))
        )
        nodes.append(Node(x=SITE_X, y=y, kind=site.kind, anchor="", texts=texts))
    return Sketch(
        title=title,
        width=WIDTH,
        height=int(height),
        nodes=tuple(nodes),
        links=tuple(links),
        words=_words([Station(name=middle), *sites], []),
    )


def _words(stations: Sequence[Station], labels: Sequence[str]) -> tuple[str, ...]:
    said = []
    for place, station in enumerate(stations):
        said.append(" · ".join((station.name, *station.below)))
        if place < len(labels) and labels[place]:
            said.append(labels[place])
    return tuple(said)
