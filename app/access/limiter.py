"""Slows down guessing: failed logins are counted per login and address, and per address alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.errors import TooMany
from app.persistence.people import LoginAttempt

# One address may stand for an office, so it gets more tries than one login from it.
ADDRESS_FACTOR: Final = 5
MAX_LOGIN_CHARS: Final = 64


def check_attempts(session: Session, login: str, address: str, *, settings: Settings, now: datetime) -> None:
    """Pass unless too many tries failed lately.

    :raises TooMany: with the seconds until the window has moved on.
    """
    since = now - timedelta(minutes=settings.login_window_min)
    failed = select(func.count()).where(
        LoginAttempt.at > since, LoginAttempt.succeeded.is_(False), LoginAttempt.address == address
    )
    by_login = session.scalar(failed.where(LoginAttempt.login == login[:MAX_LOGIN_CHARS])) or 0
    by_address = session.scalar(failed) or 0
    if by_login >= settings.login_max_failures or by_address >= ADDRESS_FACTOR * settings.login_max_failures:
        raise TooMany(retry_after_s=60 * settings.login_window_min)


def record_attempt(session: Session, login: str, address: str, *, succeeded: bool, now: datetime, id_: str) -> None:
    """Write down one try; a success forgives the failures of that login from that address."""
    login = login[:MAX_LOGIN_CHARS]
    session.add(LoginAttempt(id=id_, login=login, address=address, succeeded=succeeded, at=now))
    if succeeded:
        session.execute(
            delete(LoginAttempt).where(
                LoginAttempt.login == login, LoginAttempt.address == address, LoginAttempt.succeeded.is_(False)
            )
        )


def forget_old_attempts(session: Session, *, now: datetime) -> None:
    """Drop what no longer counts."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - timedelta(days=1)))
