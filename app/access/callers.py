"""Finds out who is calling: a bearer token, a session cookie, or nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from app.access.secrets_at_rest import fingerprint
from app.config import Settings
from app.domain.actors import Actor
from app.errors import Unauthenticated
from app.persistence.people import STAFF, ApiToken, User, WebSession, actor_of

DEMO_TOKEN_PREFIX: Final = "demo-"  # noqa: S105  a prefix, not a secret
MAX_TOKEN_CHARS: Final = 256
HOLDERS: Final = STAFF.add_columns(ApiToken.expires_at, ApiToken.revoked_at).join(
    ApiToken, ApiToken.login == User.login
)
LOGGED_IN: Final = STAFF.add_columns(
    WebSession.id.label("session_id"), WebSession.csrf_token, WebSession.last_seen_at, WebSession.expires_at
).join(WebSession, WebSession.login == User.login)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is calling and how we know. ``csrf_token`` and ``session_id`` only for a browser session."""

    actor: Actor
    by: Literal["token", "session"]
    session_id: str = ""
    csrf_token: str = ""
    last_seen_at: datetime | None = None


def caller_by_token(session: Session, token: str, *, settings: Settings, now: datetime) -> Caller:
    """The holder of a bearer token.

    In demo mode ``demo-<login>`` is that login, allowed to act for every team and area.

    :raises Unauthenticated: unknown, expired, revoked, or its user is switched off.
    """
    if not token or len(token) > MAX_TOKEN_CHARS:
        raise Unauthenticated()
    if token.startswith(DEMO_TOKEN_PREFIX):
        if not settings.demo:
            raise Unauthenticated()  # everybody knows them, whatever rows a demonstration has left behind
        return Caller(actor=_demo_actor(session, token.removeprefix(DEMO_TOKEN_PREFIX)), by="token")
    rows = session.execute(HOLDERS.where(ApiToken.token_hash == fingerprint(token))).all()
    if not rows or rows[0].revoked_at is not None or (rows[0].expires_at is not None and rows[0].expires_at <= now):
        raise Unauthenticated("The token is not known, or no longer valid", "令牌无效或已过期")
    return Caller(actor=_actor(rows), by="token")


def caller_by_cookie(session: Session, cookie: str, *, settings: Settings, now: datetime) -> Caller | None:
    """The user of a browser session; None when it is unknown, idle for too long, or too old."""
    if not cookie or len(cookie) > MAX_TOKEN_CHARS:
        return None
    rows = session.execute(LOGGED_IN.where(WebSession.token_hash == fingerprint(cookie))).all()
    if not rows or not rows[0].active or rows[0].expires_at <= now:
        return None
    row = rows[0]
    if row.last_seen_at + timedelta(minutes=settings.session_idle_min) <= now:
        return None
    return Caller(
        actor=_actor(rows),
        by="session",
        session_id=row.session_id,
        csrf_token=row.csrf_token,
        last_seen_at=row.last_seen_at,
    )


def _demo_actor(session: Session, login: str) -> Actor:
    rows = session.execute(STAFF.where(User.login == login)).all()
    if not rows:
        raise Unauthenticated()
    actor = _actor(rows, demo_any_team=True)
    return replace(actor, area_path=actor.area_path.split("/", 1)[0])


def _actor(rows: Sequence[Any], *, demo_any_team: bool = False) -> Actor:
    if not rows[0].active:
        raise Unauthenticated("This user is switched off", "该用户已停用")
    try:
        return actor_of(rows, demo_any_team=demo_any_team)
    except LookupError as problem:
        raise Unauthenticated() from problem
