"""Repairs that wait for a second person, and those that were decided on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.repair_requests import RequestState, next_state
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Record, Word
from processes.store.base import Base, Uuid

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder


class RepairRequest(Identified, Base):
    """Somebody asks for a repair that a second person has to agree to.

    ``subject``: id of the incident to skip, of the instance of which a token is moved, or of the tree to cancel.
    ``how``: what is needed to carry it out exactly as it was looked at, digest of the plan included.
    """

    __tablename__ = "repair_request"
    __table_args__ = (
        # The same thing is asked for once at a time, however often the form is sent.
        Index(
            "uq_repair_request_waiting",
            "act",
            "subject",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index("ix_repair_request_order_id", "order_id"),
    )

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"))
    act: Mapped[Word]
    subject: Mapped[str] = mapped_column(Uuid)
    instance_id: Mapped[str] = mapped_column(Uuid)
    element_id: Mapped[str] = mapped_column(String(255), default="")
    how: Mapped[Record]
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[Word] = mapped_column(default=RequestState.WAITING)
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[MaybeInstant]
    note: Mapped[str] = mapped_column(String(500), default="")
    area: Mapped[AreaCode]
    version: Mapped[int] = mapped_column(Integer, default=1)

    order: Mapped[ProductOrder] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state == RequestState.WAITING

    def decide(self, state: RequestState, who: str, note: str, at: datetime) -> None:
        """Change the state. :raises IllegalTransition: it was decided on already."""
        self.state = next_state(RequestState(self.state), state)
        self.decided_by, self.decided_at, self.note = who, at, note[:500]
