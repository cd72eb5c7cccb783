"""A page as blocks: facts, a table, forms, lines. Pages of administration are all built of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.web.views.parts import Choice, Fault, Pages, Pair, Tab, Tag

Kind = Literal["text", "area", "number", "date", "moment", "select", "checks", "check", "password", "search", "file"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to fill in. ``width`` of twelve columns; ``values`` of those with several."""

    name: str
    label: str
    kind: Kind = "text"
    value: str = ""
    values: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()
    more: tuple[Choice, ...] = ()
    """Choices that are folded away under ``more_text``, for there are many."""
    more_text: str = ""
    empty: str | None = None
    """What no choice is called; None: one has to be chosen."""
    hint: str = ""
    required: bool = False
    longest: int = 200
    least: int | None = None
    most: int | None = None
    width: int = 6
    rows: int = 3
    complete: str = ""
    error: str = ""
    readonly: bool = False


@dataclass(frozen=True, kw_only=True)
class Form:
    """Something that can be done. ``fold``: what it is called while it is folded away; "" is drawn open."""

    action: str
    submit: str
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    method: Literal["post", "get"] = "post"
    tone: Literal["", "primary", "danger"] = ""
    icon: str = ""
    fold: str = ""
    note: str = ""
    id: str = "f"
    """Comes before the ids of its fields, so that two forms of a page may ask the same."""
    has_file: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    href: str = ""
    sub: str = ""
    tag: Tag | None = None
    num: bool = False
    code: bool = False
    wrap: bool = False
    forms: tuple[Form, ...] = ()
    lang: str = ""
    """The language of what somebody else has said, where it is not the reader's."""


@dataclass(frozen=True)
class Column:
    """One column; ``num``: its cells are numbers."""

    text: str
    num: bool = False
    hidden: bool = False
    """Only said to those who listen, as over buttons."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table, or what to say where it has no rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    icon: str = "table"
    pages: Pages | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """One panel of a page. ``insert`` names a template that draws what none of the others can, from ``data``."""

    id: str
    title: str
    note: str = ""
    tag: Tag | None = None
    lines: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    grid: Grid | None = None
    forms: tuple[Form, ...] = ()
    insert: str = ""
    data: object = None
    aside: bool = False


@dataclass(frozen=True)
class Crumb:
    """Where a page lies."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class PageLink:
    """A link that looks like a button."""

    text: str
    href: str
    icon: str = ""
    primary: bool = False
    download: bool = False


@dataclass(frozen=True, kw_only=True)
class BlockPage:
    """The whole page. ``said`` is a sentence above it with its tone."""

    title: str
    about: str = ""
    crumbs: tuple[Crumb, ...] = ()
    tag: Tag | None = None
    facts: tuple[Pair, ...] = ()
    tabs: tuple[Tab, ...] = ()
    tabs_label: str = ""
    links: tuple[PageLink, ...] = ()
    search: Form | None = None
    clear: str = ""
    faults: tuple[Fault, ...] = ()
    faults_title: str = ""
    said: str = ""
    said_tone: Literal["", "ok", "warn", "bad"] = ""
    blocks: tuple[Block, ...] = field(default=())

    @property
    def main(self) -> Sequence[Block]:
        """What stands in the wide column."""
        return [block for block in self.blocks if not block.aside]

    @property
    def side(self) -> Sequence[Block]:
        """What stands beside it."""
        return [block for block in self.blocks if block.aside]
