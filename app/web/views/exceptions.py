"""Exceptions by cause, and bulk runs with what became of each."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.small import Piece
from app.web.views.parts import Pages, Tab, Tag
from app.web.views.repair import RequestLine


@dataclass(frozen=True, kw_only=True)
class CauseRow:
    """One cause with everything that has it."""

    key: str
    name: str
    code: str
    said: str
    where: str
    count: int
    orders: int
    since: str
    owner: str
    advice: str
    retry_href: str
    rows: tuple[CaseRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One order that is stuck."""

    name: str
    href: str
    repair_href: str
    where: str
    said: str
    opened: str


@dataclass(frozen=True, kw_only=True)
class ExceptionsPage:
    """All causes in the reader's area, the largest first."""

    causes: tuple[CauseRow, ...]
    waiting: tuple[RequestLine, ...]
    total: int
    open_cause: str
    may_retry: bool


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One bulk run and how far it is."""

    id: str
    href: str
    kind: str
    state: Tag
    who: str
    begun: str
    reason: str
    total: int
    waiting: int
    under_way: int
    succeeded: int
    failed: int
    refused: int
    pieces: tuple[Piece, ...]
    width: int
    pause_href: str = ""
    resume_href: str = ""
    stop_href: str = ""
    rerun_href: str = ""


@dataclass(frozen=True, kw_only=True)
class RunItemRow:
    """What became of one subject."""

    name: str
    href: str
    state: Tag
    note: str
    at: str


@dataclass(frozen=True, kw_only=True)
class RunList:
    """The runs of the reader's area, the newest first."""

    rows: tuple[RunRow, ...]
    pages: Pages


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """One run, row by row."""

    run: RunRow
    items: tuple[RunItemRow, ...]
    pages: Pages
    tabs: tuple[Tab, ...]
