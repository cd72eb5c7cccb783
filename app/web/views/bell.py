"""What the bell tells."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Tag, counted


@dataclass(frozen=True, kw_only=True)
class NewsLine:
    """One thing that happened."""

    name: str
    href: str
    text: str
    at: str
    iso: str
    tag: Tag | None = None


@dataclass(frozen=True, kw_only=True)
class NewsGroup:
    """What happened of one kind; ``all_href`` leads to the rows that ``count`` counts, where there is such a list."""

    kind: str
    title: str
    icon: str
    count: int
    lines: tuple[NewsLine, ...]
    all_href: str
    muted: bool

    @property
    def number(self) -> str:
        return counted(self.count)


@dataclass(frozen=True, kw_only=True)
class BellPage:
    """Everything that is news; ``upto`` is the instant it was looked up, which is what gets read."""

    groups: tuple[NewsGroup, ...]
    upto: str

    @property
    def heard(self) -> tuple[NewsGroup, ...]:
        return tuple(group for group in self.groups if not group.muted)

    @property
    def total(self) -> int:
        return sum(group.count for group in self.heard)

    @property
    def number(self) -> str:
        return counted(self.total)
