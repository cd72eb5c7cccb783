"""Process definitions for the designer: catalogue, versions, check and deployment."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Pair, Tag


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """A file that is kept and does not run."""

    id: str
    name: str
    note: str
    errors: int
    warnings: int
    saved: str
    by: str
    key: str = ""
    title: str = ""
    kind: str = "bpmn"
    base_version: int | None = None
    #: Who made it; ``mine`` if that is the reader. ``writer``: who else is working on it at this moment.
    owner: str = ""
    mine: bool = False
    writer: str = ""


@dataclass(frozen=True, kw_only=True)
class EarlierText:
    """What a draft said before."""

    revision: int
    saved: str
    by: str
    source_href: str


@dataclass(frozen=True, kw_only=True)
class DraftHistory:
    """A draft, what it is called, and its earlier texts."""

    id: str
    title: str
    name: str
    note: str
    saved: str
    by: str
    revision: int
    texts: tuple[EarlierText, ...]
    may_edit: bool


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One version of a process."""

    version: int
    href: str
    source_href: str
    deployed: str
    by: str
    running: int
    content_hash: str
    current: bool
    live: bool = False
    #: What was said when it was deployed; when and by whom it was taken back.
    note: str = ""
    withdrawn: str = ""
    running_href: str = ""
    compare_href: str = ""
    try_href: str = ""
    heat_href: str = ""


@dataclass(frozen=True, kw_only=True)
class VersionPage:
    """One version: its picture, its steps as a list, all versions beside it."""

    key: str
    name: str
    version: int
    is_live: bool
    facts: tuple[Pair, ...]
    versions: tuple[VersionRow, ...]
    steps: tuple[tuple[str, str, str], ...]
    source_href: str
    file_name: str
    may_edit: bool
    may_deploy: bool = False
    second_person: bool = False
    folder: str = ""
    folders: tuple[Choice, ...] = ()
    drafts: tuple[DraftRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EditorPage:
    """The page around the drawing board of a draft."""

    key: str
    name: str
    version: int
    file_name: str
    source_href: str
    back_href: str
    kind: str = "bpmn"
    draft_id: str
    revision: int
    deploy_href: str
    try_href: str
    compare_href: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One finding of the check, at an element."""

    tag: Tag
    file: str
    element: str
    element_id: str
    text: str
    fix: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class CheckPage:
    """What the check said about an uploaded file, or what came of deploying it."""

    file_names: str
    findings: tuple[FindingRow, ...]
    errors: int
    warnings: int
    deployed: str
    deployed_href: str
    can_deploy: bool
