"""The heat map of a process: where time goes, where it jams, where it fails."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.diagram import Diagram
from app.web.views.parts import Choice, Pair, Tab


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """One element of the table. Numbers are texts as they are shown; ``level`` is 0 to 5."""

    element_id: str
    name: str
    kind: str
    href: str
    current: bool
    level: int
    now: str
    now_href: str
    count: str
    median: str
    p90: str
    wait: str
    work: str
    failed: str
    late: str


@dataclass(frozen=True, kw_only=True)
class StandingRow:
    """One order that stands at the chosen element."""

    name: str
    href: str
    since: str


@dataclass(frozen=True, kw_only=True)
class HeatPage:
    """The page for one process, or without one the choice of a process.

    ``basis``: a sentence that says what the figures rest on. ``scale``: the five steps with their least value.
    """

    processes: tuple[Choice, ...]
    process: str
    versions: tuple[Choice, ...]
    version: str
    periods: tuple[Choice, ...]
    period: str
    modes: tuple[Tab, ...]
    mode: str
    mode_text: str
    basis: str
    diagram: Diagram | None
    scale: tuple[tuple[int, str], ...]
    rows: tuple[HeatRow, ...]
    chosen: HeatRow | None
    standing: tuple[StandingRow, ...]
    standing_total: int
    pair: tuple[str, str]
    pair_text: str
    pair_facts: tuple[Pair, ...]
    steps: tuple[Choice, ...]
    export_href: str
