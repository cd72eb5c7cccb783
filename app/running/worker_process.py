"""One worker process: job threads, chores, and the ear for the bell."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from app.config import Settings
from app.deps import Deps
from app.factory import build_deps
from app.observability import configure_logging
from app.running.chores import Chores
from processes.bell import LocalBell
from processes.worker import Worker, stop_on_signals


class Workers:
    """The working half of a process, to be started and stopped as one."""

    def __init__(self, deps: Deps) -> None:
        settings = deps.settings
        self.worker = Worker(
            deps.engine,
            deps.sessions,
            threads=settings.worker_threads,
            batch=settings.job_batch,
            poll_s=settings.poll_s,
            lease_s=settings.job_lease_s,
        )
        self._chores = Chores(deps)
        self._ear: Any = None
        if isinstance(deps.bell, LocalBell):
            deps.bell.listen(self.worker.wake)
        elif settings.redis_url:
            listener = import_module("processes.redis_bell").BellListener
            self._ear = listener(settings.redis_url, name=self.worker.name, on_wake=self.worker.wake)

    def run(self) -> None:
        """Work until stopped, then finish or give back what is in hand."""
        self._chores.start()
        if self._ear is not None:
            self._ear.start()
        try:
            self.worker.run()
        finally:
            if self._ear is not None:
                self._ear.stop()
            self._chores.stop()


def run_worker(settings: Settings) -> int:
    """`yizhan worker`: work in the foreground until SIGTERM or SIGINT; returns the exit code."""
    configure_logging(settings)
    deps = build_deps(settings, role="worker")
    workers = Workers(deps)
    stop_on_signals(workers.worker)
    workers.run()
    deps.close()
    return 0
