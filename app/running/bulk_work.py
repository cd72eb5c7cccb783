"""Carries out bulk runs beside the jobs of a worker process; each run is in one hand at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from app.deps import Deps
from processes.bulk_runner import BulkRunner
from processes.complaint import Complaint, first_line

EVERY_S: Final = 1.0
#: So many subjects between two looks whether to stop.
AT_ONCE: Final = 50
log = logging.getLogger(__name__)


class BulkWork:
    """A thread in each worker process. A worker that is drained begins nothing here either."""

    def __init__(
        self, deps: Deps, *, every_s: float = EVERY_S, is_held_back: Callable[[], bool] = lambda: False
    ) -> None:
        self._deps = deps
        self._every_s = every_s
        self._is_held_back = is_held_back
        self._runner = BulkRunner(deps.engine.parts, deps.sessions)
        self._complaint = Complaint(log, over="bulk runs are carried out again")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bulk runs", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the subject that is in hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            if not self._deps.watch.fits() or self._is_held_back():
                continue
            try:
                while self._runner.round(limit=AT_ONCE) and not self._stop.is_set():
                    self._deps.wake()
            except SQLAlchemyError as problem:
                self._complaint.begin(f"bulk runs are put off: {first_line(problem)}")
            else:
                self._complaint.end()
