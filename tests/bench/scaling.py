"""What one more worker brings while cores are free: order-8 whose automatic steps wait instead of computing.

Each step waits 40 ms, as if a neighbour were slow to answer, so that threads are short and not the machine. What
keeps two workers from doing twice as much is then only what they do to each other: locks, claims, the database's log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests import servers
from tests.bench.figures import line
from tests.bench.order8 import Size, measure, on_postgresql

STEP_MS = 40.0
WORKERS = (1, 2, 4)
WINDOW = 32


def scaling(server: servers.PostgreSQL, orders: int) -> Iterator[dict[str, Any]]:
    """The rows of scaling, ``orders`` for each worker; ``times_one_worker`` is the rate beside that of one.

    One long round: orders that begin together stay together, so short rounds would catch crowds and gaps.
    """
    one = 0.0
    for workers in WORKERS:
        size = Size(WINDOW, 1, orders * workers)
        with on_postgresql(server, f"scaling_{workers}", workers=workers, step_ms=STEP_MS) as system:
            figures = measure(system, size, window=WINDOW)
        one = one or figures["orders_per_s"]
        figures |= {"times_one_worker": round(figures["orders_per_s"] / one, 2), "step_ms": STEP_MS}
        yield line("scaling", "yizhan", "postgresql", workers, **figures)
