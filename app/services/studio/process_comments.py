"""Comments of designers at a draft: written, answered, settled and opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_comments import ProcessComment, comments_of, count_comments, sent_before
from app.unit_of_work import read, retried, transaction

LONGEST: Final = 2000
MOST: Final = 1000


@dataclass(frozen=True)
class Thread:
    """A remark and the answers to it, the oldest first."""

    first: ProcessComment
    answers: tuple[ProcessComment, ...]


def threads(session: Session, draft_id: str) -> tuple[Thread, ...]:
    """All threads at a draft and at its process, the oldest first. :raises NotFound: no such draft."""
    draft = _draft(session, draft_id)
    rows = comments_of(session, draft.id, draft.key)
    return tuple(
        Thread(row, tuple(one for one in rows if one.thread_id == row.id)) for row in rows if row.thread_id is None
    )


def listed(draft_id: str, actor: Actor, deps: Deps) -> tuple[Thread, ...]:
    """All threads at a draft. :raises NotFound: no such draft."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return threads(session, draft_id)


def write(
    draft_id: str,
    text: str,
    actor: Actor,
    deps: Deps,
    *,
    send_key: str,
    element_id: str = "",
    element_name: str = "",
    thread_id: str | None = None,
) -> ProcessComment:
    """Write a remark at an element, or an answer in a thread; sent again with the same key it is the same one.

    :raises NotFound: no such draft, or no such thread at it.
    :raises InvalidInput: nothing is said, it is too long, or the key is missing.
    :raises Conflict: there are as many as are kept.
    """
    may(actor, "process.edit")
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise InvalidInput(f"text: 1 to {LONGEST} characters", f"批注内容应为 1 到 {LONGEST} 个字")
    if not send_key or len(send_key) > 64:
        raise InvalidInput("key: 1 to 64 characters", "key 应为 1 到 64 个字符")
    try:
        return _written(draft_id, said, actor, deps, send_key, element_id[:200], element_name[:200], thread_id)
    except IntegrityError:  # the same remark came twice at the same moment
        with read(deps.read_sessions) as session:
            row = sent_before(session, actor.login, send_key)
        if row is None:
            raise
        return row


@retried
def _written(
    draft_id: str,
    said: str,
    actor: Actor,
    deps: Deps,
    send_key: str,
    element_id: str,
    element_name: str,
    thread_id: str | None,
) -> ProcessComment:
    with transaction(deps.sessions) as tx:
        draft = _draft(tx.session, draft_id)
        if before := sent_before(tx.session, actor.login, send_key):
            return before
        if count_comments(tx.session, draft.id, draft.key) >= MOST:
            raise Conflict(f"there are {MOST} comments already", f"已有 {MOST} 条批注")
        if thread_id is not None:
            first = _thread(tx.session, draft, thread_id)
            element_id, element_name = first.element_id, first.element_name
        row = ProcessComment(
            thread_id=thread_id,
            draft_id=draft.id,
            process_key=draft.key,
            element_id=element_id,
            element_name=element_name,
            text=said,
            written_by=actor.login,
            written_at=deps.clock(tx.session),
            send_key=send_key,
        )
        tx.session.add(row)
        return row


@retried
def settle(draft_id: str, thread_id: str, actor: Actor, deps: Deps, *, settled: bool) -> ProcessComment:
    """Say that a thread is dealt with, or open it again. :raises NotFound: no such thread at this draft."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        row = _thread(tx.session, _draft(tx.session, draft_id), thread_id)
        if settled != (row.settled_at is not None):
            row.settled_by = actor.login if settled else None
            row.settled_at = deps.clock(tx.session) if settled else None
        return row


def people_in(given: Sequence[Thread]) -> set[str]:
    """The logins of all who have said something."""
    rows = [row for thread in given for row in (thread.first, *thread.answers)]
    return {login for row in rows for login in (row.written_by, row.settled_by) if login}


def _draft(session: Session, draft_id: str) -> ProcessDraft:
    draft = session.get(ProcessDraft, draft_id)
    if draft is None:
        raise NotFound()
    return draft


def _thread(session: Session, draft: ProcessDraft, thread_id: str) -> ProcessComment:
    row = session.get(ProcessComment, thread_id, with_for_update=True)
    belongs = row is not None and (row.draft_id == draft.id or (draft.key != "" and row.process_key == draft.key))
    if row is None or not belongs or row.thread_id is not None:
        raise NotFound()
    return row
