"""How many calls of operations came in each second, as the far side counts them. In memory: about this run only."""

import threading
from collections import Counter
from typing import Any, Final

_KEPT: Final = 20_000


class Traffic:
    """Counts per second, adapter and kind of answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, str, int]] = Counter()

    def count(self, at_s: float, adapter: str, status: int) -> None:
        """A call that came in that second (since 1970) was answered so."""
        with self._lock:
            self._counts[int(at_s), adapter, status] += 1
            while len(self._counts) > _KEPT:
                self._counts.pop(next(iter(self._counts)))

    def rows(self) -> list[dict[str, Any]]:
        """Everything counted, by time."""
        with self._lock:
            found = sorted(self._counts.items())
        names = ("second", "adapter", "status")
        return [{**dict(zip(names, key, strict=True)), "calls": count} for key, count in found]

    def forget(self) -> None:
        """Begin again."""
        with self._lock:
            self._counts.clear()
