"""SQLite only: the one place that moves the write-ahead log into the database file.

Automatic checkpoints by every connection are off: SQLite before 3.51.3 can damage the file when two connections
checkpoint and write at one moment.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import PoolProxiedConnection

from processes.complaint import Complaint, first_line
from processes.store.opening import BUSY_TIMEOUT_S, QUEUE
from processes.store.write_queue import queue_up

SAFE_SQLITE = (3, 51, 3)
#: Pages of 4 kB a log may have before it is to begin at its start again.
BEGIN_AGAIN_AT: Final = 1024
READERS_WITHIN_MS: Final = 200
log = logging.getLogger(__name__)


class Checkpointer:
    """A thread that checkpoints every ``every_s`` seconds; does nothing on other databases."""

    def __init__(self, engine: Engine | Connection, *, every_s: float = 1.0) -> None:
        self._engine = engine.engine
        self._every_s = every_s
        self._complaint = Complaint(log, over="checkpoints are made again")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)

    def start(self) -> None:
        """Begin, if the database is SQLite."""
        if self._engine.dialect.name == "sqlite":
            if sqlite3.sqlite_version_info < SAFE_SQLITE:
                log.info("SQLite %s: one writer process and one checkpointer only", sqlite3.sqlite_version)
            self._thread.start()

    def stop(self) -> None:
        """End, after one last checkpoint."""
        if self._thread.is_alive():
            self._stop.set()
            self._thread.join(timeout=5)
            self.run_once()

    def run_once(self) -> None:
        """Move what can be moved without waiting for readers or writers; end a log that has become long."""
        try:
            raw = self._engine.raw_connection()
            try:
                if _checkpoint(raw, "PASSIVE") > BEGIN_AGAIN_AT:
                    _begin_again(raw)
            finally:
                raw.close()
        except (sqlite3.OperationalError, OperationalError) as problem:
            self._complaint.begin(f"checkpoints are put off: {first_line(problem)}")
        else:
            self._complaint.end()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.run_once()


def _begin_again(raw: PoolProxiedConnection) -> None:
    """Let the log begin at its start again: while somebody always writes it would grow until the disk is full.

    Most has been moved by now. The rest is moved while no thread of this process writes, and readers are waited for
    only a moment: the next look comes soon.
    """
    cursor = raw.cursor()
    queue_up(raw.dbapi_connection, raw.info[QUEUE])
    try:
        cursor.execute(f"PRAGMA busy_timeout = {READERS_WITHIN_MS}")
        _checkpoint(raw, "RESTART")
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
        cursor.close()
        raw.rollback()  # leaves the queue


def _checkpoint(raw: PoolProxiedConnection, mode: str) -> int:
    """Returns how many pages the log has; -1 where there is none."""
    cursor = raw.cursor()
    _is_busy, pages, _moved = cursor.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    cursor.close()
    return int(pages)
