"""Drafts in the catalogue of processes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.persistence.drafts import drafts
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.processes import DraftRow


def draft_rows(session: Session, reader: Reader, names: Names) -> tuple[DraftRow, ...]:
    """Every draft, the one saved last first."""
    rows = drafts(session)
    names.know_people(row.saved_by for row in rows)
    return tuple(
        DraftRow(
            id=row.id,
            name=row.name,
            note=row.note,
            errors=row.errors,
            warnings=row.warnings,
            saved=reader.f.moment(row.saved_at),
            by=names.person(row.saved_by),
        )
        for row in rows
    )
