"""A process drawn with where things stand in it, and the same as a list."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Tag


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One element as a line of the list beside the drawing."""

    element_id: str
    name: str
    kind: str
    state: Tag | None
    note: str
    href: str = ""
    current: bool = False
    inner_href: str = ""
    inner_name: str = ""


@dataclass(frozen=True, kw_only=True)
class RunLink:
    """Another process of the same order."""

    name: str
    href: str
    current: bool
    bad: bool = False
    level: int = 0
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """What the viewer draws. ``marks`` is JSON by element: state, badge, title, address; see frontend/diagram.

    ``summary`` says in a sentence what the drawing shows, for those who do not see it.
    """

    title: str
    version: int
    source_href: str
    marks: str
    summary: str
    steps: tuple[StepLine, ...]
    way: tuple[RunLink, ...] = ()
    runs: tuple[RunLink, ...] = ()
    legend: tuple[Choice, ...] = ()
    tokens: int = 0
