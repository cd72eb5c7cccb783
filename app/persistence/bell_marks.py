"""How far somebody has read what the bell told of a kind, and whether that kind is muted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Instant, Word
from processes.store.base import Base


class BellMark(Base):
    """One person and one kind of news. What happened until ``read_at`` (aware UTC) is read."""

    __tablename__ = "bell_mark"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    read_at: Mapped[Instant]
    muted: Mapped[bool] = mapped_column(default=False)


def marks_of(session: Session, login: str) -> Mapping[str, BellMark]:
    """What somebody has marked, by kind."""
    return {row.kind: row for row in session.scalars(select(BellMark).where(BellMark.login == login))}


def keep_mark(session: Session, login: str, kind: str, *, read_at: datetime, muted: bool | None = None) -> None:
    """Write how far somebody has read, and whether the kind is muted from now on (None: as it was). Two windows at
    once leave one row."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    line = make(BellMark).values(login=login, kind=kind, read_at=read_at, muted=bool(muted))
    again = {"read_at": read_at} | ({} if muted is None else {"muted": muted})
    session.execute(line.on_conflict_do_update(index_elements=["login", "kind"], set_=again))
