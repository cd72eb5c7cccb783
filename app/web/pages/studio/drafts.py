"""Drafts: rows of the catalogue, the page around the board, earlier texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.persistence.studio.drafts import ProcessDraft, texts_of
from app.services.studio.draft_locks import holder
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.processes import DraftHistory, DraftRow, EarlierText, EditorPage


def draft_rows(rows: Iterable[ProcessDraft], reader: Reader, names: Names, now: datetime) -> tuple[DraftRow, ...]:
    """Drafts as rows, in the order given."""
    found = list(rows)
    names.know_people(login for row in found for login in (row.saved_by, row.made_by, row.locked_by) if login)
    return tuple(_row(row, reader, names, now) for row in found)


def _row(row: ProcessDraft, reader: Reader, names: Names, now: datetime) -> DraftRow:
    writer = holder(row, now)
    return DraftRow(
        id=row.id,
        key=row.key,
        title=title_of(row, reader),
        name=row.name,
        note=row.note,
        kind=row.kind,
        base_version=row.base_version,
        errors=row.errors,
        warnings=row.warnings,
        saved=reader.f.moment(row.saved_at),
        by=names.person(row.saved_by),
        owner=names.person(row.made_by or row.saved_by),
        mine=(row.made_by or row.saved_by) == reader.actor.login,
        writer="" if writer is None or writer == reader.actor.login else names.person(writer),
    )


def title_of(row: ProcessDraft, reader: Reader) -> str:
    """What the file is called in the reader's language, or its name."""
    said = (row.title_en or row.title) if reader.language == "en" else (row.title or row.title_en)
    return said or row.name


def draft_board(session: Session, reader: Reader, addresses: Addresses, draft_id: str) -> EditorPage:
    """The page around the board of a draft. :raises NotFound: no such draft."""
    row = _draft(session, draft_id)
    at = f"/processes/drafts/{row.id}"
    based = bool(row.key and row.base_version)
    return EditorPage(
        kind=row.kind,
        key=row.key,
        name=title_of(row, reader),
        version=row.base_version or 0,
        file_name=row.name,
        source_href=f"{at}/source",
        back_href=addresses.version(row.key, row.base_version) if based and row.base_version else addresses.processes(),
        draft_id=row.id,
        revision=row.revision,
        deploy_href=f"{at}/deploy",
        try_href=f"{at}/try",
        compare_href=f"{at}/compare" if based else "",
    )


def draft_history(session: Session, reader: Reader, draft_id: str) -> DraftHistory:
    """The earlier texts of a draft, the newest first. :raises NotFound: no such draft."""
    row, names = _draft(session, draft_id), Names(session, reader)
    texts = texts_of(session, draft_id)
    names.know_people([row.saved_by, *(text.saved_by for text in texts)])
    source = f"/processes/drafts/{row.id}/source"
    return DraftHistory(
        id=row.id,
        title=title_of(row, reader),
        name=row.name,
        note=row.note,
        saved=reader.f.moment(row.saved_at),
        by=names.person(row.saved_by),
        revision=row.revision,
        texts=tuple(
            EarlierText(
                revision=text.revision,
                saved=reader.f.moment(text.saved_at),
                by=names.person(text.saved_by),
                source_href=f"{source}?revision={text.revision}",
            )
            for text in texts
        ),
        may_edit=reader.may("process.edit"),
    )


def _draft(session: Session, draft_id: str) -> ProcessDraft:
    row = session.get(ProcessDraft, draft_id)
    if row is None:
        raise NotFound()
    return row
