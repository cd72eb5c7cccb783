"""SLA clocks: one per promise, with its pauses and the alerts it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Record, Word
from processes.store.base import Base

if TYPE_CHECKING:
    from app.persistence.orders import ProductOrder
    from app.persistence.tickets import TroubleTicket


class SlaClock(Identified, Base):
    """Working time against one promise. ``kind`` is ``promise`` (may pause) or ``regulator`` (never does).

    ``promised_s`` and ``paused_s`` are working seconds of ``calendar``; ``last_level`` is the highest percentage
    that was alerted. A clock that passes its end is *breached* and counts on until it is stopped.
    """

    __tablename__ = "sla_clock"

    id: Mapped[Id]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    policy: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    calendar: Mapped[Word]
    ladder: Mapped[Word] = mapped_column(default="standard")
    promised_s: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[Instant]
    #: What was promised at first; ``due_at`` moves with the pauses.
    first_due_at: Mapped[Instant]
    due_at: Mapped[Instant]
    state: Mapped[Word] = mapped_column(default="running")
    paused_s: Mapped[int] = mapped_column(Integer, default=0)
    stopped_at: Mapped[MaybeInstant]
    last_level: Mapped[int] = mapped_column(Integer, default=0)
    next_check_at: Mapped[MaybeInstant]
    #: How the promise was computed, for the page that explains it.
    explanation: Mapped[Record]
    area: Mapped[AreaCode]
    version: Mapped[int] = mapped_column(Integer, default=1)

    order: Mapped[ProductOrder | None] = relationship(back_populates="clocks")
    ticket: Mapped[TroubleTicket | None] = relationship(back_populates="clocks")
    pauses: Mapped[list[SlaPause]] = relationship(
        back_populates="clock", cascade="all, delete-orphan", order_by="SlaPause.from_at"
    )
    alerts: Mapped[list[JeopardyAlert]] = relationship(
        back_populates="clock", cascade="all, delete-orphan", order_by="JeopardyAlert.percent"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        CheckConstraint("promised_s > 0", name="promise_positive"),
        Index("ix_sla_clock_next_check", "next_check_at"),
    )


class SlaPause(Identified, Base):
    """A spell during which a clock stood still: why, with what evidence, who said so."""

    __tablename__ = "sla_pause"

    id: Mapped[Id]
    clock_id: Mapped[str] = mapped_column(ForeignKey("sla_clock.id"), index=True)
    reason: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[str] = mapped_column(String(500))
    from_at: Mapped[Instant]
    to_at: Mapped[MaybeInstant]
    #: When the pause ends by itself: the longest time its reason allows.
    until_at: Mapped[MaybeInstant]
    who: Mapped[str] = mapped_column(String(64))
    ended_by: Mapped[str | None] = mapped_column(String(64))

    clock: Mapped[SlaClock] = relationship(back_populates="pauses")


class JeopardyAlert(Identified, Base):
    """A level a clock has passed; each level of a clock is raised once."""

    __tablename__ = "jeopardy_alert"

    id: Mapped[Id]
    clock_id: Mapped[str] = mapped_column(ForeignKey("sla_clock.id"))
    level: Mapped[int] = mapped_column(Integer)
    percent: Mapped[int] = mapped_column(Integer)
    jeopardy_type: Mapped[Word]
    at: Mapped[Instant]
    message_zh: Mapped[str] = mapped_column(String(300))
    message_en: Mapped[str] = mapped_column(String(300))
    area: Mapped[AreaCode]

    clock: Mapped[SlaClock] = relationship(back_populates="alerts")

    __table_args__ = (UniqueConstraint("clock_id", "level"),)
