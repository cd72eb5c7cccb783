"""Automatic work as rows: jobs, news from outside, effects at far sides, events for others, workers, the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, TaskId, UtcDateTime, Uuid, only_where, rows_that

Serial = BigInteger().with_variant(Integer, "sqlite")


class Job(Base):
    """One piece of automatic work; the row is the truth, a wake-up only says "look".

    A job that needs nobody outside and goes well the first time is deleted when it is done; the history tells of it.

    ``operation_id`` is the idempotency key at the far side, kept over every attempt. ``fence`` grows
    with each lease: a result is recorded only by the holder of the current one. ``phase`` says what a
    claim does next: ``perform`` the operation, ``query`` what the far side knows of it, or ``ask`` and
    perform it if the far side knows nothing of it.
    ``outcome_unknown``: a call went out and no usable answer came. ``detached``: nobody waits for the
    result any more (the activity was cancelled), but the effect must be known. ``rejected_code``: the far
    side refused, so nothing happened there and a retry gets a new ``operation_id``. ``deaths``: how many workers
    had it in hand when they died, or stood still past their lease.
    """

    __tablename__ = "job"
    __table_args__ = (
        rows_that("state IN ('ready', 'waiting_answer')", "ix_job_run_at", "run_at", "id"),
        rows_that("lease_until IS NOT NULL", "ix_job_lease_until", "lease_until"),
        Index("ix_job_instance_id", "instance_id"),
        # What is done in this house is never asked for by its key.
        Index("uq_job_operation_id", "operation_id", unique=True, **only_where("adapter IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(Uuid)
    root_id: Mapped[str] = mapped_column(Uuid)
    task_id: Mapped[str | None] = mapped_column(TaskId)
    element_id: Mapped[str | None] = mapped_column(String(255))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(String(120), default="")
    operation_id: Mapped[str] = mapped_column(Uuid)
    adapter: Mapped[str | None] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(20))
    phase: Mapped[str] = mapped_column(String(10), default="perform")
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    fence: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    max_attempts: Mapped[int] = mapped_column(Integer)
    outcome_unknown: Mapped[bool] = mapped_column(Boolean, default=False)
    detached: Mapped[bool] = mapped_column(Boolean, default=False)
    rejected_code: Mapped[str | None] = mapped_column(String(120))
    last_error: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str] = mapped_column(String(40))
    business_key: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    callback_deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deaths: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class InboxMessage(Base):
    """News from outside, kept before anything is done with it; (source, event_id) makes a repeat harmless.

    ``kind``: ``message`` (name and key), ``answer`` (operation id), ``signal`` (name), ``facts`` (conditions are judged
    by its payload); what a signal, facts or a timer lead to is news for one ``target_id``: ``catch`` a subscription to
    the signal, ``begin`` a start event. ``note`` says why it was not used. ``event_path``: how often the events that
    led here, one from another, have come through each process; empty for news from outside.
    ``attempts`` counts the leases; after one that came to nothing the job ``job_id`` handles it, which has attempts of
    its own and ends as an incident.
    """

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        Index("ix_inbox_message_state_received_at", "state", "received_at"),
        Index("ix_inbox_message_name_key_state", "name", "key", "state"),
        Index("ix_inbox_message_operation_id", "operation_id"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str | None] = mapped_column(String(120))
    key: Mapped[str | None] = mapped_column(String(255))
    operation_id: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str | None] = mapped_column(Uuid)
    area: Mapped[str | None] = mapped_column(String(40))
    event_path: Mapped[dict[str, int] | None] = mapped_column(JsonDoc)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    job_id: Mapped[str | None] = mapped_column(Uuid)
    instance_id: Mapped[str | None] = mapped_column(Uuid)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)


class Effect(Base):
    """A confirmed write at a far side, with the complete input of its undo. ``seq`` gives the order of undoing.

    ``in_place``: it changes what an earlier effect of the same step has brought about.
    """

    __tablename__ = "effect"
    __table_args__ = (Index("ix_effect_root_instance_id_state", "root_instance_id", "state"),)

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    root_instance_id: Mapped[str] = mapped_column(Uuid)
    instance_id: Mapped[str] = mapped_column(Uuid)
    task_id: Mapped[str | None] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    operation: Mapped[str] = mapped_column(String(120))
    operation_id: Mapped[str] = mapped_column(Uuid, unique=True)
    adapter: Mapped[str] = mapped_column(String(60))
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    outputs: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    undo_operation: Mapped[str | None] = mapped_column(String(120))
    undo_inputs: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    undo_operation_id: Mapped[str | None] = mapped_column(Uuid, unique=True)
    state: Mapped[str] = mapped_column(String(20))
    business_key: Mapped[str] = mapped_column(String(255))
    area: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_place: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class OutboxEvent(Base):
    """News for others, written with the change and delivered after."""

    __tablename__ = "outbox_event"
    __table_args__ = (Index("ix_outbox_event_delivered_at_seq", "delivered_at", "seq"),)

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Uuid)
    topic: Mapped[str] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(255))
    area: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerHeartbeat(Base):
    """A worker process that is alive, or was until ``seen_at``; ``machine`` says what its ``pid`` is a number of."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    threads: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(120), default="", server_default="")
    counters: Mapped[dict[str, int]] = mapped_column(JsonDoc)
    in_hand: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    machine: Mapped[str] = mapped_column(String(32), default="", server_default="")


class WorkerDrain(Base):
    """An order to claim nothing more: for one ``worker``, all of a ``host``, or ``all``; also for those that come."""

    __tablename__ = "worker_drain"

    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockSetting(Base):
    """One row: how far the product's clock is ahead of the real one. Only tests and demo set it."""

    __tablename__ = "clock_setting"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    offset_s: Mapped[float] = mapped_column(Float)
