"""SQLite only: the threads of one process queue for the one write lock instead of knocking at it.

SQLite itself makes a second writer sleep and try again, in steps of up to a tenth of a second; with a dozen threads the
lock then lies idle most of the time. The queue changes nothing about safety: the lock is still SQLite's.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from typing import Any


class WriteQueue:
    """Who may write next, in the order of asking."""

    def __init__(self, *, longest_wait_s: float) -> None:
        self._longest_wait_s = longest_wait_s
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def join(self) -> bool:
        """Wait for the turn; false = it did not come in time, and SQLite has the last word."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(self._longest_wait_s):
            return True
        with self._guard:
            if turn.is_set():  # it came in the last moment
                return True
            self._waiting.remove(turn)
        return False

    def leave(self) -> None:
        """Let the next one in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


class QueuedConnection(sqlite3.Connection):
    """A connection of the driver that leaves the queue when its transaction ends, however it ends."""

    _queue: WriteQueue | None = None

    def begin_writing(self, queue: WriteQueue) -> None:
        """Take a place in the queue before a transaction that writes."""
        self._leave()
        if queue.join():
            self._queue = queue

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._leave_if_done()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._leave_if_done()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def _leave_if_done(self) -> None:
        # A commit that failed leaves the transaction open; the rollback that follows comes here again.
        if not self.in_transaction:
            self._leave()

    def _leave(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.leave()


def queue_up(connection: Any, queue: WriteQueue) -> None:
    """Let a raw connection wait for its turn; connections of another kind go to SQLite directly."""
    if isinstance(connection, QueuedConnection):
        connection.begin_writing(queue)
