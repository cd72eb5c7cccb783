"""A worker that meets poison: ``poison_program.py DATABASE_URL FAR_SIDE_FILE``. It is begun again whenever it dies.

``poison.crash`` ends the process as a fault in a library does; ``poison.flood`` answers with a hundred megabytes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from processes.engine import Engine, EngineParts
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.engine.far_side import FarSide, registry
from tests.engine.stopping import stop_on_signals

FLOOD_BYTES = 100_000_000


def crash(_session: Session, _call: OperationCall, _now: datetime) -> Mapping[str, Any]:
    """End this process from inside, with no chance to clean up."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def flood(_session: Session, _call: OperationCall, _now: datetime) -> Mapping[str, Any]:
    """Answer with far too much."""
    return {"text": "x" * FLOOD_BYTES}


def parts(books: Path) -> EngineParts:
    """An engine with the poison in it."""
    return EngineParts(
        registry=registry(),
        ports={"net": FarSide(books)},
        in_process={"poison.crash": crash, "poison.flood": flood},
    )


def work(url: str, books: Path) -> None:
    """Be a worker until asked to stop."""
    sessions = session_factory(create_database_engine(url, application_name="poisoned"))
    worker = Worker(Engine(parts(books)), sessions, threads=2, poll_s=0.1, lease_s=2, sweep_s=0.5)
    stop_on_signals(worker)
    worker.run()


def main() -> None:
    """Keep a worker alive until one ends by itself."""
    url, books = sys.argv[1:]
    while True:
        child = os.fork()
        if child == 0:
            work(url, Path(books))
            os._exit(0)
        signal.signal(signal.SIGTERM, partial(_hand_on, child))
        print(f"began {child}", flush=True)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.WEXITSTATUS(status))
        print(f"died {child}", flush=True)


def _hand_on(child: int, number: int, _frame: object) -> None:
    os.kill(child, number)


if __name__ == "__main__":
    main()
