"""What was agreed and what was measured: visits, speeds, availability."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Word
from processes.store.base import Base


class SlaMeasurement(Identified, Base):
    """One measurement. What is agreed is a number (Mbit/s, per cent), or for a visit the instant by which it was to be.

    A visit: ``from_at`` is the end of the agreed time, ``to_at`` when somebody came, nothing if nobody did. A speed:
    both are the instant of the test. Availability: the month, of a product, once. One with an ``exclusion`` counts for
    nothing.
    """

    __tablename__ = "sla_measurement"

    id: Mapped[Id]
    kind: Mapped[Word]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    product_id: Mapped[str | None] = mapped_column(String(32), index=True)
    agreed: Mapped[str] = mapped_column(String(20), default="")
    measured: Mapped[str] = mapped_column(String(20), default="")
    broken: Mapped[bool] = mapped_column(default=False)
    from_at: Mapped[Instant]
    to_at: Mapped[MaybeInstant]
    exclusion: Mapped[str] = mapped_column(String(40), default="")
    evidence: Mapped[str] = mapped_column(String(500), default="")
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    area: Mapped[AreaCode]

    # A test or a visit of an item is one thing however often it is said; a month of a product too.
    __table_args__ = (UniqueConstraint("kind", "item_id", "from_at"), UniqueConstraint("kind", "product_id", "from_at"))

    @property
    def counts(self) -> bool:
        """Whether something may be owed for it."""
        return self.broken and not self.exclusion

    @property
    def measured_number(self) -> Decimal:
        """What was measured as a number."""
        return Decimal(self.measured)

    @property
    def agreed_number(self) -> Decimal:
        """What is agreed as a number."""
        return Decimal(self.agreed)
