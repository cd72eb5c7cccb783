"""News for processes: what came in and what became of it, sending it by hand, and having it looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, NotFound
from app.persistence.areas import area_path, top_area
from app.persistence.scope import within
from app.unit_of_work import retried, transaction
from processes.lifecycle import InboxState
from processes.store.jobs import InboxMessage

RIGHT: Final = "incident.retry"
#: News that nobody took, or that could not be used.
LYING: Final = (InboxState.UNMATCHED, InboxState.IGNORED, InboxState.EXPIRED)


def list_news(
    session: Session, actor: Actor, filters: Mapping[str, Any], *, offset: int, limit: int
) -> tuple[Sequence[InboxMessage], int]:
    """One page of news, newest first, and how many there are. Filters: ``state``, ``kind``, ``name``, ``key``."""
    query = _seen_by(session, actor)
    for name, value in filters.items():
        if value is not None:
            query = query.where(getattr(InboxMessage, name) == value)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(InboxMessage.id).subquery())) or 0
    newest = query.order_by(InboxMessage.received_at.desc(), InboxMessage.id.desc())
    return session.scalars(newest.offset(offset).limit(limit)).all(), total


@retried
def send(kind: str, given: Mapping[str, Any], actor: Actor, deps: Deps) -> InboxMessage:
    """Keep a message, signal or facts in the name of a person; the same id again is the first one.

    :raises NotFound: there is no such area.
    :raises Forbidden: the caller may not act there.
    """
    with transaction(deps.sessions) as tx:
        area = given["area"] or actor.area
        path = area_path(tx.session, area)
        if path is None:
            raise NotFound()
        may(actor, RIGHT, area_path=path)
        common = {
            "source": f"user:{actor.login}"[:60],
            "event_id": given["id"],
            "payload": given["payload"],
            "now": deps.clock(tx.session),
            "area": area,
        }
        if kind == "message":
            minutes = given["ttl_minutes"]
            ttl = timedelta(minutes=minutes) if minutes else None
            kept = deps.engine.receive_message(tx.session, name=given["name"], key=given["key"], ttl=ttl, **common)
        elif kind == "signal":
            kept = deps.engine.receive_signal(tx.session, name=given["name"], **common)
        else:
            facts = {**common, "facts": common["payload"]}
            del facts["payload"]
            kept = deps.engine.receive_facts(tx.session, **facts)
        tx.after_commit.append(deps.wake)
    return kept


@retried
def look_again(news_id: str, actor: Actor, deps: Deps) -> InboxMessage:
    """Let a worker look at news again that nobody took or that could not be used, with a fresh time to live.

    :raises NotFound: no such news in the caller's area.
    :raises Conflict: it has been delivered, or is being looked at.
    """
    with transaction(deps.sessions) as tx:
        found = _seen_by(tx.session, actor).where(InboxMessage.id == news_id).with_for_update()
        news = tx.session.scalars(found).first()
        if news is None:
            raise NotFound()
        may(actor, RIGHT, area_path=area_path(tx.session, news.area or top_area(tx.session)))
        if news.state not in LYING:
            raise Conflict(f"this news is {news.state}", f"该消息状态为 {news.state}")
        now = deps.clock(tx.session)
        news.expires_at = now + max(news.expires_at - news.received_at, timedelta(minutes=1))
        news.state, news.handled_at, news.note, news.attempts = InboxState.RECEIVED, None, None, 0
        news.job_id = news.lease_until = news.lease_owner = None
        tx.after_commit.append(deps.wake)
    return news


def _seen_by(session: Session, actor: Actor) -> Select[InboxMessage]:
    """News of the caller's area; what names no area is for the headquarters."""
    mine = within(InboxMessage.area, actor)
    if actor.area_path == area_path(session, top_area(session)):
        mine = or_(mine, InboxMessage.area.is_(None))
    return select(InboxMessage).where(mine)
