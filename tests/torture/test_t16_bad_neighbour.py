"""T16: one neighbour refuses 30 % of the calls, does 10 % and hangs up, answers 5 % after a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from adapters.simulators.weather import Weather
from tests.torture.cluster import Cluster, distributed
from tests.torture.experiment import asked_for, run_load
from tests.torture.latency import as_time, quantile
from tests.torture.neighbours import MANY_THREADS, calls_to, far_rows, set_weather

pytestmark = [pytest.mark.slow, pytest.mark.torture]
BAD = "billing"
#: The time-outs of the calls are the product's own (10 s), so the slow ones need not be scaled.
WEATHER = Weather(seed=16, adapter=BAD, error503=0.3, drop_after=0.1, slow=0.05, slow_s=60.0)
REST_WITHIN_S = 1800.0
CALLS_OVER = 1.3
#: The figure is printed; on a machine that does other things as well twice the time still says "not held up".
LATER_THAN = 2.0
GRACE_S = 1.0


class Turn:
    """Lets the weather change when some orders are through, while more are sent; ``at`` is when (database time)."""

    def __init__(self, cluster: Cluster, *, after_orders: int) -> None:
        self.at = ""
        self.calls_before = 0
        self._cluster, self._after_orders = cluster, after_orders
        self._stop = threading.Event()

    @contextmanager
    def turning(self) -> Iterator[None]:
        """Wait and change it while the block runs."""
        thread = threading.Thread(target=self._run, name="weather")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        through = "SELECT count(*) FROM product_order WHERE state = 'completed'"
        while not self._stop.wait(0.3):
            if self._cluster.sql_patiently(through)[0][0] >= self._after_orders:
                break
        self.at = str(self._cluster.sql_patiently("SELECT clock_timestamp()")[0][0])
        self.calls_before = calls_to(self._cluster, BAD).total
        set_weather(self._cluster, **asdict(WEATHER))


def test_t16_bad_neighbour(figures: Callable[..., None], tmp_path: Path) -> None:
    """1,000 orders: each operation is in force once, others hardly notice, and no more calls than it takes."""
    orders = asked_for("ORDERS", 1000)
    with distributed(tmp_path, far=MANY_THREADS) as cluster:
        turn = Turn(cluster, after_orders=max(orders // 10, 3))
        run = run_load(cluster, orders_count=orders, window=80, rest_within_s=REST_WITHIN_S, beside=turn.turning)
        made, needed, operations = (
            calls_to(cluster, BAD).total - turn.calls_before,
            calls_needed(cluster),
            tries(cluster),
        )
        probes = run.counters.get(f"gate:{BAD}:breaker_opened", 0)
        fair = step_times(cluster, "ended_at < :at", turn.at)
        bad = step_times(cluster, "created_at > :at", turn.at)
        figures(
            "T16",
            bad=BAD,
            operations=len(operations),
            calls=made,
            breaker_opened=probes,
            calls_needed=needed,
            calls_over_needed=round(made / needed, 2),
            calls_per_operation=round(made / len(operations), 2),
            others_p95_s_in_fair_weather=fair,
            others_p95_s=bad,
            problems=run.verdict.problems,
            **run.figures(),
        )
        run.check()
        assert made <= CALLS_OVER * needed + probes
        for adapter in fair.keys() & bad.keys():
            assert bad[adapter] <= LATER_THAN * fair[adapter] + GRACE_S


def tries(cluster: Cluster) -> dict[str, int]:
    """How often each operation came to the neighbour while its weather was bad."""
    return {row["key"]: row["count"] for row in far_rows(cluster, "tries")}


def calls_needed(cluster: Cluster) -> int:
    """The calls it takes when every one that meets a fault is repeated, and none else."""

    def needed(key: str) -> int:
        nth = 1
        while WEATHER.fault_of(BAD, key, nth) is not None:
            nth += 1
        return nth

    return sum(needed(key) for key in tries(cluster))


def step_times(cluster: Cluster, when: str, at: str) -> dict[str, float]:
    """p95 of a synchronous step of each other neighbour, from the moment it could be done until it was recorded."""
    query = f"""SELECT adapter, created_at, ended_at FROM job
                WHERE adapter <> '{BAD}' AND phase = 'perform' AND state = 'done' AND {when}"""
    seconds: dict[str, list[float]] = {}
    for adapter, created, ended in cluster.sql_patiently(query, at=at):
        seconds.setdefault(adapter, []).append((as_time(ended) - as_time(created)).total_seconds())
    return {adapter: quantile(sorted(times), 0.95) for adapter, times in seconds.items()}
