"""Bulk orders: a sheet, its lines, what is wrong with them, and the orders they have become."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Records, Word
from processes.store.base import Base, JsonDoc, Uuid


class BulkOrder(Identified, Base):
    """One sheet. ``area_path``: where the one who brought it may act, whoever carries it out. ``run_id``: the bulk run
    that places its good lines, once they have been submitted."""

    __tablename__ = "bulk_order"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    area: Mapped[AreaCode]
    area_path: Mapped[str] = mapped_column(String(100))
    login: Mapped[str] = mapped_column(String(64))
    channel: Mapped[Word]
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    headings: Mapped[Records]
    lines: Mapped[int] = mapped_column(Integer)
    bad: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    submitted_at: Mapped[MaybeInstant]
    run_id: Mapped[str | None] = mapped_column(Uuid)

    __table_args__ = (Index("ix_bulk_order_area_created", "area", "created_at"),)


class BulkOrderLine(Base):
    """One line of a sheet. ``command``: the order it asks for, where nothing is wrong with it."""

    __tablename__ = "bulk_order_line"

    bulk_id: Mapped[str] = mapped_column(ForeignKey("bulk_order.id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cells: Mapped[Records]
    command: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    problems: Mapped[Records]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"))
    order_number: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (Index("ix_bulk_order_line_order", "order_id"),)
