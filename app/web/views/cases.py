"""The cases of a process for a page: what each expects, and how it went."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Tag


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case or sample. ``state`` how it went the last time; ``problem`` where it first went otherwise."""

    id: str
    name: str
    about: str
    origin: str
    state: Tag | None
    at: str
    problem: str
    problem_href: str
    expected: str
    try_href: str
    run_href: str
    remove_href: str
    is_of_draft: bool


@dataclass(frozen=True, kw_only=True)
class CasesPage:
    """The whole page."""

    key: str
    name: str
    tag: Tag | None
    back_href: str
    cases: tuple[CaseRow, ...]
    samples: tuple[CaseRow, ...]
    run_href: str
    take_href: str
    file_href: str
    draft_id: str
    passed: int
    failed: int
    never_run: int
    may_edit: bool
    order_fault: str = ""
    order: str = ""
