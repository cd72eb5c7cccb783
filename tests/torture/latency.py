"""How long steps took, from the rows they left."""

from __future__ import annotations

from datetime import datetime

from tests.torture.cluster import Cluster


def step_latency(cluster: Cluster) -> dict[str, float]:
    """Seconds from the moment an automatic step could be done until its result was recorded, calls included."""
    rows = cluster.sql_patiently("SELECT created_at, ended_at FROM job WHERE state = 'done' AND ended_at IS NOT NULL")
    seconds = sorted((as_time(ended) - as_time(created)).total_seconds() for created, ended in rows)
    return {
        "steps": len(seconds),
        "step_p50_s": quantile(seconds, 0.5),
        "step_p95_s": quantile(seconds, 0.95),
        "step_max_s": quantile(seconds, 1.0),
    }


def quantile(values: list[float], share: float) -> float:
    """The value below which that share lies; ``values`` are sorted."""
    return round(values[min(len(values) - 1, int(share * len(values)))], 3) if values else 0.0


def as_time(value: datetime | str) -> datetime:
    """A time as PostgreSQL gives it, or SQLite."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
