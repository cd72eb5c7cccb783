"""Drawings that are not finished: kept to be worked on, never read by the engine."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, LargeBinary, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant
from processes.store.base import Base


class ProcessDraft(Identified, Base):
    """One file as somebody left it. ``revision`` counts the times it was saved; the counts are those of its check."""

    __tablename__ = "process_draft"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    note: Mapped[str] = mapped_column(Text, default="")
    errors: Mapped[int] = mapped_column(Integer)
    warnings: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    saved_at: Mapped[Instant]
    saved_by: Mapped[str] = mapped_column(String(64))


def drafts(session: Session) -> Sequence[ProcessDraft]:
    """Every draft, the one saved last first; without their contents."""
    return session.scalars(select(ProcessDraft).order_by(ProcessDraft.saved_at.desc(), ProcessDraft.id)).all()


def count_drafts(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(ProcessDraft)) or 0
