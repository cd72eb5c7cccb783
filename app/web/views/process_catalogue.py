"""The catalogue of processes, and what runs on a version."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.small import Piece
from app.web.views.parts import Choice, Pages, Tab
from app.web.views.processes import DraftRow


@dataclass(frozen=True, kw_only=True)
class RunningPart:
    """How many instances run on one version, and where they are listed."""

    version: int
    count: int
    href: str


@dataclass(frozen=True, kw_only=True)
class ProcessRow:
    """One process. ``failed`` of ``begun`` in the last seven days had an incident; ``rate`` says that as a share.

    ``own_draft``: the reader's latest draft of it; ``can_go_on``: it may be edited from here.
    """

    key: str
    name: str
    href: str
    products: str
    folder: str
    version: int
    archived: bool
    deployed: str
    by: str
    running: tuple[RunningPart, ...]
    pieces: tuple[Piece, ...]
    total: int
    total_href: str
    drafts: tuple[DraftRow, ...]
    own_draft: str
    begun: int
    failed: int
    rate: str
    rate_href: str
    compare_href: str
    try_href: str

    @property
    def bar_text(self) -> str:
        return ", ".join(f"v{part.version}: {part.count}" for part in self.running)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Some processes, the folders they lie in, and every draft that fits."""

    rows: tuple[ProcessRow, ...]
    folders: tuple[Tab, ...]
    folder: str
    query: str
    pages: Pages
    drafts: tuple[DraftRow, ...]
    drafts_total: int
    all_drafts_href: str
    choices: tuple[Choice, ...]
    may_edit: bool
    is_archive: bool


@dataclass(frozen=True, kw_only=True)
class RunningRow:
    """One instance that has not ended."""

    name: str
    href: str
    version: int
    state: str
    area: str
    since: str


@dataclass(frozen=True, kw_only=True)
class RunningPage:
    """What runs on a process, or on one version of it."""

    key: str
    name: str
    version: int | None
    versions: tuple[Tab, ...]
    rows: tuple[RunningRow, ...]
    pages: Pages


@dataclass(frozen=True, kw_only=True)
class FolderRow:
    """A folder with how many processes lie in it."""

    code: str
    name: str
    name_zh: str
    name_en: str
    count: int
    href: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class FoldersPage:
    """Every folder; what was typed for ``at`` (a code, or ``new``) and what is wrong with it."""

    rows: tuple[FolderRow, ...]
    at: str = ""
    name_zh: str = ""
    name_en: str = ""
    problems: tuple[str, ...] = ()
    may_edit: bool = False
