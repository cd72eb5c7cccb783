"""Sheets of orders: the list of them, and one with its grid."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.small import Piece
from app.web.views.parts import Choice, Fault, Pages, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One sheet in the list."""

    number: str
    href: str
    file_name: str
    state: Tag
    lines: int
    good: int
    bad: int
    placed: int
    refused: int
    who: str
    at: str


@dataclass(frozen=True, kw_only=True)
class SheetList:
    """The sheets of the reader's area, and how to bring another one."""

    rows: tuple[SheetRow, ...]
    pages: Pages
    may_upload: bool
    products: tuple[Choice, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of the grid. ``name`` of its input where it can be mended now; ``was``: what it held when drawn."""

    heading: str
    text: str
    note: str = ""
    name: str = ""
    was: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One line. ``problems``: those that belong to no cell, in words."""

    number: int
    state: Tag
    problems: tuple[str, ...]
    cells: tuple[Cell, ...]
    order_number: str = ""
    order_href: str = ""
    edit_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the good lines have become orders."""

    state: Tag
    done: int
    total: int
    placed: int
    refused: int
    waiting: int
    pieces: tuple[Piece, ...]
    width: int
    pause_href: str
    resume_href: str
    stop_href: str


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """A sheet with a part of its lines. ``twin``: number of the sheet that was the same file and was submitted."""

    row: SheetRow
    headings: tuple[str, ...]
    lines: tuple[LineRow, ...]
    tabs: tuple[Tab, ...]
    pages: Pages
    progress: Progress | None
    mend_href: str
    submit_href: str
    errors_href: str
    has_inputs: bool
    is_moving: bool
    faults: tuple[Fault, ...] = ()
    twin: str = ""
    twin_href: str = ""
