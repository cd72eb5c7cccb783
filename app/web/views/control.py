"""The control room: the promises of the day, where time is spent, neighbours and teams."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.bars import Bars
from app.web.charts.burndown import Burndown
from app.web.charts.small import Piece
from app.web.views.parts import Tag


@dataclass(frozen=True, kw_only=True)
class Number:
    """A large number; it links to exactly so many rows."""

    key: str
    text: str
    value: str
    href: str = ""
    icon: str = ""
    tone: str = ""
    css: str = ""


@dataclass(frozen=True, kw_only=True)
class NeighbourCard:
    """How a neighbour is doing."""

    name: str
    state: Tag
    note: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """What a team has open; the levels are 0 to 5 of the heat."""

    name: str
    href: str
    cells: tuple[tuple[int, int], ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class ControlRoom:
    """Everything on the page."""

    numbers: tuple[Number, ...]
    others: tuple[Number, ...]
    shares: tuple[Piece, ...]
    shares_width: int
    shares_text: str
    burndown: Burndown | None
    burndown_text: str
    burndown_rows: tuple[tuple[str, str, str], ...]
    bars: Bars | None
    neighbours: tuple[NeighbourCard, ...]
    teams: tuple[TeamRow, ...]
    at_risk_href: str
    at_risk: int
