"""Work begun anew with other data: what of it is still to be undone, and what has been taken over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, PackedJson, TaskId, UtcDateTime, Uuid, rows_that


class Renewal(Base):
    """A called instance that is replaced by a fresh one with other data.

    ``instance_id``: the caller, whose lock is the lock of this row; its call ``task_id`` waits meanwhile. ``request``:
    what the fresh one is started with. ``effects``: numbers of the effects to be undone before it begins; ``stays``:
    positions among ``records`` of what was judged to stay. ``records``: what had been done, in order, see
    :class:`processes.recorded.Record`; known once no answer is outstanding any more. ``used``: positions of those that
    a step of the fresh one has taken over, or done again.
    """

    __tablename__ = "process_renewal"
    __table_args__ = (rows_that("state = 'undoing'", "ix_process_renewal_instance_id", "instance_id"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    root_id: Mapped[str] = mapped_column(Uuid)
    task_id: Mapped[str] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(255))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    old_id: Mapped[str] = mapped_column(Uuid)
    child_id: Mapped[str | None] = mapped_column(Uuid)
    request: Mapped[dict[str, Any]] = mapped_column(PackedJson)
    effects: Mapped[list[int]] = mapped_column(JsonDoc)
    stays: Mapped[list[int]] = mapped_column(JsonDoc)
    records: Mapped[list[dict[str, Any]] | None] = mapped_column(PackedJson)
    used: Mapped[list[int]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
