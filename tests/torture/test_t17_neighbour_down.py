"""T17: a neighbour is down for five minutes under load, then back: few calls meanwhile, no rush afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.torture.cluster import Cluster, distributed
from tests.torture.experiment import asked_for, run_load
from tests.torture.neighbours import MANY_THREADS, Calls, calls_to, clear_up, set_weather

pytestmark = [pytest.mark.slow, pytest.mark.torture]
DOWN = "resource"
WORKERS = 2
OPENS_WITHIN_S = 10.0
ONE_CALL_IN_S = 30.0
OVER_NORMAL = 2.0
#: Long enough that a handful of calls makes no peak.
WINDOW_S = 30
REST_WITHIN_S = 1800.0


class Outage:
    """Breaks a neighbour when some orders are through, and mends it after so long; times are seconds since 1970."""

    def __init__(self, cluster: Cluster, *, after_orders: int, down_s: float) -> None:
        self.begins = self.ends = 0.0
        self.doctor = ""
        self._cluster, self._after_orders, self._down_s = cluster, after_orders, down_s
        self._sent_all = threading.Event()

    @contextmanager
    def happening(self) -> Iterator[None]:
        """Let it happen while the block runs, to its end."""
        thread = threading.Thread(target=self._run, name="outage")
        thread.start()
        try:
            yield
        finally:
            self._sent_all.set()
            thread.join()

    def _run(self) -> None:
        through = "SELECT count(*) FROM product_order WHERE state = 'completed'"
        while not self._sent_all.wait(0.3):
            if self._cluster.sql_patiently(through)[0][0] >= self._after_orders:
                break
        self.begins = time.time()
        set_weather(self._cluster, adapter=DOWN, error503=1.0)
        time.sleep(self._down_s / 2)
        self.doctor = self._cluster.command("doctor").stdout
        time.sleep(max(0.0, self.begins + self._down_s - time.time()))
        clear_up(self._cluster)
        self.ends = time.time()


def test_t17_neighbour_down(figures: Callable[..., None], tmp_path: Path) -> None:
    """The breaker opens within 10 s, calls while open are at most one in 30 s, the backlog drains without a peak."""
    orders, down_s = asked_for("ORDERS", 500), float(asked_for("DOWN_S", 300))
    with distributed(tmp_path, workers=WORKERS, far=MANY_THREADS) as cluster:
        outage = Outage(cluster, after_orders=orders // 4, down_s=down_s)
        # The window is wide: people go on to bring orders while the neighbour is away.
        run = run_load(
            cluster,
            orders_count=orders,
            window=max(60, orders // 3),
            rest_within_s=REST_WITHIN_S,
            beside=outage.happening,
        )
        calls = calls_to(cluster, DOWN)
        opened_s = open_after_s(calls, outage)
        while_open = calls.between(outage.begins + OPENS_WITHIN_S, outage.ends)
        normal = calls.busiest(outage.begins - 600, outage.begins, WINDOW_S)
        # After the rest the judge and `yizhan invariants` ask the neighbours about everything.
        rested = time.time() - (time.monotonic() - run.verdict.rested_at)
        peak = calls.busiest(outage.ends, rested, WINDOW_S)
        figures(
            "T17",
            down=DOWN,
            down_s=round(outage.ends - outage.begins, 1),
            opened_after_s=opened_s,
            breaker_opened=run.counters[f"gate:{DOWN}:breaker_opened"],
            calls_while_open=while_open,
            calls_while_open_per_worker_and_30_s=round(
                while_open / WORKERS / ((outage.ends - outage.begins - OPENS_WITHIN_S) / ONE_CALL_IN_S), 2
            ),
            normal_calls_per_s=normal,
            peak_calls_per_s=peak,
            peak_over_normal=round(peak / normal, 2),
            problems=run.verdict.problems,
            **run.figures(),
        )
        run.check()
        assert opened_s < OPENS_WITHIN_S
        # Each worker has a breaker of its own; the first probe comes sooner, to get over short breaks.
        assert while_open <= WORKERS * ((outage.ends - outage.begins) / ONE_CALL_IN_S + 1)
        assert peak <= OVER_NORMAL * normal
        assert f"neighbour {DOWN}" in outage.doctor
        assert run.verdict.at_an_incident == 0, "what is parked burns no attempt"


def open_after_s(calls: Calls, outage: Outage) -> float:
    """Seconds from the first call that failed until ten seconds in which no more than the probes came."""
    begin = int(outage.begins)
    for second in range(begin, int(outage.ends)):
        if calls.between(second, second + 10) <= WORKERS:
            return float(second - begin)
    return float("inf")
