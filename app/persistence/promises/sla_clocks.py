"""SLA clocks: one per promise, with its pauses and the alerts it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Record, Records, Word
from processes.store.base import Base, Uuid, rows_that

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder
    from app.persistence.teamwork.tickets import TroubleTicket


class SlaClock(Identified, Base):
    """Working time against one promise. ``kind`` is ``promise`` (may pause), ``regulator`` (never does), or
    ``internal``: that of one step, a work order.

    ``promised_s`` and ``paused_s`` are working seconds of ``calendar``; ``last_level`` is the highest percentage
    that was alerted. A clock that passes its end is *breached* and counts on until it is stopped.
    """

    __tablename__ = "sla_clock"

    id: Mapped[Id]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    work_order_id: Mapped[str | None] = mapped_column(ForeignKey("work_order.id"))
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
    #: By which versions of the rules and calendars; a later one changes nothing here unless somebody asks for it.
    sla_version: Mapped[int] = mapped_column(Integer, default=1)
    calendar_version: Mapped[int] = mapped_column(Integer, default=1)
    #: The customer is heard one level earlier where a level of the ladder says so.
    is_early: Mapped[bool] = mapped_column(default=False)
    #: When the plan was to end, as it stood at the last look.
    forecast_at: Mapped[MaybeInstant]
    area: Mapped[AreaCode]
    version: Mapped[int] = mapped_column(Integer, default=1)

    order: Mapped[ProductOrder | None] = relationship(back_populates="clocks")
    ticket: Mapped[TroubleTicket | None] = relationship(back_populates="clocks")
    pauses: Mapped[list[SlaPause]] = relationship(
        back_populates="clock", cascade="all, delete-orphan", order_by="SlaPause.from_at"
    )
    alerts: Mapped[list[JeopardyAlert]] = relationship(
        back_populates="clock", cascade="all, delete-orphan", order_by="JeopardyAlert.at, JeopardyAlert.level"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        CheckConstraint("promised_s > 0", name="promise_positive"),
        Index("ix_sla_clock_next_check", "next_check_at"),
        rows_that("work_order_id IS NOT NULL", "ix_sla_clock_work_order", "work_order_id"),
    )


class SlaPause(Identified, Base):
    """A spell during which a clock stood still: why, with what evidence, who said so.

    ``stop_id`` is the same for the clocks that one saying stopped. Only what is ``in_force`` counts; ``asked`` waits
    for the one who has to agree, ``refused`` and ``revoked`` never counted.
    """

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
    stop_id: Mapped[str | None] = mapped_column(Uuid, index=True)
    state: Mapped[Word] = mapped_column(default="in_force")
    approver_role: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[MaybeInstant]
    decision_note: Mapped[str] = mapped_column(String(500), default="")

    clock: Mapped[SlaClock] = relationship(back_populates="pauses")


class JeopardyAlert(Identified, Base):
    """A level a clock has reached, by ``time`` used or by ``forecast``; ``nth`` counts the times it did.

    ``reached_at`` is the instant itself, ``at`` when it was noticed. One that is not ``sent`` came too soon after the
    same was told; one with ``fallen_at`` no longer holds, because the clock was counted again.
    """

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
    nth: Mapped[int] = mapped_column(Integer, default=1)
    cause: Mapped[Word] = mapped_column(default="time")
    reached_at: Mapped[MaybeInstant]
    sent: Mapped[bool] = mapped_column(default=True)
    fallen_at: Mapped[MaybeInstant]

    clock: Mapped[SlaClock] = relationship(back_populates="alerts")
    notices: Mapped[list[JeopardyNotice]] = relationship(back_populates="alert", cascade="all, delete-orphan")

    __table_args__ = (UniqueConstraint("clock_id", "level", "nth"),)


class JeopardyNotice(Identified, Base):
    """Who was told of an alert. Without ``login`` there was nobody of that kind, and that is said to operations."""

    __tablename__ = "jeopardy_notice"

    id: Mapped[Id]
    alert_id: Mapped[str] = mapped_column(ForeignKey("jeopardy_alert.id"), index=True)
    told: Mapped[Word]
    login: Mapped[str | None] = mapped_column(String(64))
    channels: Mapped[Records]
    at: Mapped[Instant]
    read_at: Mapped[MaybeInstant]

    alert: Mapped[JeopardyAlert] = relationship(back_populates="notices")

    __table_args__ = (rows_that("read_at IS NULL", "ix_jeopardy_notice_unread", "login", "at"),)
