"""How figures are made of readings and printed: one JSON object per line, always with the same first keys."""

from __future__ import annotations

import itertools
import json
import signal
import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.bench.driving import Order
from tests.bench.meters import Reading

KEYS = (
    "bench",
    "system",
    "database",
    "workers",
    "orders",
    "orders_per_s",
    "cpu_ms_per_order",
    "to_task_p50_ms",
    "to_task_p99_ms",
    "to_finish_p99_ms",
    "commits_per_order",
    "wal_bytes_per_order",
    "bytes_per_order",
)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that so many percent do not exceed (nearest rank); none of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def ms(seconds: float | None) -> float | None:
    """Seconds as milliseconds with two figures after the point."""
    return None if seconds is None else round(seconds * 1000, 2)


def of_rounds(readings: Sequence[Reading], orders: Sequence[Order], per_round: int) -> dict[str, Any]:
    """The figures of rounds of equal size between readings: medians of the rounds, percentiles over all orders."""
    rounds = list(itertools.pairwise(readings))
    first, last, count = readings[0], readings[-1], per_round * len(rounds)
    rates = [per_round / (after.at - before.at) for before, after in rounds]
    cpu = [sum(after.cpu_ns.values()) - sum(before.cpu_ns.values()) for before, after in rounds]
    cpu_ms = [spent / per_round / 1e6 for spent in cpu]
    to_task = [order.to_task_s for order in orders]
    figures: dict[str, Any] = {
        "orders": count,
        "orders_per_s": round(median(rates), 2),
        "cpu_ms_per_order": round(median(cpu_ms), 3),
        "to_task_p50_ms": ms(percentile(to_task, 50)),
        "to_task_p99_ms": ms(percentile(to_task, 99)),
        "to_finish_p99_ms": ms(percentile([order.to_finish_s for order in orders], 99)),
        "wal_bytes_per_order": None,
        "bytes_per_order": round((last.size_bytes - first.size_bytes) / count),
        "rounds": len(rounds),
        "cpu_ms_per_order_spread": [round(min(cpu_ms), 3), round(max(cpu_ms), 3)],
        "orders_per_s_spread": [round(min(rates), 2), round(max(rates), 2)],
        "cpu_ms_by_part": by_part(first, last, count),
    }
    if first.wal_bytes is not None and last.wal_bytes is not None:
        figures["wal_bytes_per_order"] = round((last.wal_bytes - first.wal_bytes) / count)
    return figures


def of_everything(first: Reading, last: Reading, count: int) -> dict[str, Any]:
    """Counts over a whole run: the backends of PostgreSQL hand in theirs late, at the latest when they end."""
    counts = {name: (first.more[name], value) for name, value in last.more.items()}
    if first.commits is not None and last.commits is not None:
        counts["commits"] = (first.commits, last.commits)
    return {f"{name}_per_order": round((after - before) / count, 2) for name, (before, after) in counts.items()}


def by_part(first: Reading, last: Reading, count: int) -> dict[str, float]:
    """Milliseconds of CPU per order, for each part of the system."""
    return {part: round((spent - first.cpu_ns[part]) / count / 1e6, 3) for part, spent in last.cpu_ns.items()}


def line(bench: str, system: str, database: str, workers: int, **figures: Any) -> dict[str, Any]:
    """One line of the output, the fixed keys first; what was not measured is null."""
    given = {"bench": bench, "system": system, "database": database, "workers": workers, **figures}
    fixed = {key: given.get(key) for key in KEYS}
    return {**fixed, **{key: value for key, value in given.items() if key not in KEYS}}


def report(figures: dict[str, Any]) -> None:
    """Print a line, and for people what it says."""
    print(json.dumps(figures, ensure_ascii=False), flush=True)
    spread = figures.get("cpu_ms_per_order_spread")
    note(
        f"{figures['bench']} {figures['system']} {figures['database']} workers={figures['workers']}: "
        f"{figures['cpu_ms_per_order']} ms CPU per order {spread or ''} of {figures.get('cpu_ms_by_part', '')}, "
        f"{figures['orders_per_s']}/s {figures.get('orders_per_s_spread', '')}"
    )


def note(text: str) -> None:
    """A line for people, on the error output."""
    print(text, file=sys.stderr, flush=True)


def tidy_up_when_ended() -> None:
    """Let SIGTERM end this program as an error does, so that its servers and folders go with it."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
