"""A worker for tests that kill it: ``worker_program.py DATABASE_URL FAR_SIDE_FILE [SLOW_S]``.

The parent does nothing but fork the worker again whenever it was killed, and says so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

from adapters.ports import Answer, OperationCall
from processes.engine import Engine, EngineParts
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.engine.far_side import FarSide, registry
from tests.engine.stopping import stop_on_signals


class SlowSide(FarSide):
    """Takes its time."""

    slow_s = 0.0

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        print("called", flush=True)
        time.sleep(self.slow_s)
        return super().perform(call, timeout_s=timeout_s)


def work() -> None:
    url, far_file, *slow = sys.argv[1:]
    far = SlowSide(Path(far_file))
    far.slow_s = float(slow[0]) if slow else 0.0
    sessions = session_factory(create_database_engine(url, application_name="killed-worker"))
    engine = Engine(EngineParts(registry=registry(attempts=30), ports={"net": far, "odd": far, "ask": far}))
    worker = Worker(engine, sessions, threads=2, poll_s=0.05, lease_s=0.6, sweep_s=0.2)
    stop_on_signals(worker)
    print("ready", flush=True)
    worker.run()


def hand_on(child: int, number: int, _frame: object) -> None:
    os.kill(child, number)


def main() -> None:
    """Keep a worker alive until one ends by itself."""
    while True:
        child = os.fork()
        if child == 0:
            work()
            os._exit(0)
        signal.signal(signal.SIGTERM, partial(hand_on, child))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.WEXITSTATUS(status))
        print("killed", flush=True)


main()
