"""The one clock: read once per transaction and handed down as ``now``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from processes.store.base import UtcDateTime
from processes.store.jobs import ClockSetting
from processes.store.sentences import Sentence
from processes.wall_clock import wall_now

OFFSET_ROW: Final = 1
OFFSET: Final = select(ClockSetting.offset_s).where(ClockSetting.id == OFFSET_ROW).scalar_subquery()


class DatabaseTime(FunctionElement[datetime]):
    """The instant the database reads off its clock; NULL where the host's clock is the one that counts (SQLite)."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(DatabaseTime)
def _ask(_element: DatabaseTime, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(DatabaseTime, "sqlite")
def _do_not_ask(_element: DatabaseTime, _compiler: SQLCompiler, **_options: Any) -> str:
    return "NULL"


#: What a statement selects besides, for :meth:`Clock.told`.
TIME_COLUMNS: Final = (DatabaseTime(), OFFSET)
TIME: Final = Sentence(lambda: select(*TIME_COLUMNS))


class Clock(Protocol):
    """What time it is, for everything that is decided or stored."""

    def now(self, session: Session) -> datetime:
        """Return the present instant, aware UTC."""

    def told(self, database_time: datetime | None, offset_s: float | None) -> datetime:
        """Return the present instant from what :data:`TIME_COLUMNS` of a statement gave; no other is sent for it."""


@dataclass(frozen=True)
class SystemClock:
    """Database time on PostgreSQL, so that hosts need not agree; host time on SQLite; plus the stored offset."""

    def now(self, session: Session) -> datetime:
        return self.told(*TIME.all(session)[0])

    def told(self, database_time: datetime | None, offset_s: float | None) -> datetime:
        return shifted(database_time or wall_now(), offset_s)


@dataclass
class FixedClock:
    """A clock for tests: stands still until it is moved."""

    at: datetime

    def now(self, session: Session) -> datetime:
        return self.at

    def told(self, database_time: datetime | None, offset_s: float | None) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        """Go on (or back) by ``by``."""
        self.at += by


def shifted(at: datetime, offset_s: float | None) -> datetime:
    """Return ``at`` moved by an offset in seconds; none = 0."""
    return at + timedelta(seconds=offset_s or 0.0)


def set_offset(session: Session, offset_s: float) -> None:
    """Put the product's clock ahead of the real one by ``offset_s`` seconds. For tests and demo only."""
    row = session.get(ClockSetting, OFFSET_ROW)
    if row is None:
        session.add(ClockSetting(id=OFFSET_ROW, offset_s=offset_s))
    else:
        row.offset_s = offset_s
