"""Trouble tickets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.promises.ticket_lifecycle import FINAL, TicketState, next_state
from app.domain.words import Words
from app.persistence.audit import HasHistory, OrderEvent
from app.persistence.columns import AreaCode, EngineId, Id, Identified, Instant, MaybeInstant, Word
from processes.store.base import Base

if TYPE_CHECKING:
    from app.persistence.promises.sla_clocks import SlaClock
    from app.persistence.teamwork.work_items import WorkItem


class TroubleTicket(Identified, HasHistory, Base):
    """Something does not work: found by our own test, or reported by a customer."""

    __tablename__ = "trouble_ticket"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    far_ticket_no: Mapped[str | None] = mapped_column(String(40), index=True)
    external_id: Mapped[str | None] = mapped_column(String(64))
    client: Mapped[str] = mapped_column(String(64), default="system")
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    product_id: Mapped[str | None] = mapped_column(String(32), index=True)
    product: Mapped[str | None] = mapped_column(String(64))
    customer_no: Mapped[str | None] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    address_code: Mapped[str | None] = mapped_column(ForeignKey("address.code"))
    area: Mapped[AreaCode]
    ticket_type: Mapped[Word] = mapped_column(default="fault")
    severity: Mapped[Word] = mapped_column(default="normal")
    description: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[Word] = mapped_column(default=TicketState.ACKNOWLEDGED)
    opened_at: Mapped[Instant]
    resolved_at: Mapped[MaybeInstant]
    closed_at: Mapped[MaybeInstant]
    cause: Mapped[str | None] = mapped_column(String(200))
    process_instance_id: Mapped[EngineId]
    source: Mapped[Word] = mapped_column(default="customer")
    version: Mapped[int] = mapped_column(Integer, default=1)

    work_items: Mapped[list[WorkItem]] = relationship(back_populates="ticket", order_by="WorkItem.number")
    clocks: Mapped[list[SlaClock]] = relationship(back_populates="ticket", order_by="SlaClock.id")
    events: Mapped[list[OrderEvent]] = relationship(order_by=OrderEvent.seq)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        UniqueConstraint("client", "external_id"),
        Index("ix_trouble_ticket_area_opened", "area", "opened_at"),
    )

    @property
    def business_key(self) -> str:
        """The name under which the engine knows this ticket."""
        return f"ticket:{self.id}"

    @property
    def is_final(self) -> bool:
        return TicketState(self.state) in FINAL

    def move_to(self, state: TicketState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state and write who did it, when and why. The only way a state changes.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        current, wanted = TicketState(self.state), TicketState(state)
        if current is wanted:
            return
        self.state = next_state(current, wanted)
        if wanted is TicketState.RESOLVED:
            self.resolved_at = at
        elif wanted is TicketState.IN_PROGRESS:
            self.resolved_at = None
        elif wanted in FINAL:
            self.closed_at = at
        self.record("state", why, who, at, from_state=current, to_state=wanted)

    def history_of(self) -> dict[str, str]:
        return {"ticket_id": self.id}
