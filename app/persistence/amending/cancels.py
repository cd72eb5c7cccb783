"""Requests to cancel an order (TMF622 cancelProductOrder)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.teamwork.work_lifecycle import CancelState, next_cancel_state
from app.domain.words import Words
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Word
from processes.store.base import Base, JsonDoc

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder


class CancelRequest(Identified, Base):
    """Somebody asks to cancel an order. ``done`` means answered; what became of the order, the order says.

    ``assessment``: what it was judged to undo and to cost, when it was asked for; none of requests before there were
    any. ``approver``: the role that has to agree. While that is waited for the request is ``acknowledged``, and
    ``frozen`` if the plan stands still for it.
    """

    __tablename__ = "cancel_request"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    state: Mapped[Word] = mapped_column(default=CancelState.ACKNOWLEDGED)
    reason: Mapped[str] = mapped_column(String(500), default="")
    requested_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    ended_at: Mapped[MaybeInstant]
    message: Mapped[str] = mapped_column(String(500), default="")
    area: Mapped[AreaCode]
    assessment: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    fee_cny: Mapped[str | None] = mapped_column(String(20))
    approver: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    frozen: Mapped[bool | None]

    order: Mapped[ProductOrder] = relationship(back_populates="cancel_requests")

    @property
    def awaits_approval(self) -> bool:
        """Whether somebody still has to agree."""
        return bool(self.approver) and self.state == CancelState.ACKNOWLEDGED

    def move_to(self, state: CancelState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state; the line goes into the history of the order.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        current, wanted = CancelState(self.state), CancelState(state)
        if current is wanted:
            return
        self.state = next_cancel_state(current, wanted)
        if wanted in (CancelState.DONE, CancelState.TERMINATED_WITH_ERROR):
            self.ended_at = at
            self.message = Words.of(why).zh[:500]
        self.order.record(
            "cancel_state", why, who, at, from_state=current, to_state=wanted, detail={"cancel_request_id": self.id}
        )
