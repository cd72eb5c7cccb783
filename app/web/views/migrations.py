"""Migrations of running orders to another version: the plan, what a dry run says of each, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.small import Piece
from app.web.views.parts import Choice, Fault, Pages, Pair, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class MigrationRow:
    """One migration in a list."""

    href: str
    name: str
    way: str
    state: Tag
    reason: str
    who: str
    at: str
    total: int
    moved: int


@dataclass(frozen=True, kw_only=True)
class MigrationList:
    """Every migration, the newest first."""

    rows: tuple[MigrationRow, ...]
    pages: Pages


@dataclass(frozen=True, kw_only=True)
class PlanPage:
    """Planning a migration of one process. ``seen`` is the newest migration there was when the page was made."""

    key: str
    name: str
    action: str
    process_href: str
    old_versions: tuple[Choice, ...]
    new_versions: tuple[Choice, ...]
    old: str
    new: str
    reason: str
    seen: str
    faults: tuple[Fault, ...]
    error: str
    before: tuple[MigrationRow, ...]


@dataclass(frozen=True, kw_only=True)
class ClassCard:
    """One of the three classes: its name, how many, and the list of them."""

    verdict: str
    tag: Tag
    text: str
    count: int
    share: str
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One of the two drawings. ``rows``: the same as a list, name, number and where the list of them is."""

    title: str
    version: int
    source_href: str
    marks: str
    summary: str
    rows: tuple[tuple[str, int, str], ...]
    note: str


@dataclass(frozen=True, kw_only=True)
class MappingRow:
    """An element of the old version and its counterpart. ``choices`` is empty where it is only told."""

    element_id: str
    field: str
    name: str
    kind: str
    standing: int
    standing_href: str
    target: str
    target_name: str
    choices: tuple[Choice, ...]
    tag: Tag | None
    hint: str
    change_href: str


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    """Why some cannot move, in words, how many, and where they are."""

    text: str
    tag: Tag
    count: int
    href: str


@dataclass(frozen=True, kw_only=True)
class InstanceRow:
    """One order with its verdict, the reasons, what to know, and what became of it. ``may_move``: it is safe."""

    id: str
    may_move: bool
    name: str
    href: str
    verdict: Tag
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    result: Tag | None
    result_note: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the run is."""

    state: Tag
    touched: int
    total: int
    succeeded: int
    refused: int
    waiting: int
    pieces: tuple[Piece, ...]
    width: int
    run_href: str
    continue_href: str
    pause_href: str
    stop_href: str


@dataclass(frozen=True, kw_only=True)
class Head:
    """What is migrated from where to where, by whom and why."""

    href: str
    name: str
    process_href: str
    old: int
    new: int
    tag: Tag
    facts: tuple[Pair, ...]
    back_of_href: str


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What the dry run says: the classes, which add up to ``total``, and the reasons."""

    total: int
    running: int
    is_stale: bool
    is_judged: bool
    classes: tuple[ClassCard, ...]
    pieces: tuple[Piece, ...]
    width: int
    reasons: tuple[ReasonRow, ...]
    judge_href: str


@dataclass(frozen=True, kw_only=True)
class Counterparts:
    """The elements of the old version with a choice, and those that answer to themselves."""

    rows: tuple[MappingRow, ...]
    same: tuple[MappingRow, ...]
    href: str


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """Picking orders by hand: ``chosen`` has their ids and names, ``hidden`` the ids of those not in the list shown.
    ``kept``: what the list is limited to, for the form that goes there and back."""

    href: str
    chosen: tuple[Choice, ...]
    hidden: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    clear_href: str

    @property
    def ids(self) -> frozenset[str]:
        """Those that are chosen."""
        return frozenset(one.value for one in self.chosen)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Each of the orders, or some of them. ``choosing``: None where none can be picked now."""

    tabs: tuple[Tab, ...]
    filtered: str
    clear_href: str
    number: str
    show: str
    items: tuple[InstanceRow, ...]
    pages: Pages
    export_href: str
    choosing: Choosing | None


@dataclass(frozen=True, kw_only=True)
class MigrationActs:
    """What can be done now. What may not be done has an empty address."""

    progress: Progress | None
    safe: int
    pilot: int
    run_href: str
    back_href: str
    again_href: str
    polls: bool


@dataclass(frozen=True, kw_only=True)
class MigrationPage:
    """One migration."""

    head: Head
    verdicts: Verdicts
    drawings: tuple[Drawn, ...]
    counterparts: Counterparts
    listed: Listed
    acts: MigrationActs
