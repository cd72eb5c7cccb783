"""A worker in a program of tests that ends in an orderly way when it is asked to."""

from __future__ import annotations

import threading

from app.running.stopping import StopAsked
from processes.worker import Worker


def stop_on_signals(worker: Worker) -> None:
    """Let SIGTERM and SIGINT stop the worker; it is told by a thread, for a handler may take no lock."""
    asked = StopAsked()
    asked.listen()

    def stop() -> None:
        asked.wait_long(0)
        worker.stop()

    threading.Thread(target=stop, name="stop", daemon=True).start()
