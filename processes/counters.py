"""Figures of one process: how often something noteworthy happened. Read by the metrics page."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

NAMES: Final = (
    "claims",
    "fenced_writes",
    "lease_expired",
    "lease_lost",
    "retries",
    "parked",
    "left_to_others",
    "incidents",
    "commit_unknown",
    "units_retried",
    "wake_lost",
    "wakes",
    "timers_fired",
    "answers",
    "messages",
)


class Counters:
    """Thread-safe counts by name; a name that is not in ``NAMES`` raises :class:`KeyError`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter(dict.fromkeys(NAMES, 0))

    def add(self, name: str, by: int = 1) -> None:
        """Count ``by`` more of ``name``."""
        if name not in NAMES:
            raise KeyError(name)
        with self._lock:
            self._counts[name] += by

    def all(self) -> dict[str, int]:
        """Return every count, zero included."""
        with self._lock:
            return dict(self._counts)
