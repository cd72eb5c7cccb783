"""What experiments with bad neighbours have in common: their weather, and how many calls they counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from tests.torture.cluster import Cluster

#: A call that is slow on purpose holds one thread of the neighbours; the others must not feel it.
MANY_THREADS = ("--ample-stock", "--threads", "64")


def set_weather(cluster: Cluster, **weather: Any) -> None:
    """It is like this from now on."""
    answer = httpx.post(f"{cluster.neighbours}/control/weather", json=weather, timeout=10)
    answer.raise_for_status()
    cluster.journal.write("weather", **weather)


def clear_up(cluster: Cluster) -> None:
    """Fair weather again."""
    httpx.delete(f"{cluster.neighbours}/control/weather", timeout=10).raise_for_status()
    cluster.journal.write("fair weather")


def far_rows(cluster: Cluster, path: str) -> list[dict[str, Any]]:
    """What the neighbours' control door lists."""
    rows: list[dict[str, Any]] = (
        httpx.get(f"{cluster.neighbours}/control/{path}", timeout=120).raise_for_status().json()
    )
    return rows


@dataclass
class Calls:
    """The calls one neighbour got, by second."""

    by_second: Counter[int]
    failed: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_second.values())

    def between(self, begin: float, end: float) -> int:
        """How many came from one moment to another (seconds since 1970)."""
        return sum(count for second, count in self.by_second.items() if begin <= second < end)

    def busiest(self, begin: float, end: float, window_s: int = 10) -> float:
        """Calls a second in the busiest stretch of so many seconds."""
        starts = range(int(begin), max(int(begin) + 1, int(end) - window_s + 1))
        return max(self.between(at, at + window_s) for at in starts) / window_s


def calls_to(cluster: Cluster, adapter: str) -> Calls:
    """Ask a neighbour how many calls it got."""
    by_second: Counter[int] = Counter()
    failed = 0
    for row in far_rows(cluster, "traffic"):
        if row["adapter"] == adapter:
            by_second[row["second"]] += row["calls"]
            failed += row["calls"] if row["status"] >= 500 else 0
    return Calls(by_second, failed)
