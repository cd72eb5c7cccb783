"""Promises that were broken, each with the cause that somebody has to name before it is closed."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Word
from processes.store.base import Base, rows_that


class SlaBreach(Identified, Base):
    """A broken promise to somebody outside, one per clock: ``open`` until a cause is named, then ``closed``; or
    ``fallen``, because the clock was counted again and the promise was kept."""

    __tablename__ = "sla_breach"

    id: Mapped[Id]
    clock_id: Mapped[str] = mapped_column(ForeignKey("sla_clock.id"), unique=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    kind: Mapped[Word]
    due_at: Mapped[Instant]
    opened_at: Mapped[Instant]
    state: Mapped[Word] = mapped_column(default="open")
    cause: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[MaybeInstant]
    area: Mapped[AreaCode]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (rows_that("state = 'open'", "ix_sla_breach_open", "area", "opened_at"),)
