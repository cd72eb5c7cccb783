"""Who lets an order stand still, why and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Word
from processes.store.base import Base, JsonDoc, rows_that


class OrderHold(Identified, Base):
    """One hold. ``kind``: ``customer`` or ``ours``; ``note``: the evidence, or what we say to it; ``until_at``: when it
    ends by itself; ``frozen``: the work stands still for it; ``kept``: number of a reservation -> ISO instant until
    which it was prolonged meanwhile."""

    __tablename__ = "order_hold"
    __table_args__ = (rows_that("ended_at IS NULL", "ix_order_hold_open", "until_at", "order_id"),)

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    kind: Mapped[Word]
    reason: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    until_at: Mapped[MaybeInstant]
    frozen: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[dict[str, Any]] = mapped_column(JsonDoc, default=dict)
    ended_at: Mapped[MaybeInstant]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    area: Mapped[AreaCode]

    def end(self, who: str, at: datetime) -> None:
        """It is over; again changes nothing."""
        if self.ended_at is None:
            self.ended_at, self.ended_by = at, who
