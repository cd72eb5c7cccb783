"""Files of work items as the pages show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.teamwork.attachments import Attachment, attachments_around, attachments_of
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.attachments import removable_by
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.task import FileRow


def files_by_question(
    session: Session, item: WorkItem, names: Names, reader: Reader, addresses: Addresses
) -> Mapping[str, Sequence[FileRow]]:
    """The files of an item by the question of the form they answer; those without a question under an empty text."""
    found: dict[str, list[FileRow]] = defaultdict(list)
    for row in attachments_of(session, item.id):
        found[row.field].append(file_row(row, item, names, reader, addresses))
    return found


def files_around(
    session: Session, item: WorkItem, names: Names, reader: Reader, addresses: Addresses
) -> tuple[FileRow, ...]:
    """The files of an item and of the other items of its order or ticket, newest first."""
    rows = attachments_around(session, order_id=item.order_id, ticket_id=item.ticket_id)
    rows = rows or list(reversed(attachments_of(session, item.id)))
    others = {row.work_item_id for row in rows} - {item.id}
    items = {one.id: one for one in session.scalars(select(WorkItem).where(WorkItem.id.in_(others)))} if others else {}
    names.know_people(row.login for row in rows)
    return tuple(
        file_row(row, items.get(row.work_item_id, item), names, reader, addresses, here=item.id) for row in rows
    )


def file_row(
    row: Attachment, item: WorkItem, names: Names, reader: Reader, addresses: Addresses, *, here: str = ""
) -> FileRow:
    """One file; ``here`` is the item whose page it is on, so that files of others say where they are from."""
    href = addresses.file(row.number)
    return FileRow(
        number=row.number,
        name=row.name,
        size=size_text(row.size),
        who=names.person(row.login),
        at=reader.f.moment(row.at),
        href=href,
        show_href=f"{href}?show=1" if row.is_image else "",
        remove_href=f"{href}/remove" if removable_by(reader.actor, item, row) else "",
        step=reader.said(item, "title") if here and here != row.work_item_id else "",
    )


def size_text(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, round(size / 1024))} KB"
