"""The audit: who looked at what, who repaired what, who was refused what."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Pages, Tab


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One line: when, who, what was done to what, and why."""

    at: str
    who: str
    what: str
    about: str
    href: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """One of the four books, the newest line first."""

    tabs: tuple[Tab, ...]
    book: str
    login: str
    people: tuple[Choice, ...]
    lines: tuple[AuditLine, ...]
    pages: Pages
    export_href: str
