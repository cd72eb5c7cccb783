"""Visits that were moved to another time: every move is a row, the newest one counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.promises.calendar import ZONE
from app.persistence.columns import AreaCode, Id, Identified, Instant, Word
from processes.store.base import Base


class MovedVisit(Identified, Base):
    """A visit was moved. ``booked``: the beginning as it was booked in the plan, in its own words, so that a visit that
    is booked anew later does not take over an old move. ``asked_by``: ``customer`` or ``us``; ``who``: the login, or
    ``customer`` where the customer did it."""

    __tablename__ = "moved_visit"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    booked: Mapped[str] = mapped_column(String(40))
    from_at: Mapped[Instant]
    to_at: Mapped[Instant]
    asked_by: Mapped[Word]
    who: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Instant]
    area: Mapped[AreaCode]

    @property
    def texts(self) -> tuple[str, str]:
        """Beginning and end as plans write them, Chinese time."""
        return _text(self.from_at), _text(self.to_at)


def newest_move(session: Session, order_id: str, item_id: str | None, booked: str) -> MovedVisit | None:
    """The last move of a visit that was booked for then."""
    mine = MovedVisit.order_id == order_id, MovedVisit.item_id == item_id, MovedVisit.booked == booked
    return session.scalars(select(MovedVisit).where(*mine).order_by(MovedVisit.id.desc()).limit(1)).first()


def last_move(session: Session, order_id: str, item_id: str | None) -> MovedVisit | None:
    """The last move of any visit of an item."""
    mine = MovedVisit.order_id == order_id, MovedVisit.item_id == item_id
    return session.scalars(select(MovedVisit).where(*mine).order_by(MovedVisit.id.desc()).limit(1)).first()


def _text(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat()
