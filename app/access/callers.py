"""Finds out who is calling: a bearer token, a session cookie, or nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from app.access.secrets_at_rest import fingerprint
from app.config import Settings
from app.domain.actors import Actor
from app.errors import Unauthenticated
from app.persistence.people import ApiToken, StaffRow, User, WebSession, actor_of, staff, staff_of
from processes.clock import Clock
from processes.store.rows import table_of
from processes.store.sentences import Sentence

DEMO_TOKEN_PREFIX: Final = "demo-"  # noqa: S105  a prefix, not a secret
MAX_TOKEN_CHARS: Final = 256


class Holding(NamedTuple):
    """Until when a token is good."""

    expires_at: datetime | None
    revoked_at: datetime | None


class LoggedIn(NamedTuple):
    """A session of a browser."""

    id: str
    csrf_token: str
    last_seen_at: datetime
    expires_at: datetime


def _by_fingerprint(entity: type[ApiToken] | type[WebSession], names: Iterable[str]) -> Sentence:
    """The staff behind a fingerprint, and what ``names`` says of it."""

    def build() -> Select[*tuple[Any, ...]]:
        table = table_of(entity)
        found = staff(*(table.c[name] for name in names))
        return found.join(table, table.c.login == table_of(User).c.login).where(
            table.c.token_hash == bindparam("token_hash")
        )

    return Sentence(build)


HOLDERS: Final = _by_fingerprint(ApiToken, Holding._fields)
LOGGED_IN: Final = _by_fingerprint(WebSession, LoggedIn._fields)
STAFF_WIDTH: Final = len(StaffRow._fields)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is calling, how we know and since when (aware UTC). ``csrf_token`` and ``session_id`` only for a browser
    session, which ends at ``ends_at`` if nobody does anything. ``must_change``: with a temporary password, which is
    changed before anything else is done."""

    actor: Actor
    by: Literal["token", "session"]
    at: datetime
    session_id: str = ""
    csrf_token: str = ""
    last_seen_at: datetime | None = None
    ends_at: datetime | None = None
    must_change: bool = False


def caller_by_token(session: Session, token: str, *, settings: Settings, clock: Clock) -> Caller:
    """The holder of a bearer token.

    In demo mode ``demo-<login>`` is that login, allowed to act for every team and area.

    :raises Unauthenticated: unknown, expired, revoked, or its user is switched off.
    """
    if not token or len(token) > MAX_TOKEN_CHARS:
        raise Unauthenticated()
    if token.startswith(DEMO_TOKEN_PREFIX):
        if not settings.demo:
            raise Unauthenticated()  # everybody knows them, whatever rows a demonstration has left behind
        people = staff_of(session, token.removeprefix(DEMO_TOKEN_PREFIX))
        if not people:
            raise Unauthenticated()
        return Caller(actor=_demo_actor(people), by="token", at=_time(people, clock))
    found = HOLDERS.all(session, token_hash=fingerprint(token))
    people = [StaffRow(*row[:STAFF_WIDTH]) for row in found]
    if not people:
        raise not_valid()
    now, holding = _time(people, clock), Holding(*found[0][STAFF_WIDTH:])
    if holding.revoked_at is not None or (holding.expires_at is not None and holding.expires_at <= now):
        raise not_valid()
    return Caller(actor=_actor(people), by="token", at=now)


def not_valid() -> Unauthenticated:
    """What the bearer of a token that is no good is told."""
    return Unauthenticated("The token is not known, or no longer valid", "令牌无效或已过期")


def caller_by_cookie(session: Session, cookie: str, *, settings: Settings, clock: Clock) -> Caller | None:
    """The user of a browser session; None when it is unknown, idle for too long, or too old."""
    if not cookie or len(cookie) > MAX_TOKEN_CHARS:
        return None
    found = LOGGED_IN.all(session, token_hash=fingerprint(cookie))
    people = [StaffRow(*row[:STAFF_WIDTH]) for row in found]
    if not people or not people[0].active:
        return None
    now, login = _time(people, clock), LoggedIn(*found[0][STAFF_WIDTH:])
    ends_at = min(login.expires_at, login.last_seen_at + timedelta(minutes=settings.session_idle_min))
    if ends_at <= now:
        return None
    return Caller(
        actor=_actor(people),
        by="session",
        at=now,
        session_id=login.id,
        csrf_token=login.csrf_token,
        last_seen_at=login.last_seen_at,
        ends_at=ends_at,
        must_change=people[0].password_until is not None,
    )


def _time(people: Sequence[StaffRow], clock: Clock) -> datetime:
    return clock.told(people[0].database_time, people[0].offset_s)


def _demo_actor(people: Sequence[StaffRow]) -> Actor:
    actor = _actor(people, demo_any_team=True)
    return replace(actor, area_path=actor.area_path.split("/", 1)[0])


def _actor(people: Sequence[StaffRow], *, demo_any_team: bool = False) -> Actor:
    if not people[0].active:
        raise Unauthenticated("This user is switched off", "该用户已停用")
    try:
        return actor_of(people, demo_any_team=demo_any_team)
    except LookupError as problem:
        raise Unauthenticated() from problem
