"""Amendments of orders: what was asked, what it was judged to mean, who agreed, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.amending.amendments import AmendmentState, next_amendment_state
from app.domain.words import Words
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Record, Records, Word
from app.persistence.ordering.orders import ProductOrder
from processes.store.base import Base


class Amendment(Identified, Base):
    """One amendment. ``changes``: as asked; ``shown``: the preview that was confirmed; ``waits_for``: ids of the
    renewals that are not through; ``seq``: its number within the order, from 1."""

    __tablename__ = "order_amendment"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    seq: Mapped[int] = mapped_column(Integer)
    state: Mapped[Word]
    reason: Mapped[str] = mapped_column(String(500), default="")
    changes: Mapped[Records]
    shown: Mapped[Record]
    waits_for: Mapped[Records]
    fee_cny: Mapped[str] = mapped_column(String(20), default="0.00")
    requested_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[MaybeInstant]
    area: Mapped[AreaCode]

    order: Mapped[ProductOrder] = relationship()

    def move_to(self, state: AmendmentState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state; the line goes into the history of the order.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        current = AmendmentState(self.state)
        if current is state:
            return
        self.state = next_amendment_state(current, state)
        if state not in (AmendmentState.AWAITING_APPROVAL, AmendmentState.IN_PROGRESS):
            self.ended_at = at
        detail = {"amendment_id": self.id, "seq": self.seq}
        self.order.record("amendment_state", why, who, at, from_state=current, to_state=state, detail=detail)
