"""Requests that were answered already: the same key gets the same answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Instant
from processes.store.base import Base, JsonDoc


class IdempotentRequest(Base):
    """One ``Idempotency-Key`` of one client on one route, with the hash of its body and our answer."""

    __tablename__ = "idempotent_request"

    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    route: Mapped[str] = mapped_column(String(120), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    response: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    at: Mapped[Instant] = mapped_column(index=True)


def forget_requests(session: Session, *, before: datetime) -> int:
    """Forget the answers given before an instant (aware UTC): nobody repeats a request days later. Returns how many."""
    old = delete(IdempotentRequest).where(IdempotentRequest.at < before).returning(IdempotentRequest.key)
    return len(session.execute(old.execution_options(synchronize_session=False)).all())
