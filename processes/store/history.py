"""What is kept of the history besides its lines: sums per element, and how far the chores of history have come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, UtcDateTime


class ElementCount(Base):
    """How often an element of one version was entered and left, in one area; the lines up to the mark are summed up.

    The sums stay when the lines they came from are removed.
    """

    __tablename__ = "element_count"

    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"), primary_key=True)
    element_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    area: Mapped[str] = mapped_column(String(40), primary_key=True)
    entered: Mapped[int] = mapped_column(BigInteger)
    completed: Mapped[int] = mapped_column(BigInteger)
    cancelled: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)


class HistoryMark(Base):
    """How far a chore has come: ``counted`` (lines up to then are in the sums), ``removed`` (ended before then)."""

    __tablename__ = "history_mark"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
