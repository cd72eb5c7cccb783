"""One run of a definition, its history, and what it waits for: people, timers, messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, PackedJson, TaskId, UtcDateTime, Uuid, rows_that, trigrams


class ProcessInstance(Base):
    """One run. Its row is the lock of everything that happens to it.

    ``root_id`` is its own id for the top of a tree of linked calls; ``parent_task_id`` is the call
    activity in the parent that waits for it. ``inputs`` is the data it was started
    with; ``snapshot`` is empty until the first step has run, and after the end.
    ``log_seq`` is the number of its last activity log row. ``alone_steps`` counts the jobs done in this house since
    somebody or something outside last moved it; ``attended``: that has happened at all. ``event_path``: by which way
    the event of another instance came that moved it last, see :class:`processes.store.jobs.InboxMessage`.
    ``renewal_id``: it takes over what another one has done, as long as something is left of that.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_root_id_state", "root_id", "state"),
        rows_that("parent_id IS NOT NULL", "ix_process_instance_parent_id", "parent_id"),
        Index("ix_process_instance_business_key", "business_key"),
        rows_that("ended_at IS NULL", "ix_process_instance_live", "definition_id"),
        rows_that("parent_id IS NULL AND ended_at IS NOT NULL", "ix_process_instance_ended_at", "ended_at"),
        # Every step changes the row, and nothing that is indexed: with room on its page no index is touched.
        {"postgresql_with": {"fillfactor": 60}},
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"), index=True)
    root_id: Mapped[str] = mapped_column(Uuid)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("process_instance.id"))
    parent_task_id: Mapped[str | None] = mapped_column(TaskId)
    parent_element_id: Mapped[str | None] = mapped_column(String(255))
    parent_loop_index: Mapped[int | None] = mapped_column(Integer)
    depth: Mapped[int] = mapped_column(Integer, default=0)
    process_key: Mapped[str] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(255))
    area: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    inputs: Mapped[dict[str, Any]] = mapped_column(PackedJson)
    version: Mapped[int] = mapped_column(Integer)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary)
    log_seq: Mapped[int] = mapped_column(Integer, default=0)
    alone_steps: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    attended: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    event_path: Mapped[dict[str, int] | None] = mapped_column(JsonDoc)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(120))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    renewal_id: Mapped[str | None] = mapped_column(Uuid)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form


class ActivityLog(Base):
    """What happened in an instance, in order, without gaps. Append only.

    Like all that is written for every step it points at its instance without a foreign key: looking up the instance
    for every line is a good part of what a line costs, and removing an instance would read the whole table.
    """

    __tablename__ = "activity_log"
    __table_args__ = (
        Index(
            "ix_activity_log_point_of_no_return",
            "instance_id",
            postgresql_where=text("point_of_no_return IS NOT NULL"),
            sqlite_where=text("point_of_no_return IS NOT NULL"),
        ),
        # Lines come in the order of their time, so a few bytes per stretch of the table are enough.
        Index(
            "ix_activity_log_at",
            "at",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on", "pages_per_range": 32},
        ),
    )

    instance_id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    task_id: Mapped[str | None] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    event: Mapped[str] = mapped_column(String(20))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    actor: Mapped[str | None] = mapped_column(String(120))
    point_of_no_return: Mapped[str | None] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class UserTask(Base):
    """A step that waits for a person."""

    __tablename__ = "user_task"
    __table_args__ = (Index("ix_user_task_instance_id", "instance_id"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(Uuid)
    root_id: Mapped[str] = mapped_column(Uuid)
    task_id: Mapped[str] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    area: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(120))


class Timer(Base):
    """A wait for a time; claimed under a lease like a job, fired under the lock of its instance.

    ``attempts`` counts the leases; after one that came to nothing the job ``job_id`` fires it, which has attempts of
    its own and ends as an incident. ``armed_at``: when the wait began.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_instance_id_state", "instance_id", "state"),
        rows_that("state = 'waiting'", "ix_timer_due_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[str] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    armed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    job_id: Mapped[str | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageSubscription(Base):
    """A wait for a message of that name and key; ``job_id``: the job that delivers one to it, after a failure."""

    __tablename__ = "message_subscription"
    __table_args__ = (
        Index("ix_message_subscription_name_key_state", "name", "key", "state"),
        Index("ix_message_subscription_instance_id_state", "instance_id", "state"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[str] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[str | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Incident(Base):
    """Why an instance cannot go on, and what became of it. ``job_id`` is empty for a failed step.

    ``cause`` is the message without what differs from one order to the next; ``cause_key`` is the same for all
    incidents with one cause.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_root_id_state", "root_id", "state"),
        Index("ix_incident_state_code", "state", "code"),
        Index("ix_incident_instance_id_state", "instance_id", "state"),
        Index("ix_incident_opened_at", "state", "opened_at"),
        trigrams("ix_incident_text", "code", "message"),
        rows_that("state = 'open'", "ix_incident_cause_key", "cause_key", "opened_at"),
    )

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    root_id: Mapped[str] = mapped_column(Uuid)
    job_id: Mapped[str | None] = mapped_column(Uuid, index=True)
    task_id: Mapped[str | None] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(Text)
    operation: Mapped[str] = mapped_column(String(120), default="", server_default="")
    cause: Mapped[str] = mapped_column(String(300), default="", server_default="")
    cause_key: Mapped[str] = mapped_column(String(32), default="", server_default="")
    area: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(120))
    resolution: Mapped[str | None] = mapped_column(String(60))
