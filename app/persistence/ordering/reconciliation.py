"""Comparing asked, built and billed: runs and the differences they found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Record, Word
from processes.store.base import Base, JsonDoc


class ReconcileRun(Identified, Base):
    """One comparison: of one order before it completes, or of all books on demand."""

    __tablename__ = "reconcile_run"

    id: Mapped[Id]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    adapter: Mapped[str | None] = mapped_column(String(40))
    who: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[Instant]
    ended_at: Mapped[MaybeInstant]
    compared: Mapped[int] = mapped_column(Integer, default=0)
    found: Mapped[int] = mapped_column(Integer, default=0)
    #: Adapters that did not answer: their books were not compared.
    unanswered: Mapped[Record]
    area: Mapped[AreaCode]

    differences: Mapped[list[Difference]] = relationship(back_populates="run")


class Difference(Identified, Base):
    """One field of one product on which order, network and bill do not agree."""

    __tablename__ = "difference"

    id: Mapped[Id]
    run_id: Mapped[str] = mapped_column(ForeignKey("reconcile_run.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    product_id: Mapped[str | None] = mapped_column(String(32), index=True)
    adapter: Mapped[str | None] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(80))
    asked: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    built: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    billed: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    owner_role: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="open")
    found_at: Mapped[Instant]
    resolved_at: Mapped[MaybeInstant]
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    area: Mapped[AreaCode]

    run: Mapped[ReconcileRun] = relationship(back_populates="differences")

    __table_args__ = (Index("ix_difference_state", "state", "found_at"),)
