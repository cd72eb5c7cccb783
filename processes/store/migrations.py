"""Migrations of running instances to another version of their process, with a verdict for each instance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, UtcDateTime, Uuid


class Migration(Base):
    """A plan to bring the running instances of one version to another.

    ``counterparts``: id of an element (or flow) of the old version to that in the new one, or null. ``judged_to``: the
    last instance that has its verdict while the dry run goes on. ``back_of``: only what that migration moved is meant.
    ``run_id``: the bulk run that carries it out.
    """

    __tablename__ = "process_migration"
    __table_args__ = (Index("ix_process_migration_process_key", "process_key", "created_at"),)

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    process_key: Mapped[str] = mapped_column(String(120))
    from_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    to_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    from_version: Mapped[int] = mapped_column(Integer)
    to_version: Mapped[int] = mapped_column(Integer)
    counterparts: Mapped[dict[str, str | None]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_to: Mapped[str | None] = mapped_column(Uuid)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    back_of: Mapped[str | None] = mapped_column(Uuid)
    run_id: Mapped[str | None] = mapped_column(Uuid)


class MigrationItem(Base):
    """One running instance: may it move (``verdict``), why not (``reasons``), what to know (``notes``), is it moved."""

    __tablename__ = "process_migration_item"
    __table_args__ = (Index("ix_process_migration_item_verdict", "migration_id", "verdict", "instance_id"),)

    migration_id: Mapped[str] = mapped_column(ForeignKey("process_migration.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    business_key: Mapped[str] = mapped_column(String(255))
    area: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
