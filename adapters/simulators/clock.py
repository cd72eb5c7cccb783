"""The clock of the far systems: host time plus an offset that testers may set, kept in the books."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.simulators.store import Database


class FarClock:
    """The offset is read once: one process serves the books.

    :param wall: gives seconds since 1970 UTC.
    """

    def __init__(self, database: Database, wall: Callable[[], float] = time.time) -> None:
        self._database = database
        self._wall = wall
        self._offset_s = 0.0
        self.reload()

    def now(self) -> datetime:
        """Return the far instant, aware UTC."""
        return datetime.fromtimestamp(self._wall() + self._offset_s, tz=UTC)

    def set_offset(self, seconds: float) -> None:
        """Run that many seconds ahead of the host (or behind)."""
        with self._database.transaction() as store:
            store.put("clock", "offset", {"s": seconds})
        self._offset_s = seconds

    def reload(self) -> None:
        """Read the offset from the books again."""
        with self._database.transaction() as store:
            offset = store.get("clock", "offset")
        self._offset_s = float(offset["s"]) if offset else 0.0
