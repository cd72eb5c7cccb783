"""Which orders wait for which: prerequisites, and what billing asks for while somebody still works on the product."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import MaybeInstant, Word
from processes.store.base import Base, rows_that


class OrderWait(Base):
    """``order_id`` begins when ``waits_for`` has ended.

    ``kind``: ``prerequisite`` (it has to be completed) or ``behind`` (any end will do). ``outcome``: the state in
    which the other order ended, once that has been noticed. ``released_at``: when the waiting order was told.
    """

    __tablename__ = "order_wait"

    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), primary_key=True)
    waits_for: Mapped[str] = mapped_column(ForeignKey("product_order.id"), primary_key=True)
    kind: Mapped[Word]
    outcome: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[MaybeInstant]
    released_at: Mapped[MaybeInstant]

    __table_args__ = (rows_that("released_at IS NULL", "ix_order_wait_open", "order_id"),)
