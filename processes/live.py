"""Executions that stay in memory between two stimuli, so that they need not be built again from their snapshots.

An execution is kept under the version its instance had at the commit. Whoever locks the instance knows the version of
the row: any other means that somebody else has moved it, and the snapshot is read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from processes.spiff.bridge import Execution

KEPT: Final = 128


class LiveExecutions:
    """The most recently moved executions of this process; each is taken out by whoever moves it."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[int, Execution]] = OrderedDict()

    def forget(self) -> None:
        """The database is another one now: a version says nothing any more."""
        with self._lock:
            self._kept.clear()

    def take(self, instance_id: str, version: int) -> Execution | None:
        """Take the execution out, if it is at this version."""
        with self._lock:
            version_kept, execution = self._kept.pop(instance_id, (0, None))
        return execution if version_kept == version else None

    def keep(self, instance_id: str, version: int, execution: Execution) -> None:
        """Put it back after the commit that made it so; the one unused for longest makes room."""
        with self._lock:
            self._kept[instance_id] = (version, execution)
            self._kept.move_to_end(instance_id)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
