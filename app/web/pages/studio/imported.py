"""The report of an import: each file, what it brought along, what the check says of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.persistence.studio.drafts import ProcessDraft
from app.services.studio.foreign_parts import foreign_parts, made_with
from app.web.pages.studio.drafts import title_of
from app.web.pages.studio.processes import finding_rows
from app.web.reader import Reader
from app.web.views.imported import ImportedFile, ImportedPage, PartRow


def imported_page(session: Session, reader: Reader, ids: Sequence[str]) -> ImportedPage:
    """The drafts of these ids that are there, in this order."""
    rows = [row for draft_id in ids if (row := session.get(ProcessDraft, draft_id)) is not None]
    return ImportedPage(files=tuple(_file(row, reader) for row in rows))


def _file(row: ProcessDraft, reader: Reader) -> ImportedFile:
    findings = finding_rows(row.findings, reader)
    return ImportedFile(
        draft_id=row.id,
        name=row.name,
        title=title_of(row, reader),
        tool=made_with(row.content),
        errors=row.errors,
        warnings=row.warnings,
        parts=tuple(
            PartRow(
                what=part.what,
                tool=part.tool.capitalize() or part.space[:80],
                count=part.count,
                places=", ".join(name or code for code, name in part.places),
                more=max(0, part.count - len(part.places)),
            )
            for part in foreign_parts(row.content)
        ),
        findings=findings,
    )
