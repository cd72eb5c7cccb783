"""Whether this program and the database fit: the same migration, clocks that agree, and no backup that nobody has
compared with the neighbours. Looked at once a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy import Engine as Database
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.errors import Unavailable
from processes import home
from processes.home import Home, Lost
from processes.wall_clock import wall_now

MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"
LOOK_EVERY_S: Final = 1.0
#: The clocks of machines differ by some milliseconds, and so does every look at them.
CLOCK_EVERY_S: Final = 60.0
log = logging.getLogger(__name__)


class DatabaseMisfit(Unavailable):
    """The database and this program do not fit: nothing may be read from it or written to it."""

    title_zh, title_en = "数据库版本与程序不符", "The database and this program do not fit"


class DatabaseRestored(DatabaseMisfit):
    """The database was put back from a backup, or copied: the neighbours have to be asked what it does not know."""

    title_zh, title_en = "数据库刚从备份恢复", "The database was put back from a backup"


def unasked(found: Home) -> DatabaseRestored | None:
    """What to say of a database that may not know what was done since; None: it is at home."""
    if found.is_closed:
        return DatabaseRestored(
            "The database was put back from a backup and is being compared with the neighbours: "
            "`yizhan db restored` has not come to its end",
            "数据库刚从备份恢复，正在与外围系统核对：yizhan db restored 尚未完成",
        )
    if found.is_elsewhere:
        return DatabaseRestored(
            "The database is a copy, or was put back from a backup: run `yizhan db restored` (`yizhan db moved`, if it "
            "was moved whole, with everything stopped)",
            "数据库是副本或刚从备份恢复：请先运行 yizhan db restored（若为停机整库搬迁，运行 yizhan db moved）",
        )
    return None


def known_versions() -> set[str]:
    """Every migration this program knows; they are numbered, and named as their files (a test holds them to it)."""
    return {file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def version_of(database: Database) -> str | None:
    """The migration a database is at; None for an empty one."""
    with database.connect() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    try:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        connection.rollback()
        if inspect(connection).has_table("alembic_version"):
            raise
        return None
    return found


def misfit(found: str | None) -> DatabaseMisfit:
    """What to say of a database at a migration that is not our newest; None: it has no tables."""
    known = known_versions()
    wanted = max(known)
    if found is None:
        return DatabaseMisfit(
            "The database has no tables yet: run `yizhan db upgrade`", "数据库尚未建表：请先运行 yizhan db upgrade"
        )
    if found in known:
        return DatabaseMisfit(
            f"The database is at migration {found}, this program needs {wanted}: run `yizhan db upgrade`",
            f"数据库处于版本 {found}，本程序需要 {wanted}：请先运行 yizhan db upgrade",
        )
    return DatabaseMisfit(
        f"The database is at migration {found}, this program knows only {wanted}: start the newer program",
        f"数据库处于版本 {found}，本程序只认识 {wanted}：请启动新版本的程序",
    )


@dataclass(frozen=True)
class ClockSkew:
    """How far this machine's clock is ahead of the database's, and how exactly that is known."""

    ahead_s: float
    within_s: float

    def exceeds(self, limit_s: float) -> bool:
        """Whether the difference is certainly larger."""
        return abs(self.ahead_s) - self.within_s > limit_s

    def __str__(self) -> str:
        side = "ahead of" if self.ahead_s > 0 else "behind"
        return f"the clock of this machine is {abs(self.ahead_s):.1f} s {side} the database's"


def measure_skew(connection: Connection) -> ClockSkew | None:
    """Compare this machine's clock with the database's; None where they are the same clock (SQLite)."""
    if connection.dialect.name != "postgresql":
        return None
    connection.scalar(select(1))  # the first statement opens the connection, which takes its time
    before, began = wall_now(), time.monotonic()
    there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    half = (time.monotonic() - began) / 2
    return ClockSkew((before - there).total_seconds() + half, half)


class DatabaseWatch:
    """Looks at the database for one process. Whoever asks within a second hears what was seen last.

    A database that does not answer is no misfit: whatever is tried with it fails by itself.
    """

    def __init__(self, database: Database, *, skew_limit_s: float, tells: bool = True) -> None:
        """``tells``: what is found goes into the log as well; a command says it itself."""
        self._database = database
        self._level = logging.WARNING if tells else logging.DEBUG
        self._limit_s = skew_limit_s
        self._wanted = max(known_versions())
        self._lock = threading.Lock()
        self._looked_at = self._measured_at = float("-inf")
        self._problem: DatabaseMisfit | None = None
        self._skew: ClockSkew | None = None
        self._is_askew = self._has_looked = False
        self._lost: Lost = frozenset()
        self.on_restored: list[Callable[[], None]] = []
        #: Who else wants to look while a connection is open; only where the database fits.
        self.on_look: list[Callable[[Connection], None]] = []

    @property
    def skew(self) -> ClockSkew | None:
        """How far the clocks were apart when last compared; None on SQLite, or not known yet."""
        return self._skew

    @property
    def is_askew(self) -> bool:
        """Whether the clocks are further apart than the setting allows."""
        return self._is_askew

    def problem(self) -> DatabaseMisfit | None:
        """Why nothing may be done with the database now; None: all is well, or nobody knows."""
        # Whoever comes while another one looks does not wait: looking may take as long as the database lets it.
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S and self._lock.acquire(blocking=not self._has_looked):
            try:
                self._look(time.monotonic())
            finally:
                self._looked_at, self._has_looked = time.monotonic(), True
                self._lock.release()
        return self._problem

    def lost(self) -> Lost:
        """Operation and business key of every call the neighbours made after the backup and nobody has come to yet."""
        return self._lost

    def look_again(self) -> None:
        """Let whoever asks next have a fresh answer."""
        self._looked_at = float("-inf")

    def fits(self) -> bool:
        """Whether work may be done."""
        return self.problem() is None

    def require(self) -> None:
        """:raises DatabaseMisfit: the database is of another version."""
        problem = self.problem()
        if problem is not None:
            raise problem

    def _look(self, now: float) -> None:
        try:
            with self._database.connect().execution_options(read_only=True) as connection:
                found = _version(connection)
                there = home.look(connection) if found == self._wanted else None
                if now - self._measured_at >= CLOCK_EVERY_S:
                    self._compare_clocks(connection)
                    self._measured_at = now
                for look in self.on_look if there is not None else ():
                    look(connection)
        except SQLAlchemyError as error:
            log.debug("not looked at: %s", error)
            return
        if there is None:
            self._note(misfit(found))
            return
        self._lost = there.lost  # before anybody is let go on
        self._note(unasked(there))

    def _note(self, problem: DatabaseMisfit | None) -> None:
        if problem is not None and (self._problem is None or str(problem) != str(self._problem)):
            log.log(self._level, "nothing is done until the database fits: %s", problem)
            if isinstance(problem, DatabaseRestored):
                for forget in self.on_restored:
                    forget()
        if problem is None and self._problem is not None:
            log.log(self._level, "the database fits again")
        self._problem = problem

    def _compare_clocks(self, connection: Connection) -> None:
        self._skew = measure_skew(connection)
        askew = self._skew is not None and self._skew.exceeds(self._limit_s)
        if askew and not self._is_askew:
            log.log(self._level, "%s: set it right (NTP); due times and leases follow the database's clock", self._skew)
        if self._is_askew and not askew:
            log.log(self._level, "the clock of this machine is right again")
        self._is_askew = askew
