"""What happened to an order or a ticket: written once, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, event
from sqlalchemy.orm import Mapped, mapped_column, object_session

from app.domain.words import Words
from app.persistence.columns import AreaCode, Instant, Record, Word
from processes.ids import uuid7
from processes.store.base import Base, Uuid
from processes.store.rows import Rows


class OrderEvent(Base):
    """One line of the history of an order or a ticket.

    ``seq`` rises over the whole installation, so sorting by it gives the order in which things were recorded.
    """

    __tablename__ = "order_event"

    # The database counts: two workers writing about one order need no shared counter.
    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Uuid, unique=True, default=uuid7)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"))
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"))
    area: Mapped[AreaCode]
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    from_state: Mapped[str | None] = mapped_column(String(40))
    to_state: Mapped[str | None] = mapped_column(String(40))
    why_zh: Mapped[str] = mapped_column(String(500), default="")
    why_en: Mapped[str] = mapped_column(String(500), default="")
    detail: Mapped[Record]

    __table_args__ = (
        Index("ix_order_event_order", "order_id", "seq"),
        Index("ix_order_event_ticket", "ticket_id", "seq"),
    )


def new_event(
    *,
    kind: str,
    area: str,
    who: str,
    why: Words | str,
    at: datetime,
    order_id: str | None = None,
    ticket_id: str | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    detail: dict[str, Any] | None = None,
) -> OrderEvent:
    """A line for the history; ``at`` is an aware UTC instant."""
    words = Words.of(why)
    return OrderEvent(
        id=uuid7(),
        order_id=order_id,
        ticket_id=ticket_id,
        area=area,
        at=at,
        who=who,
        kind=kind,
        from_state=from_state,
        to_state=to_state,
        why_zh=words.zh[:500],
        why_en=words.en[:500],
        detail=detail or {},
    )


class HasHistory:
    """Something that writes down what happens to it: an order, a ticket."""

    if TYPE_CHECKING:
        area: Mapped[str]
        events: Mapped[list[OrderEvent]]

    def history_of(self) -> dict[str, str]:
        """Which column of a line names this thing, and its id there."""
        raise NotImplementedError

    def record(
        self,
        kind: str,
        why: Words | str,
        who: str,
        at: datetime,
        *,
        from_state: str | None = None,
        to_state: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Add a line to the history; ``at`` is an aware UTC instant."""
        states = {"from_state": from_state, "to_state": to_state}
        line = new_event(
            kind=kind, area=self.area, who=who, why=why, at=at, detail=detail, **self.history_of(), **states
        )
        session = object_session(self)
        if session is None or self in session.new:
            self.events.append(line)  # so that it is written after what it is about
        else:
            # Appending to the collection would first read the whole history.
            Rows.of(session).add(line)


@event.listens_for(OrderEvent, "before_update")
@event.listens_for(OrderEvent, "before_delete")
def _refuse_change(_mapper: object, _connection: object, row: OrderEvent) -> None:
    raise TypeError(f"history is only ever added to; event {row.id} cannot be changed or removed")
