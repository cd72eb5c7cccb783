"""The clock of the far systems: host time plus an offset that testers may set, kept in the books."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.simulators.store import Database


@dataclass(frozen=True, kw_only=True)
class FarClock:
    """``wall`` gives seconds since 1970 UTC."""

    database: Database
    wall: Callable[[], float] = time.time

    def now(self) -> datetime:
        """Return the far instant, aware UTC."""
        with self.database.transaction() as store:
            offset = store.get("clock", "offset")
        return datetime.fromtimestamp(self.wall() + float(offset["s"] if offset else 0), tz=UTC)

    def set_offset(self, seconds: float) -> None:
        """Run that many seconds ahead of the host (or behind)."""
        with self.database.transaction() as store:
            store.put("clock", "offset", {"s": seconds})
