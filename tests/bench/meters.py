"""What a database has done so far: commits, log, size, CPU. Two readings make a figure."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg

from processes.store.opening import read_uuids_as_text
from tests.bench import cpu

#: Of instances: id, state, and their open user tasks. ``{ids}`` is the place of the condition on the ids.
INSTANCES = (
    "SELECT i.id, i.state, t.id FROM process_instance i"
    " LEFT JOIN user_task t ON t.instance_id = i.id AND t.state = 'open' WHERE i.id {ids}"
)
#: What must be on for a commit to be one.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
Counters = tuple[int | None, int, int | None, dict[str, int]]  # commits, bytes, bytes of the log, more
Seen = tuple[str, str, str | None]  # instance, its state, an open task


@dataclass(frozen=True)
class Reading:
    """The counters at one moment; ``cpu_ns`` by part of the system."""

    at: float
    cpu_ns: Mapping[str, int]
    commits: int | None
    size_bytes: int
    wal_bytes: int | None = None
    more: Mapping[str, int] = field(default_factory=dict)


class Database(Protocol):
    """A database under test, read from outside."""

    name: str

    def counters(self) -> Counters:
        """Commits, bytes of the database, bytes of its log, and what else it counts."""

    def cpu_ns(self) -> int:
        """CPU time of the server without what only measures."""

    def look(self, instances: Sequence[str]) -> list[Seen]:
        """The state of these instances and their open user tasks, as a page would read them."""

    def close(self) -> None:
        """Let go of it."""


class NotDurable(RuntimeError):
    """A setting of the server makes commits cheaper than they are."""


def require_durable(dsn: str) -> None:
    """Pass a server whose commits wait for the disk. :raises NotDurable: a setting makes them cheaper."""
    with psycopg.connect(dsn) as connection:
        found = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(DURABLE),)
            ).fetchall()
        )
    if found != DURABLE:
        raise NotDurable(str(found))


class PostgresMeter:
    """Reads a PostgreSQL server of our own; its own two backends are not counted."""

    name = "postgresql"

    def __init__(self, dsn: str, postmaster: int, *, look: str = INSTANCES) -> None:
        self._look = look.format(ids="= ANY(%s)")
        self._postmaster = postmaster
        require_durable(dsn)
        self._meter = psycopg.connect(dsn, autocommit=True, application_name="bench meter")
        # One transaction for ever: looking must not count as commits. READ COMMITTED holds no snapshot between looks.
        self._eyes = psycopg.connect(dsn, application_name="bench eyes")
        read_uuids_as_text(self._eyes)
        self.own_backends = {self._meter.info.backend_pid, self._eyes.info.backend_pid}

    def counters(self) -> Counters:
        row = self._meter.execute(
            "SELECT xact_commit, pg_database_size(datname), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), wal_sync,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint, tup_inserted + tup_updated + tup_deleted"
            " FROM pg_stat_database, pg_stat_wal WHERE datname = current_database()"
        ).fetchone()
        if row is None:
            raise RuntimeError("no statistics of this database")
        commits, size, wal, *more = (int(value) for value in row)
        return commits, size, wal, dict(zip(("wal_syncs", "writing_transactions", "rows_written"), more, strict=True))

    def cpu_ns(self) -> int:
        return cpu.family_ns(self._postmaster, without=self.own_backends)

    def look(self, instances: Sequence[str]) -> list[Seen]:
        return self._eyes.execute(self._look, (list(instances),), prepare=True).fetchall()

    def close(self) -> None:
        self._meter.close()
        self._eyes.close()


class SqliteMeter:
    """Reads a SQLite file; commits are counted by the process that makes them."""

    name = "sqlite"

    def __init__(self, path: Path, *, look: str = INSTANCES) -> None:
        self._path, self._look = path, look
        self._eyes = sqlite3.connect(path, isolation_level=None)
        self.commits: int | None = None

    def counters(self) -> Counters:
        return self.commits, self._path.stat().st_size, None, {}

    def cpu_ns(self) -> int:
        return 0  # the library computes in the processes that use it

    def look(self, instances: Sequence[str]) -> list[Seen]:
        marks = ",".join("?" * len(instances))
        return self._eyes.execute(self._look.format(ids=f"IN ({marks})"), list(instances)).fetchall()

    def close(self) -> None:
        self._eyes.close()


def now() -> float:
    """Seconds of the clock that all figures use."""
    return time.monotonic()
