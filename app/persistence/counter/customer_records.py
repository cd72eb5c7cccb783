"""What is kept about customers beside themselves: their sites, and every change with who made it."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, event
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, Record, Word
from processes.store.base import Base


class CustomerSite(Identified, Base):
    """A place of a customer that has a name of its own: a shop, an office."""

    __tablename__ = "customer_site"

    id: Mapped[Id]
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address_code: Mapped[str] = mapped_column(ForeignKey("address.code"))
    area: Mapped[AreaCode]
    contact: Mapped[Record]


class CustomerEvent(Base):
    """One line of the history of a customer: which fields changed, never what personal data was in them."""

    __tablename__ = "customer_event"

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"))
    area: Mapped[AreaCode]
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    why: Mapped[str] = mapped_column(String(500), default="")
    detail: Mapped[Record]

    __table_args__ = (Index("ix_customer_event_customer", "customer_no", "seq"),)


@event.listens_for(CustomerEvent, "before_update")
@event.listens_for(CustomerEvent, "before_delete")
def _refuse_change(_mapper: object, _connection: object, row: CustomerEvent) -> None:
    raise TypeError(f"history is only ever added to; line {row.seq} cannot be changed or removed")
