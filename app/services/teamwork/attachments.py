"""Files of work items: taken in once, looked at by who sees the item, removed by who attached them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.files.kinds import Taken, taken
from app.domain.forms import form_fields
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import Conflict, Forbidden, InvalidInput, KeyReused, NotFound, TooLarge
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.attachments import (
    Attachment,
    AttachmentContent,
    attachment_sent_as,
    attachments_of,
    content_of,
    get_attachment,
    numbered_so_far,
)
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.work_list import found_item, locked, own_item
from app.unit_of_work import read, retried, transaction

#: Files of one work item.
MOST: Final = 40
MOST_KEY: Final = 128
FILE_KINDS: Final = frozenset({"photo", "file"})


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file as it comes in. ``field`` is the question of the form it answers, or empty; ``key`` names this sending."""

    name: str
    content: bytes
    field: str = ""
    key: str = ""


@dataclass(frozen=True)
class Handed:
    """A file to be handed out."""

    attachment: Attachment
    content: bytes


def attach(item_id: str, sent: Sent, actor: Actor, deps: Deps) -> Attachment:
    """Keep a file with a work item the actor has claimed. What was sent before (the same key, or the same bytes for
    the same field) is not kept twice: the first one is returned, also when it has been removed meanwhile.

    :raises NotFound: no such work item in the caller's area.
    :raises Conflict: somebody else has the item, it is closed, or it has as many files as are kept.
    :raises TooLarge, UnsupportedMedia: the file itself.
    :raises KeyReused: the key came with another file before.
    :raises InvalidInput: the form has no such field for files.
    """
    may(actor, "item.complete")
    limit = deps.settings.max_attachment_bytes
    if len(sent.content) > limit:
        megabytes = f"{limit / 1_048_576:g}"
        raise TooLarge(f"a file has at most {megabytes} MB", f"单个文件不超过 {megabytes} MB")
    if len(sent.key) > MOST_KEY:
        raise InvalidInput("the key is too long", "key 过长")
    file = taken(sent.name, sent.content)
    return _kept(item_id, sent, hashlib.sha256(sent.content).hexdigest(), file, actor, deps)


@retried
def _kept(item_id: str, sent: Sent, sha256: str, file: Taken, actor: Actor, deps: Deps) -> Attachment:
    with transaction(deps.sessions) as tx:
        session = tx.session
        item, now = found_item(session, item_id, actor, "item.complete", deps)
        item = locked(session, item.id)
        before = _sent_before(session, item, sent, sha256, actor)
        if before is not None:
            return before
        own_item(item, actor)
        _check_field(session, item, sent.field)
        if len(attachments_of(session, item.id)) >= MOST:
            raise Conflict(f"a work item has at most {MOST} files", f"一条待办最多 {MOST} 个文件")
        row = Attachment(
            number=f"{item.number}-{numbered_so_far(session, item.id) + 1}",
            work_item_id=item.id,
            order_id=item.order_id,
            ticket_id=item.ticket_id,
            field=sent.field,
            name=file.name,
            media_type=file.media_type,
            size=len(file.content),
            width=file.size[0] if file.size else None,
            height=file.size[1] if file.size else None,
            sent_sha256=sha256,
            sent_key=sent.key or None,
            login=actor.login,
            at=now,
            area=item.area,
        )
        session.add(row)
        session.flush()
        session.add(AttachmentContent(attachment_id=row.id, content=file.content))
    return row


def _sent_before(session: Session, item: WorkItem, sent: Sent, sha256: str, actor: Actor) -> Attachment | None:
    if sent.key:
        row = attachment_sent_as(session, actor.login, sent.key)
        if row is not None and (row.sent_sha256 != sha256 or row.work_item_id != item.id):
            raise KeyReused("this key came with another file before", "该 key 已用于另一个文件")
        return row
    same = (row for row in attachments_of(session, item.id) if row.sent_sha256 == sha256 and row.field == sent.field)
    return next((row for row in same if row.login == actor.login), None)


def _check_field(session: Session, item: WorkItem, field: str) -> None:
    if field and field not in file_fields((form_schema(session, item.form_key) if item.form_key else None) or {}):
        raise InvalidInput(f"the form has no field {field} for files", f"表单没有附件栏 {field}")


@retried
def remove(number: str, actor: Actor, deps: Deps) -> Attachment:
    """Take a file away again: who attached it, while he or she has the item. Its bytes are gone for good.

    :raises NotFound: there is none in the caller's area.
    :raises Forbidden: somebody else has attached it.
    :raises Conflict: the item is not the actor's any more.
    """
    may(actor, "item.complete")
    with transaction(deps.sessions) as tx:
        session = tx.session
        row = get_attachment(session, actor, number)
        if row.login != actor.login:
            raise Forbidden("only who attached a file removes it", "只有上传人可以删除该文件")
        own_item(locked(session, row.work_item_id), actor)
        row.removed_at = deps.clock(session)
        gone = delete(AttachmentContent).where(AttachmentContent.attachment_id == row.id)
        session.execute(gone.execution_options(synchronize_session=False))
    return row


def handed_out(number: str, actor: Actor, deps: Deps) -> Handed:
    """A file with its bytes, for who may see the work item. :raises NotFound: there is none in the caller's area."""
    may(actor, "item.view")
    with read(deps.read_sessions) as session:
        row = get_attachment(session, actor, number)
        return Handed(row, content_of(session, row.id))


def removable_by(actor: Actor, item: WorkItem, row: Attachment) -> bool:
    """Whether :func:`remove` would do it."""
    mine = item.claimed_by == actor.login and WorkItemState(item.state) in WORK_ITEM_OPEN
    return mine and row.login == actor.login and row.work_item_id == item.id


def file_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the questions of a form that files answer."""
    return frozenset(field.key for field in form_fields(schema) if field.kind in FILE_KINDS and not field.disabled)


def answers_with_files(
    session: Session, item: WorkItem, schema: Mapping[str, Any], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers, the files of each question among them by number."""
    keys = file_fields(schema)
    if not keys:
        return dict(answers)
    found: dict[str, Any] = dict(answers)
    for row in attachments_of(session, item.id):
        if row.field in keys:
            told = found.get(row.field) or []
            told = [told] if isinstance(told, str) else list(told)
            found[row.field] = told if row.number in told else [*told, row.number]
    return found


def get_item_of(number: str, actor: Actor, deps: Deps) -> str:
    """The number of the work item a file belongs to. :raises NotFound: no such file in the caller's area."""
    with read(deps.read_sessions) as session:
        row = get_attachment(session, actor, number)
        item = session.get(WorkItem, row.work_item_id)
        if item is None:
            raise NotFound()
        return item.number
