"""What somebody types is kept while it is typed, for its owner alone, until it is sent or a month has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, InvalidInput, NotFound
from app.persistence.form_drafts import FormDraft, count_drafts_of, draft_of, drop_draft, drop_old_drafts
from app.unit_of_work import retried, transaction

#: Kind of form -> the right that who fills it in must hold.
KINDS: Final = {"order": "order.submit", "task": "item.complete"}
MOST: Final = 100
MOST_CHARS: Final = 60_000
MOST_PAIRS: Final = 400
KEPT_FOR: Final = timedelta(days=30)

Pairs = Sequence[tuple[str, str]]


@retried
def keep(kind: str, key: str, title: str, content: Pairs, actor: Actor, deps: Deps) -> datetime:
    """Save a form as it is now; returns when (aware UTC). A draft that is saved twice at once keeps one of both.

    :raises NotFound: there is no such kind of form.
    :raises Forbidden: the actor may not send such a form.
    :raises InvalidInput: it is larger than any form of ours.
    :raises Conflict: the actor has as many drafts as are kept.
    """
    if kind not in KINDS or not key or len(key) > 160:
        raise NotFound()
    may(actor, KINDS[kind])
    if len(content) > MOST_PAIRS or sum(len(name) + len(value) for name, value in content) > MOST_CHARS:
        raise InvalidInput("the draft is too large to be kept", "草稿过大，无法保存")
    try:
        return _kept(kind, key, title, content, actor, deps)
    except IntegrityError:
        # Two windows began the same draft at the same moment: now it is there.
        return _kept(kind, key, title, content, actor, deps)


def _kept(kind: str, key: str, title: str, content: Pairs, actor: Actor, deps: Deps) -> datetime:
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        draft = draft_of(session, actor.login, kind, key)
        if draft is None:
            drop_old_drafts(session, before=now - KEPT_FOR)
            if count_drafts_of(session, actor.login) >= MOST:
                raise Conflict(
                    f"you have {MOST} drafts; send or remove some first", f"您已有 {MOST} 个草稿，请先提交或删除一些"
                )
            draft = FormDraft(login=actor.login, kind=kind, key=key, title=title[:200], content=[], saved_at=now)
            session.add(draft)
        draft.title, draft.content, draft.saved_at = title[:200], [list(pair) for pair in content], now
        return now


@retried
def drop(kind: str, key: str, actor: Actor, deps: Deps) -> None:
    """Throw a draft of one's own away; nothing happens when there is none."""
    with transaction(deps.sessions) as tx:
        drop_draft(tx.session, actor.login, kind, key)
