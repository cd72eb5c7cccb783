"""T06: Redis is away all the time; every order is done, and the system says that it is degraded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.torture.cluster import distributed
from tests.torture.experiment import asked_for, run_load
from tests.torture.latency import step_latency

pytestmark = [pytest.mark.slow, pytest.mark.torture]


def test_t06_without_redis(figures: Callable[..., None], tmp_path: Path) -> None:
    """500 orders with a Redis that is configured and dead."""
    with distributed(tmp_path) as cluster:
        assert degraded(cluster.urls) == [[], []]
        cluster.leave_dead("redis")
        cluster.kill("redis")
        run = run_load(cluster, orders_count=asked_for("ORDERS", 500))
        figures("T06", **step_latency(cluster), **run.figures())
        assert degraded(cluster.urls) == [["redis"], ["redis"]]
        doctor = cluster.command("doctor")
        assert "degraded" in doctor.stdout
        assert doctor.returncode == 0, doctor.stdout
        run.check()
        assert len(run.load.of("acked")) == len(run.load.sent)
        assert run.verdict.orders.keys() == {"completed"}
        cluster.revive("redis")
        assert degraded(cluster.urls) == [[], []]


def degraded(urls: list[str]) -> list[list[str]]:
    """What each web server says is not as it should be; all are ready to serve."""
    found = [httpx.get(f"{url}/readyz", timeout=10).raise_for_status().json() for url in urls]
    return [one["degraded"] for one in found]
