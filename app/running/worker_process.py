"""One worker process: job threads, chores, and the ear for the bell."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any

from app.config import Settings
from app.deps import Deps
from app.factory import build_deps
from app.observability import configure_logging
from app.running.bulk_work import BulkWork
from app.running.chores import Chores
from app.running.stopping import FINISH_WITHIN_S, StopAsked, end_at_last
from app.running.worker_metrics import WorkerMetrics
from processes.bell import LocalBell
from processes.worker import Worker


class Workers:
    """The working half of a process, to be started and stopped as one."""

    def __init__(self, deps: Deps) -> None:
        settings = deps.settings
        self.worker = Worker(
            deps.engine,
            deps.sessions,
            threads=settings.worker_threads,
            batch=settings.job_batch,
            calls=settings.calls_per_adapter,
            poll_s=settings.poll_s,
            lease_s=settings.job_lease_s,
        )
        self._chores = Chores(deps)
        self._bulk = BulkWork(deps, is_held_back=lambda: self.worker.is_held_back)
        self._ear: Any = None
        if isinstance(deps.bell, LocalBell):
            deps.bell.listen(self.worker.wake)
        elif settings.redis_url:
            listener = import_module("processes.redis_bell").BellListener
            self._ear = listener(settings.redis_url, name=self.worker.name, on_wake=self.worker.wake)

    def run(self) -> None:
        """Work until stopped, then finish or give back what is in hand."""
        self._chores.start()
        self._bulk.start()
        if self._ear is not None:
            self._ear.start()
        try:
            self.worker.run(grace_s=FINISH_WITHIN_S)
        finally:
            if self._ear is not None:
                self._ear.stop()
            self._bulk.stop()
            self._chores.stop()


def run_worker(settings: Settings, *, parent: int = 0) -> int:
    """`yizhan worker`: work in the foreground until SIGTERM or SIGINT; returns the exit code.

    :param parent: the process with which this one ends; 0: none.
    """
    configure_logging(settings)
    asked = StopAsked()
    asked.listen()
    deps = build_deps(settings, role="worker")
    workers = Workers(deps)
    metrics = WorkerMetrics(settings, workers.worker, deps.engine.parts)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            workers.run()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            asked.ask()

    thread = threading.Thread(target=work, name="workers", daemon=True)
    thread.start()
    metrics.start()
    asked.wait_long(parent)
    end_at_last(lambda: workers.worker.in_hand)
    workers.worker.stop()
    thread.join()
    metrics.stop()
    deps.close()
    return 1 if failed else 0
