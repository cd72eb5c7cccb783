"""What begins an instance by itself, and who waits for a signal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, TaskId, UtcDateTime, Uuid, rows_that


class StartSubscription(Base):
    """A start event of the version in force; written when that comes into force, cancelled by the next.

    ``kind``: message, signal, timer or conditional. ``name`` of the message or signal. ``value``: the condition or time
    as drawn. A timer fires at ``due_at``, and then ``every`` so often, ``left`` times in all (-1: for ever).
    """

    __tablename__ = "start_subscription"
    __table_args__ = (
        rows_that("state = 'waiting'", "ix_start_subscription_open", "kind", "name"),
        rows_that("state = 'waiting' AND kind = 'timer'", "ix_start_subscription_due_at", "due_at"),
        Index("ix_start_subscription_process_key", "process_key", "state"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"), index=True)
    process_key: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), default="")
    value: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left: Mapped[int] = mapped_column(Integer, default=1)
    every: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignalSubscription(Base):
    """A wait for a signal; ``job_id``: the job that delivers one to it, after a failure."""

    __tablename__ = "signal_subscription"
    __table_args__ = (
        rows_that("state = 'waiting'", "ix_signal_subscription_name", "name", "id"),
        Index("ix_signal_subscription_instance_id_state", "instance_id", "state"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[str] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[str | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
