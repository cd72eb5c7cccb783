"""T05: Redis is emptied again and again under load; it carries only wake-ups, so nothing is lost but a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.torture.cluster import Cluster, distributed
from tests.torture.experiment import asked_for, run_load
from tests.torture.latency import step_latency

pytestmark = pytest.mark.slow
LATENCY_P95_S = 10.0


class Flusher:
    """Empties a Redis every so many seconds, for at least so long."""

    def __init__(self, cluster: Cluster, *, every_s: float, at_least_s: float) -> None:
        self.count = 0
        self._cluster, self._every_s = cluster, every_s
        self._ends_at = time.monotonic() + at_least_s
        self._stop = threading.Event()

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """Go on while the block runs, and until the time is up."""
        thread = threading.Thread(target=self._run, name="flusher")
        thread.start()
        try:
            yield
            time.sleep(max(0.0, self._ends_at - time.monotonic()))
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        with redis.Redis.from_url(self._cluster.redis_url) as client:
            while not self._stop.wait(self._every_s):
                client.flushall()
                self._cluster.journal.write("flushall")
                self.count += 1


def test_t05_redis_emptied(full: bool, figures: Callable[..., None], tmp_path: Path, filled: Path) -> None:
    """500 orders while Redis forgets everything each 5 s for 3 minutes."""
    with distributed(tmp_path, filled=filled) as cluster:
        flusher = Flusher(cluster, every_s=5.0 if full else 0.7, at_least_s=180.0 if full else 5.0)
        run = run_load(
            cluster,
            orders_count=asked_for("ORDERS", 500 if full else 16),
            beside=flusher.flushing,
            rest_within_s=0 if full else 300,
        )
        latency = step_latency(cluster)
        figures("T05", flushes=flusher.count, **latency, **run.figures())
        run.check()
        assert len(run.load.of("acked")) == len(run.load.sent)
        assert run.verdict.orders.keys() == {"completed"}
        assert flusher.count > 0
        assert run.counters["wakes"] > 0
        # Of a few orders on a machine that does other things as well, the figure says nothing.
        assert not full or latency["step_p95_s"] <= LATENCY_P95_S
