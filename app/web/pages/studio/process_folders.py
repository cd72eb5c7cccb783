"""The folders of the catalogue as a page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import AppError
from app.services.studio.process_folders import folders, places
from app.web.addresses import Addresses
from app.web.reader import Reader
from app.web.views.process_catalogue import FolderRow, FoldersPage


def folders_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    *,
    at: str = "",
    typed: tuple[str, str] = ("", ""),
    refused: AppError | None = None,
) -> FoldersPage:
    """Every folder; ``at`` is the one that was refused, with what was typed for it."""
    rows, inside = folders(session), list(places(session).values())
    problems = [reader.words_of(problem) for problem in refused.details] if refused else []
    return FoldersPage(
        rows=tuple(
            FolderRow(
                code=row.code,
                name=reader.said(row),
                name_zh=typed[0] if row.code == at and any(typed) else row.name_zh,
                name_en=typed[1] if row.code == at and any(typed) else row.name_en,
                count=inside.count(row.code),
                href=addresses.processes(folder=row.code),
                is_first=index == 0,
                is_last=index == len(rows) - 1,
            )
            for index, row in enumerate(rows)
        ),
        at=at,
        name_zh=typed[0] if at == "new" else "",
        name_en=typed[1] if at == "new" else "",
        problems=tuple(problems or ([refused.message(reader.language)] if refused else [])),
        may_edit=reader.may("process.edit"),
    )
