"""T08: the database ends connections, two a second for three minutes; callers are told to try again, no more."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.torture.cluster import Cluster, distributed
from tests.torture.experiment import asked_for
from tests.torture.steady import steady_load

pytestmark = [pytest.mark.slow, pytest.mark.torture]
PER_SECOND = 2.0
SECONDS = 180
#: Busy ones first: it is their transactions that are torn.
END_ONE = """
SELECT application_name, state, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name IN ('yizhan web', 'yizhan worker')
ORDER BY state = 'idle', random() LIMIT 1
"""


@contextmanager
def ending_connections(cluster: Cluster, ended: Counter[str]) -> Iterator[None]:
    """End a connection now and then while the block runs; counted by program and by what it was doing."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(1 / PER_SECOND):
            try:
                rows = cluster.sql(END_ONE)
            except DBAPIError:
                continue
            for program, state, _done in rows:
                ended[f"{program}, {state}"] += 1
                cluster.journal.write("ended", program=program, state=state)

    thread = threading.Thread(target=run, name="ender", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_connections_are_ended_under_load(figures: Callable[..., None], tmp_path: Path) -> None:
    ended: Counter[str] = Counter()
    with distributed(tmp_path) as cluster, steady_load(cluster, prefix="T08") as steady:
        steady.wait_for_orders(final=1)
        with ending_connections(cluster, ended):
            time.sleep(asked_for("SECONDS", SECONDS))
    told = [row for row in cluster.journal.rows() if row["event"] == "5xx"]
    unsafe = [row for row in told if row["status"] != 503 or not row["retry_after"]]
    figures(
        "T08",
        connections_ended=sum(ended.values()),
        by_program_and_state=dict(ended),
        told_to_try_again=len(told),
        without_retry_after=len(unsafe),
        **steady.figures(),
    )
    assert unsafe == []
    assert sum(ended.values()) > 0
    steady.check()
