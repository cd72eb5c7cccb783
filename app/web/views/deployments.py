"""Check and deploy: the report, requests that wait, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Fault, Tag


@dataclass(frozen=True, kw_only=True)
class GroupCell:
    """One of the five parts: its name, what it comes to, a figure and a sentence."""

    name: str
    tag: Tag
    figure: str
    text: str


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One thing found. ``field`` is the name of the note that has to be written, empty where a note does not help."""

    tag: Tag
    file: str
    element: str
    text: str
    fix: str
    rule: str
    href: str = ""
    field: str = ""
    note: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """One thing that gets a version."""

    kind: str
    name: str
    key: str
    version: str
    text: str
    running: tuple[tuple[str, int], ...] = ()
    compare_href: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case and how it came out; ``of``: whose it is, where that is not among what is deployed."""

    name: str
    of: str
    tag: Tag
    problem: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class ReferenceLine:
    """Something the drawings name."""

    kind: str
    name: str
    code: str
    version: str
    used: int


@dataclass(frozen=True, kw_only=True)
class UndoRow:
    """A step and what takes it back."""

    step: str
    href: str
    tag: Tag
    by: str
    point: Tag | None = None
    tried: Tag | None = None


@dataclass(frozen=True, kw_only=True)
class ForecastLine:
    """What a migration of running instances would say."""

    name: str
    text: str
    running: int
    shares: tuple[tuple[str, int, str], ...]
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class OtherDraft:
    """A draft that can be deployed together with this one."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReportPanels:
    """What a report says."""

    groups: tuple[GroupCell, ...]
    to_do: tuple[FindingLine, ...]
    said: tuple[FindingLine, ...]
    parts: tuple[PartLine, ...]
    cases: tuple[CaseRow, ...]
    cases_tag: Tag | None
    left_out: tuple[str, ...]
    references: tuple[ReferenceLine, ...]
    undo: tuple[UndoRow, ...]
    forecasts: tuple[ForecastLine, ...]


@dataclass(frozen=True, kw_only=True)
class ReportPage(ReportPanels):
    """Everything that is known before deploying, and the form."""

    title: str
    heading: str
    action: str
    board_href: str
    compare_href: str
    checked: str
    others: tuple[OtherDraft, ...]
    button: str
    why_not: str
    may_deploy: bool
    second_person: bool
    way_back: bool
    token: str
    seen: str
    release_note: str = ""
    when: str = "now"
    at: str = ""
    at_fault: str = ""
    zone: str = ""
    waiting_href: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """One request in the list."""

    href: str
    what: str
    tag: Tag
    asked: str
    by: str
    when: str
    note: str


@dataclass(frozen=True, kw_only=True)
class RequestList:
    """What waits, and what was."""

    waiting: tuple[RequestRow, ...]
    past: tuple[RequestRow, ...]


@dataclass(frozen=True, kw_only=True)
class RequestPage:
    """One request with everything that was looked at."""

    title: str
    tag: Tag
    said: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[PartLine, ...]
    warnings: tuple[FindingLine, ...]
    files: tuple[tuple[str, str, str], ...]
    release_note: str
    may_decide: bool
    may_withdraw: bool
    why_not: str = ""
    report: ReportPanels | None = None
    since: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
