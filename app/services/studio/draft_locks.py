"""One person at a time writes in a draft: who does, since when, and how somebody else comes to go on with it.

The lock is a courtesy with an end: whoever is not heard of for a while loses it, and it can be taken at any time.
Nothing is lost by that: what is saved stays, and a text that comes too late becomes a draft of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, DraftLocked, NotFound
from app.persistence.studio.drafts import ProcessDraft, remember
from app.unit_of_work import read, retried, transaction

#: A board says every minute that somebody sits at it; one that has not for so long has been left.
IDLE: Final = timedelta(minutes=10)
#: Whoever was asked to hand over has so long to answer.
PATIENCE: Final = timedelta(minutes=1)


def holder(draft: ProcessDraft, now: datetime) -> str | None:
    """The login of whoever writes in it; None if nobody does, or not for a long while."""
    if draft.locked_by is None or draft.lock_seen_at is None or now - draft.lock_seen_at >= IDLE:
        return None
    return draft.locked_by


def writable(draft: ProcessDraft, actor: Actor, now: datetime) -> None:
    """Pass if nobody else writes in it. :raises DraftLocked: somebody does."""
    other = holder(draft, now)
    if other is not None and other != actor.login:
        since = draft.locked_at.isoformat() if draft.locked_at else ""
        raise DraftLocked(
            f"{other} is working on this draft",
            f"{other} 正在编辑此草稿",
            facts={"locked_by": other, "locked_at": since},
        )


def hold(draft: ProcessDraft, actor: Actor, now: datetime) -> None:
    """Write that ``actor`` works on it, from now or still."""
    if holder(draft, now) != actor.login:
        draft.locked_by, draft.locked_at = actor.login, now
        draft.asked_by, draft.asked_at = None, None
    draft.lock_seen_at = now


@retried
def lock(draft_id: str, actor: Actor, deps: Deps) -> tuple[ProcessDraft, datetime]:
    """Begin to write, or say that one still does. Returns the draft and the time (aware UTC).

    :raises DraftLocked: somebody else writes in it.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft, now = locked_row(tx.session, draft_id), deps.clock(tx.session)
        writable(draft, actor, now)
        hold(draft, actor, now)
        return draft, now


def look(draft_id: str, actor: Actor, deps: Deps) -> tuple[ProcessDraft, datetime]:
    """The draft as it stands, and the time (aware UTC)."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        draft = session.get(ProcessDraft, draft_id)
        if draft is None:
            raise NotFound()
        return draft, deps.clock(session)


@retried
def ask(draft_id: str, actor: Actor, deps: Deps) -> tuple[ProcessDraft, datetime]:
    """Ask whoever writes to hand over; he sees it within a minute. One question at a time.

    :raises Conflict: somebody else has asked already.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft, now = locked_row(tx.session, draft_id), deps.clock(tx.session)
        if holder(draft, now) in (None, actor.login):
            hold(draft, actor, now)
        elif draft.asked_by != actor.login:
            if draft.asked_by is not None and draft.asked_at is not None and now - draft.asked_at < IDLE:
                raise Conflict(f"{draft.asked_by} has asked already", f"{draft.asked_by} 已先提出接手")
            draft.asked_by, draft.asked_at = actor.login, now
        return draft, now


@retried
def take(draft_id: str, actor: Actor, deps: Deps, *, force: bool = False) -> tuple[ProcessDraft, datetime]:
    """Go on instead of whoever writes: after asking without an answer for :data:`PATIENCE`, or at once.

    What is saved until then is kept as an earlier text as well.

    :raises DraftLocked: it is not free, and neither ``force`` nor an old question speaks for it.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft, now = locked_row(tx.session, draft_id), deps.clock(tx.session)
        asked = draft.asked_by == actor.login and draft.asked_at is not None and now - draft.asked_at >= PATIENCE
        if not (force or asked):
            writable(draft, actor, now)
        if holder(draft, now) not in (None, actor.login):
            remember(tx.session, draft, always=True)
            draft.lock_seen_at = None
        hold(draft, actor, now)
        return draft, now


@retried
def release(draft_id: str, actor: Actor, deps: Deps) -> tuple[ProcessDraft, datetime]:
    """Write no more; nothing happens to a lock of somebody else."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        draft, now = locked_row(tx.session, draft_id), deps.clock(tx.session)
        if draft.locked_by == actor.login:
            draft.locked_by = draft.locked_at = draft.lock_seen_at = None
        return draft, now


def locked_row(session: Session, draft_id: str) -> ProcessDraft:
    """The draft, for this transaction alone. :raises NotFound: no such draft."""
    draft = session.get(ProcessDraft, draft_id, with_for_update=True)
    if draft is None:
        raise NotFound()
    return draft
