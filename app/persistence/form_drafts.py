"""Forms that somebody has begun to fill in and not sent yet: only their owner sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, Records, Word
from processes.store.base import Base


class FormDraft(Identified, Base):
    """One form as it was left. ``content`` holds pairs of name and value as the browser would send them."""

    __tablename__ = "form_draft"
    __table_args__ = (UniqueConstraint("login", "kind", "key"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    #: What the form is about, within its kind: the number of a work item, what an order is for.
    key: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[Records]
    saved_at: Mapped[Instant] = mapped_column(index=True)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The content as pairs."""
        return [(str(name), str(value)) for name, value in self.content]


def draft_of(session: Session, login: str, kind: str, key: str) -> FormDraft | None:
    """The draft somebody has of one form."""
    return session.scalars(
        select(FormDraft).where(FormDraft.login == login, FormDraft.kind == kind, FormDraft.key == key)
    ).one_or_none()


def drafts_of(session: Session, login: str, kind: str) -> Sequence[FormDraft]:
    """All drafts somebody has of one kind, the one saved last first."""
    own = select(FormDraft).where(FormDraft.login == login, FormDraft.kind == kind)
    return session.scalars(own.order_by(FormDraft.saved_at.desc(), FormDraft.id)).all()


def count_drafts_of(session: Session, login: str) -> int:
    """How many drafts of any kind somebody has."""
    return session.scalar(select(func.count()).where(FormDraft.login == login)) or 0


def drop_draft(session: Session, login: str, kind: str, key: str) -> None:
    """Throw a draft away; nothing happens when there is none."""
    own = (FormDraft.login == login, FormDraft.kind == kind, FormDraft.key == key)
    session.execute(delete(FormDraft).where(*own).execution_options(synchronize_session=False))


def drop_old_drafts(session: Session, *, before: datetime) -> None:
    """Throw away drafts that were last saved before an instant (aware UTC)."""
    session.execute(delete(FormDraft).where(FormDraft.saved_at < before).execution_options(synchronize_session=False))
