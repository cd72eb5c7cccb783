"""Bearer tokens for machines: shown once, stored hashed, revocable at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.secrets_at_rest import fingerprint, new_secret
from app.persistence.people import ApiToken


def issue_token(session: Session, login: str, *, label: str, expires_at: datetime | None, id_: str) -> str:
    """Make a token for ``login`` and return it; it cannot be read again. ``expires_at`` aware UTC or None."""
    secret = new_secret()
    session.add(ApiToken(id=id_, login=login, token_hash=fingerprint(secret), label=label, expires_at=expires_at))
    return secret


def revoke_tokens(session: Session, login: str, *, now: datetime) -> None:
    """End every token of ``login`` with the next request."""
    session.execute(
        update(ApiToken).where(ApiToken.login == login, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
    )
