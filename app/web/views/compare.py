"""Two versions side by side."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """One thing that differs, in words; ``before`` and ``after`` are empty where it was or is not said."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One element that differs."""

    id: str
    tag: Tag
    name: str
    kind: str
    lines: tuple[FactLine, ...]
    href: str = ""
    moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One of the two drawings."""

    title: str
    source_href: str
    marks: str


@dataclass(frozen=True, kw_only=True)
class ComparePage:
    """Both, and what differs in words."""

    title: str
    heading: str
    back_href: str
    old: Sheet
    new: Sheet
    drawn: bool
    counts: tuple[tuple[str, Tag], ...]
    changes: tuple[ChangeLine, ...]
    around: tuple[FactLine, ...]
    moves: int
    moves_shown: bool
    moves_href: str
    action: str
    kind: str
    olds: tuple[Choice, ...]
    news: tuple[Choice, ...]
    exports: tuple[Tab, ...]
    chosen: str = ""
