"""The frame around every page: bar, rail, status bar."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.notices import Notice
from app.web.views.parts import counted


@dataclass(frozen=True)
class Link:
    """One entry of the rail."""

    text: str
    href: str
    icon: str
    current: bool
    count: int | None = None
    go: str = ""
    """The letter that opens it after ``g``."""


@dataclass(frozen=True)
class LinkGroup:
    """A titled part of the rail."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the base template shows around the page."""

    language: str
    home: str
    account: str = ""
    search: str
    query: str
    area: str
    person: str
    role: str
    queue_href: str
    queue_count: int
    help_href: str
    other_language_href: str
    logout: str
    navigation: tuple[LinkGroup, ...]
    notice: Notice | None
    now_iso: str
    now_text: str
    #: Seconds until the session ends if nobody does anything.
    session_left: int
    demo_scale: str
    sheets: tuple[str, ...]
    scripts: tuple[str, ...]
    designer_sheets: tuple[str, ...]
    designer_scripts: tuple[str, ...]

    @property
    def queue_number(self) -> str:
        """How much work waits, as the bar shows it."""
        return counted(self.queue_count)
