"""Carries out bulk runs until none is left: ``bulk_program.py DATABASE_URL FAR_SIDE_FILE``. For tests that kill it."""

from __future__ import annotations

import sys
from pathlib import Path

from processes import bulk_acts
from processes.bulk_runner import BulkRunner
from processes.engine import Engine, EngineParts
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.engine import touching
from tests.engine.far_side import FarSide, registry


def main() -> None:
    """Do everything that is due; the worker is the other half of what could be killed."""
    url, far_file = sys.argv[1:]
    far = FarSide(Path(far_file))
    sessions = session_factory(create_database_engine(url, application_name="killed-bulk"))
    engine = Engine(EngineParts(registry=registry(attempts=30), ports={"net": far, "odd": far, "ask": far}))
    bulk_acts.register(engine.parts)
    engine.parts.bulk_batches[touching.KIND] = touching.touch
    runner, worker = BulkRunner(engine.parts, sessions), Worker(engine, sessions, name="bulk-worker", lease_s=0.5)
    while runner.round(limit=3) + worker.drain():
        pass


main()
