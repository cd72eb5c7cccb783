"""What people call the thing that a broken rule is about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.services.ordering.subject_names import names_of


def name_of(session: Session, business_key: str, otherwise: str) -> str:
    """Order number with item, or ticket number; ``otherwise`` where there is no key."""
    return names_of(session, [business_key])[business_key] or otherwise
