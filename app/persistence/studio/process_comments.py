"""Comments at the elements of a drawing: remarks of designers to each other, in threads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, String, Text, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, MaybeInstant
from processes.store.base import Base, Uuid


class ProcessComment(Identified, Base):
    """One remark. The first of a thread has no ``thread_id``; it alone is settled, with all its answers.

    It belongs to a process by its ``process_key``, so that it outlives the draft it was written at, and to that draft
    while the drawing says no key. ``element_id`` is empty where the whole process is meant; ``element_name`` is what
    the element was called then. ``send_key`` is the sender's: what is sent twice is written once.
    """

    __tablename__ = "process_comment"
    __table_args__ = (UniqueConstraint("written_by", "send_key"),)

    id: Mapped[Id]
    thread_id: Mapped[str | None] = mapped_column(Uuid, index=True)
    draft_id: Mapped[str] = mapped_column(Uuid, index=True)
    process_key: Mapped[str] = mapped_column(String(120), index=True)
    element_id: Mapped[str] = mapped_column(String(200))
    element_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[Instant]
    send_key: Mapped[str] = mapped_column(String(64))
    settled_by: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[MaybeInstant]


def comments_of(session: Session, draft_id: str, process_key: str) -> Sequence[ProcessComment]:
    """Everything said at a draft or at the process it is of, the oldest first."""
    return session.scalars(_of(draft_id, process_key).order_by(ProcessComment.written_at, ProcessComment.id)).all()


def count_comments(session: Session, draft_id: str, process_key: str) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_of(draft_id, process_key).subquery())) or 0


def sent_before(session: Session, written_by: str, send_key: str) -> ProcessComment | None:
    """The remark this person has sent with that key, if it came before."""
    query = select(ProcessComment).where(ProcessComment.written_by == written_by, ProcessComment.send_key == send_key)
    return session.scalar(query)


def _of(draft_id: str, process_key: str) -> Select[ProcessComment]:
    at_draft = ProcessComment.draft_id == draft_id
    at_process = and_(ProcessComment.process_key == process_key, ProcessComment.process_key != "")
    return select(ProcessComment).where(or_(at_draft, at_process))
