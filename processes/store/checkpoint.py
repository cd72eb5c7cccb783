"""SQLite only: the one place that moves the write-ahead log into the database file.

Automatic checkpoints by every connection are off: SQLite before 3.51.3 can damage the file when two connections
checkpoint and write at one moment.
"""

from __future__ import annotations

import logging
import sqlite3
import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from processes.complaint import Complaint, first_line

SAFE_SQLITE = (3, 51, 3)
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
        """Move what can be moved without waiting for readers or writers."""
        try:
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
                cursor.close()
            finally:
                raw.close()
        except (sqlite3.OperationalError, OperationalError) as problem:
            self._complaint.begin(f"checkpoints are put off: {first_line(problem)}")
        else:
            self._complaint.end()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.run_once()
