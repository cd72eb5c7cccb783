"""The page of a worker's counters shows how its gate to each neighbour stands."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from adapters.gate import Gate
from app.running.worker_metrics import WorkerFigures
from processes.counters import Counters


def test_the_gates_are_on_the_page() -> None:
    now = itertools.count(1000)
    gates = {name: Gate(name, lambda: float(next(now))) for name in ("billing", "fault")}
    for _ in range(5):
        with gates["billing"].passing(is_retry=False) as passage:
            passage.succeeded = False
    parts: Any = SimpleNamespace(counters=Counters(), ports={**gates, "silent": object()})
    registry = CollectorRegistry()
    registry.register(WorkerFigures(SimpleNamespace(in_hand=0, is_held_back=False), parts))  # type: ignore[arg-type]
    text = generate_latest(registry).decode()
    assert 'yizhan_breaker{adapter="billing"} 2.0' in text
    assert 'yizhan_breaker{adapter="fault"} 0.0' in text
    assert 'yizhan_breaker_opened_total{adapter="billing"} 1.0' in text
    assert 'yizhan_retries_left{adapter="fault"} 30.0' in text
    assert "silent" not in text
