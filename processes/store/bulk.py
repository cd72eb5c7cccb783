"""Bulk runs: one action over many subjects, each with its own result; and what operators did, with their reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, TaskId, UtcDateTime, Uuid, rows_that


class BulkRun(Base):
    """One action (``kind``) over ``total`` subjects, at most ``rate_per_s`` of them in a second (0 = no limit).

    ``selection`` says how the subjects were found, ``params`` what is done to each. ``next_at``: when the next one may
    be touched. ``pause_after``: it pauses by itself once so many have been touched. ``most_refused``: it stops for good
    once so many were refused. ``rerun_of``: the run whose failed
    ones these are.
    """

    __tablename__ = "bulk_run"
    __table_args__ = (rows_that("state = 'running'", "ix_bulk_run_next_at", "next_at"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    selection: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    params: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(120))
    area: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    rate_per_s: Mapped[float] = mapped_column(Float)
    total: Mapped[int] = mapped_column(Integer)
    pause_after: Mapped[int | None] = mapped_column(Integer)
    most_refused: Mapped[int | None] = mapped_column(Integer)
    rerun_of: Mapped[str | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulkItem(Base):
    """One subject of a run. ``applied``: the action was taken; what came of it later is its ``outcome``.

    ``follow``: ids by which the outcome is found (the job that was retried, for instance). ``code`` and ``message``:
    why it was refused, or has failed again.
    """

    __tablename__ = "bulk_item"
    __table_args__ = (
        Index("ix_bulk_item_run_id_state", "run_id", "state", "seq"),
        rows_that("outcome = 'under_way'", "ix_bulk_item_under_way", "run_id"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("bulk_run.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject_id: Mapped[str] = mapped_column(String(64))
    business_key: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(120))
    message: Mapped[str | None] = mapped_column(Text)
    follow: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Repair(Base):
    """One thing an operator did: who, why, to what, and what it was like before and after. Append only.

    ``subject``: id of the incident, instance or work item, or the name of an adapter.
    """

    __tablename__ = "repair"
    __table_args__ = (
        Index("ix_repair_root_id", "root_id"),
        Index("ix_repair_at", "at"),
        Index("ix_repair_run_id", "run_id"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(64))
    instance_id: Mapped[str | None] = mapped_column(Uuid)
    root_id: Mapped[str | None] = mapped_column(Uuid)
    element_id: Mapped[str | None] = mapped_column(String(255))
    business_key: Mapped[str] = mapped_column(String(255))
    area: Mapped[str] = mapped_column(String(40))
    before: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    after: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    run_id: Mapped[str | None] = mapped_column(Uuid)


class Move(Base):
    """A token on its way to another element: it waits at ``to_element`` until what was left is undone.

    ``plan``: ``effects`` (their numbers) to be undone first, ``tasks`` and ``children`` that were left: what is still
    outstanding there is waited for and undone as well.
    """

    __tablename__ = "process_move"
    __table_args__ = (rows_that("state = 'undoing'", "ix_process_move_instance_id", "instance_id"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    root_id: Mapped[str] = mapped_column(Uuid)
    task_id: Mapped[str] = mapped_column(TaskId)
    from_elements: Mapped[list[str]] = mapped_column(JsonDoc)
    to_element: Mapped[str] = mapped_column(String(255))
    plan: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    data: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HeldAdapter(Base):
    """An adapter that gets no calls because somebody said so; the jobs for it wait and burn no attempt."""

    __tablename__ = "held_adapter"

    adapter: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
