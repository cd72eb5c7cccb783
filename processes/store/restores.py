"""Where this database lives, how it came back from a backup, and what the far sides did after that backup."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, UtcDateTime, Uuid, rows_that


class DatabaseHome(Base):
    """One row: the place at which this database was last known to be whole; in any other it is a copy.

    ``closed_at``: since when nothing may be done with it, because it is being compared with the far sides.
    """

    __tablename__ = "database_home"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[str | None] = mapped_column(String(200))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Restoration(Base):
    """This database was put back from a backup. ``as_of``: the youngest thing that was in it.

    ``marked``: how many open calls are asked about first, by adapter. ``told``: how many calls each adapter has named;
    ``silent``: those that have named none, with the reason. ``takes_over``: the answer of a call that is the only one
    of its kind for its subject is taken over without a person.
    """

    __tablename__ = "restoration"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    takes_over: Mapped[bool] = mapped_column(Boolean)
    marked: Mapped[dict[str, int]] = mapped_column(JsonDoc)
    told: Mapped[dict[str, int]] = mapped_column(JsonDoc)
    silent: Mapped[dict[str, str]] = mapped_column(JsonDoc)


class LostCall(Base):
    """A write that a far side carried out after the backup: it knows it under a key that is not in our books.

    ``open``: nobody has come to it yet. ``taken_over``: the job ``job_id`` has its key now. ``left``: a person had it
    done once more. ``settled``: a person has seen to it. ``digest``: of its inputs, as in :mod:`adapters.digests`.
    """

    __tablename__ = "lost_call"
    __table_args__ = (
        rows_that("state = 'open'", "ix_lost_call_open", "business_key", "operation"),
        Index("ix_lost_call_job_id", "job_id"),
    )

    operation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    restoration_id: Mapped[str] = mapped_column(Uuid)
    adapter: Mapped[str] = mapped_column(String(60))
    operation: Mapped[str] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str | None] = mapped_column(String(64))
    done_at: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    job_id: Mapped[str | None] = mapped_column(Uuid)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(Text)
