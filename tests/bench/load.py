"""Load at a fixed rate: how long people wait at 25, 50 and 75 % of what the system can do.

Orders come at fixed instants whether or not the system keeps up (open loop), and waiting is counted from the instant an
order was due. The process is order-8 with a second person at its end: "complete -> next task" is handing in the first
task, the decision, the automatic step `start_billing` in a worker, and the second task seen in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests import servers
from tests.bench.driving import Driver, Order
from tests.bench.figures import by_part, line, ms, note, of_everything, percentile
from tests.bench.meters import now
from tests.bench.order8 import Size, System, measure, on_postgresql

PROCESS = "order_8_confirmed"
WORKERS = 2
PERCENT = (25, 50, 75)
WARM_UP_S = 3.0
LOOK_S = 0.002
WINDOW = 16


def at_rate(
    driver: Driver, per_s: float, seconds: float, *, warm_up_s: float = WARM_UP_S
) -> tuple[list[Order], list[float]]:
    """Submit at fixed instants for so long and let all orders end; returns those due after the warm-up, and how late
    the submitting itself was."""
    began, late = now() + 0.05, []
    for number in range(round((warm_up_s + seconds) * per_s)):
        due = began + number / per_s
        while now() < due:
            driver.turn(until=due)
        late.append(now() - due)
        driver.submit(due)
    driver.until(lambda: driver.open_orders == 0)
    return [order for order in driver.finished if order.wanted_at >= began + warm_up_s], late


def waiting(orders: list[Order], late: list[float]) -> dict[str, Any]:
    """How long people waited."""
    to_task = [order.to_task_s for order in orders]
    to_next, to_end = ([order.legs[leg] for order in orders] for leg in (0, 1))
    return {
        "orders": len(orders),
        "to_task_p50_ms": ms(percentile(to_task, 50)),
        "to_task_p99_ms": ms(percentile(to_task, 99)),
        "to_finish_p99_ms": ms(percentile([order.to_finish_s for order in orders], 99)),
        "complete_to_task_p50_ms": ms(percentile(to_next, 50)),
        "complete_to_task_p99_ms": ms(percentile(to_next, 99)),
        "complete_to_end_p50_ms": ms(percentile(to_end, 50)),
        "complete_to_end_p99_ms": ms(percentile(to_end, 99)),
        "submitted_late_p99_ms": ms(percentile(late, 99)),
    }


def one_row(system: System, per_s: float, seconds: float) -> dict[str, Any]:
    """Measure one rate on a fresh system and stop it."""
    first = system.reading()
    orders, late = at_rate(system.driver, per_s, seconds)
    count = len(system.driver.finished)
    last = system.reading()
    parts = by_part(first, last, count)
    system.stop()
    return {
        **waiting(orders, late),
        "cpu_ms_per_order": round(sum(parts.values()), 3),
        "cpu_ms_by_part": parts,
        **of_everything(first, system.reading(), count),
    }


def load(
    server: servers.PostgreSQL, redis: servers.Redis, size: Size, *, seconds: float, capacity: float | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of load: each share of the capacity with the bell, and half of it without."""
    if capacity is None:
        with on_postgresql(server, "load_capacity", workers=WORKERS, redis=redis, process=PROCESS) as system:
            figures = measure(system, size, window=WINDOW)
        capacity = float(figures["orders_per_s"])
        yield line("load-capacity", "yizhan", "postgresql", WORKERS, bell="redis", **figures)
    note(f"capacity {capacity:g} orders/s, each rate for {seconds:g} s")
    for percent, bell in [*((percent, redis) for percent in PERCENT), (50, None)]:
        rate, name = capacity * percent / 100, f"load_{percent}_{'bell' if bell else 'poll'}"
        with on_postgresql(server, name, workers=WORKERS, redis=bell, process=PROCESS, every_s=LOOK_S) as system:
            figures = one_row(system, rate, seconds)
        figures |= {"orders_per_s": round(rate, 2), "bell": "redis" if bell else "none", "percent_of_capacity": percent}
        yield line("load", "yizhan", "postgresql", WORKERS, **figures)
