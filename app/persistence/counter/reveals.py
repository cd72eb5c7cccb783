"""Who looked at a customer's personal data in full, and why: written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, String, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.actors import Actor
from app.persistence.columns import AreaCode, Id, Identified, Instant, Word
from app.persistence.scope import scoped
from processes.store.base import Base


class Reveal(Identified, Base):
    """One value shown to one person once. The value itself is not kept here."""

    __tablename__ = "reveal"
    __table_args__ = (Index("ix_reveal_login", "login", "at"), Index("ix_reveal_customer", "customer_no", "at"))

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    #: Of the customer, so that the auditors of that area see the line.
    area: Mapped[AreaCode]
    customer_no: Mapped[str] = mapped_column(String(32))
    field: Mapped[Word]
    reason: Mapped[str] = mapped_column(String(200))


def reveals_since(session: Session, login: str, since: datetime) -> int:
    """How often somebody has looked since an instant (aware UTC)."""
    return session.scalar(select(func.count()).where(Reveal.login == login, Reveal.at >= since)) or 0


def list_reveals(
    session: Session, actor: Actor, *, login: str | None, customer_no: str | None, offset: int, limit: int
) -> tuple[Sequence[Reveal], int]:
    """Lines about customers of the actor's area, the latest first, and how many there are."""
    query = scoped(select(Reveal), Reveal, actor)
    if login is not None:
        query = query.where(Reveal.login == login)
    if customer_no is not None:
        query = query.where(Reveal.customer_no == customer_no)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    latest = query.order_by(Reveal.at.desc(), Reveal.id.desc())
    return session.scalars(latest.offset(offset).limit(limit)).all(), total


@event.listens_for(Reveal, "before_update")
@event.listens_for(Reveal, "before_delete")
def _refuse_change(_mapper: object, _connection: object, row: Reveal) -> None:
    raise TypeError(f"the audit is only ever added to; line {row.id} cannot be changed or removed")
