"""Logging in and out: a server-side session, a new one at every login."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from flask import request
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.access.callers import Caller
from app.access.cookies import Cookie, plan_cookie
from app.access.limiter import MAX_LOGIN_CHARS, check_attempts, forget_old_attempts, record_attempt
from app.access.passwords import is_password_of
from app.access.secrets_at_rest import fingerprint, new_secret
from app.access.state import SESSION_COOKIE, current_caller, current_deps, current_now, set_caller
from app.deps import Deps
from app.domain.actors import Actor
from app.errors import LoginRefused
from app.observability import metrics_of_request
from app.persistence.people import User, WebSession, actor_of, staff_of
from app.unit_of_work import read, transaction

DEMO_PASSWORD: Final = "demo"  # noqa: S105  refused in production
TOUCH_AFTER: Final = timedelta(seconds=60)


def log_in(login: str, password: str) -> Actor:
    """Check the password and open a session for this browser; the cookie is set on the answer.

    :raises LoginRefused: the same for a wrong password, an unknown login and a user switched off.
    :raises TooMany: too many wrong tries lately.
    """
    if "\x00" in login or len(login) > MAX_LOGIN_CHARS:
        raise LoginRefused()  # nobody is called that, and a database would choke on it
    deps, now, address = current_deps(), current_now(), request.remote_addr or ""
    with read(deps.read_sessions) as session:
        check_attempts(session, login, address, settings=deps.live.now, now=now)
        user = session.get(User, login)
        stored = user.password_hash if user is not None and _may_enter(user, now) else None
    fits = is_password_of(stored, password)
    if deps.settings.is_production and password == DEMO_PASSWORD:
        fits = False
    with transaction(deps.sessions) as tx:
        record_attempt(tx.session, login, address, succeeded=fits, now=now, id_=deps.new_id())
        caller = _open(tx.session, login, deps=deps, now=now) if fits else None
    metrics_of_request().logins.labels("refused" if caller is None else "accepted").inc()
    if caller is None:
        raise LoginRefused()
    set_caller(caller)
    return caller.actor


def _may_enter(user: User, now: datetime) -> bool:
    """Whether the user is active, and a temporary password has not run out."""
    return user.active and (user.password_until is None or user.password_until > now)


def log_out() -> None:
    """End the session of this browser, if there is one."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie:
        with transaction(current_deps().sessions) as tx:
            tx.session.execute(delete(WebSession).where(WebSession.token_hash == fingerprint(cookie)))
    plan_cookie(Cookie(name=SESSION_COOKIE, value=None))
    set_caller(None)


def touch(caller: Caller, *, after: timedelta = TOUCH_AFTER) -> None:
    """Note that the session is in use; at most once a minute, so that reading pages does not write."""
    deps, now = current_deps(), current_now()
    if caller.last_seen_at is None or now - caller.last_seen_at < after:
        return
    with transaction(deps.sessions) as tx:
        mine = update(WebSession).where(WebSession.id == caller.session_id).values(last_seen_at=now)
        expires_at = tx.session.scalar(mine.returning(WebSession.expires_at))
    if expires_at is not None:
        ends_at = min(expires_at, now + timedelta(minutes=deps.settings.session_idle_min))
        set_caller(replace(caller, last_seen_at=now, ends_at=ends_at))


def keep_language(language: str) -> None:
    """Remember with the person which language was chosen, for browsers that do not know yet."""
    caller = current_caller()
    if caller is None or caller.by != "session" or caller.actor.language == language:
        return
    with transaction(current_deps().sessions) as tx:
        mine = update(User).where(User.login == caller.actor.login)
        tx.session.execute(mine.values(language=language).execution_options(synchronize_session=False))
    set_caller(replace(caller, actor=replace(caller.actor, language=language)))


def stay_logged_in() -> None:
    """Somebody says that he or she is still there; the session lasts as after any other click."""
    caller = current_caller()
    if caller is not None and caller.by == "session":
        touch(caller, after=timedelta(0))


def seconds_left() -> int | None:
    """How long the session of this browser lasts if nobody does anything; None where there is no such session."""
    caller = current_caller()
    if caller is None or caller.ends_at is None:
        return None
    return max(0, int((caller.ends_at - current_now()).total_seconds()))


def _open(session: Session, login: str, *, deps: Deps, now: datetime) -> Caller:
    # The cookie the browser came with is never used again: nobody can plant one before login.
    old = request.cookies.get(SESSION_COOKIE)
    gone = WebSession.expires_at <= now
    session.execute(delete(WebSession).where(gone | (WebSession.token_hash == fingerprint(old)) if old else gone))
    forget_old_attempts(session, now=now)
    secret, csrf = new_secret(), new_secret()
    row = WebSession(
        id=deps.new_id(),
        login=login,
        token_hash=fingerprint(secret),
        csrf_token=csrf,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=deps.live.now.session_max_h),
    )
    session.add(row)
    people = staff_of(session, login)
    plan_cookie(Cookie(name=SESSION_COOKIE, value=secret, max_age_s=3600 * deps.live.now.session_max_h))
    return Caller(
        actor=actor_of(people),
        by="session",
        at=now,
        session_id=row.id,
        csrf_token=csrf,
        last_seen_at=now,
        must_change=people[0].password_until is not None,
    )
