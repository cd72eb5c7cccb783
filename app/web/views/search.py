"""What the search over everything has found."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import SlaCell, Tag, counted


@dataclass(frozen=True, kw_only=True)
class HitRow:
    """One thing that was found."""

    number: str
    href: str
    title: str
    about: str = ""
    tag: Tag | None = None
    sla: SlaCell | None = None


@dataclass(frozen=True, kw_only=True)
class HitGroup:
    """Things of one kind. ``total`` may be more than are shown; ``kind`` asks for more of them."""

    kind: str
    title: str
    icon: str
    rows: tuple[HitRow, ...]
    total: int

    @property
    def number(self) -> str:
        return counted(self.total)

    @property
    def has_more(self) -> bool:
        return self.total > len(self.rows)


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """The answer to a text; without a text only the field."""

    query: str
    only: str
    groups: tuple[HitGroup, ...]
    is_short: bool

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)
