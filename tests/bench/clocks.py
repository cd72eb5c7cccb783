"""clocks: 100,000 running clocks of promises, and how long one pass takes to find those that are due for a look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from app.persistence import all_rows
from app.seed.reference import load_reference
from app.services.promises.sla_sweep import SWEEP_BATCH, due_clocks
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from tests.bench.figures import line, ms, percentile
from tests.databases import Databases
from tests.servers import PostgreSQL

assert all_rows.MODULES
RUNNING: Final = 100_000
PASSES: Final = 200
FILL: Final = text(
    """
    INSERT INTO sla_clock (id, policy, kind, calendar, ladder, promised_s, started_at, first_due_at, due_at, state,
                           paused_s, last_level, next_check_at, explanation, area, version)
    SELECT gen_random_uuid(), 'home-install-urban', 'promise', 'calendar_days', 'standard', 86400, :now, :now, :now,
           'running', 0, 0, CAST(:now AS timestamptz) + (n - :due) * interval '30 seconds', '{}', 'SH-SH', 1
    FROM generate_series(1, :running) AS n
    """
)


def clocks(
    server: PostgreSQL, folder: Path, *, running: int = RUNNING, passes: int = PASSES
) -> Iterator[dict[str, Any]]:
    """Fill a fresh database, then ask what is due, again and again: with nothing due, and with a batch of it."""
    url = Databases(folder, lambda: server).make("postgresql", migrated=True)
    database = create_database_engine(url, application_name="bench")
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    with session_factory(database).begin() as session:
        load_reference(session)
    with database.begin() as connection:
        connection.execute(FILL, {"now": now, "running": running, "due": SWEEP_BATCH})
    with database.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE sla_clock"))
    for what, at in (("nothing due", now - timedelta(days=2)), ("a batch due", now)):
        took = []
        for _ in range(passes):
            with session_factory(database).begin() as session:
                began = time.perf_counter()
                found = len(due_clocks(session, at, limit=SWEEP_BATCH))
                took.append(time.perf_counter() - began)
        yield line(
            "clocks",
            "yizhan",
            "postgresql",
            0,
            what=what,
            clocks=running,
            due=found,
            find_p50_ms=ms(percentile(took, 50)),
            find_p99_ms=ms(percentile(took, 99)),
        )
    database.dispose()
