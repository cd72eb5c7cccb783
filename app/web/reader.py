"""Who reads the page, when, and in which language: handed to everything that builds a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import g

from app.access import current_actor, current_deps, current_language, current_now
from app.domain.actors import Actor, can
from app.domain.words import Words
from app.errors import FieldProblem
from app.web.formats import Formats
from app.web.texts import Texts


@dataclass(frozen=True)
class Reader:
    """The person in front of the screen. ``now`` is an aware UTC instant, read once per request."""

    actor: Actor
    language: str
    now: datetime
    zone: str = "Asia/Shanghai"
    is_demo: bool = False

    @cached_property
    def t(self) -> Texts:
        """Says a sentence in the reader's language."""
        return Texts(self.language)

    @cached_property
    def f(self) -> Formats:
        """Writes times, spans and money."""
        return Formats(self.language, ZoneInfo(self.zone))

    def said(self, row: object, name: str = "name") -> str:
        """The bilingual column pair ``<name>_zh`` / ``<name>_en`` of a row; the other language if one is empty."""
        zh, en = getattr(row, f"{name}_zh"), getattr(row, f"{name}_en")
        return str((en or zh) if self.language == "en" else (zh or en))

    def said_in(self, row: Mapping[str, Any], name: str = "name") -> str:
        """The same for a mapping."""
        zh, en = row.get(f"{name}_zh") or "", row.get(f"{name}_en") or ""
        return str((en or zh) if self.language == "en" else (zh or en))

    def words(self, words: Words | str) -> str:
        """A bilingual text of the domain."""
        return Words.of(words).in_language(self.language)

    def words_of(self, problem: FieldProblem) -> str:
        """What is wrong with a field."""
        return problem.en if self.language == "en" else problem.zh

    def may(self, action: str) -> bool:
        """Whether the reader's role includes the action; the service has the last word."""
        return can(self.actor, action)

    def time(self, at: datetime | None) -> str:
        """A moment for tables, or a dash."""
        return self.f.moment(at) if at else "–"


def current_reader() -> Reader:
    """The reader of this request; somebody must be logged in."""
    found = g.get("yizhan_reader")
    if not isinstance(found, Reader):
        settings = current_deps().settings
        found = g.yizhan_reader = Reader(
            current_actor(), current_language(), current_now(), settings.time_zone, settings.demo
        )
    return found
