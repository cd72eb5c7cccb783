"""The report of an import."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.processes import FindingRow


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One kind of part that is not ours: what it is called in the file, whose it is, how often and where it occurs."""

    what: str
    tool: str
    count: int
    places: str
    more: int


@dataclass(frozen=True, kw_only=True)
class ImportedFile:
    """One file, kept as a draft."""

    draft_id: str
    name: str
    title: str
    tool: str
    errors: int
    warnings: int
    parts: tuple[PartRow, ...]
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, kw_only=True)
class ImportedPage:
    """Every file of one import."""

    files: tuple[ImportedFile, ...]
