"""``python -m tests.bench [order-8|home-bundle|load|all]``: one JSON object per figure on the standard output."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests import servers
from tests.bench.figures import note, report
from tests.bench.order8 import Size, order_8


def main() -> None:
    """Measure what is asked for, all of it if nothing is."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("bench", nargs="?", default="all", choices=("order-8", "all"))
    parser.add_argument(
        "--systems", default="floor,1,2,sqlite", help="of order-8: floor, workers on PostgreSQL, sqlite"
    )
    parser.add_argument("--orders", type=int, default=100, help="orders in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=100)
    given = parser.parse_args()
    size = Size(given.warm_up, given.rounds, given.orders)
    note(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="yizhan-bench-") as name, servers.postgresql(durable=True) as server:
        folder = Path(name)
        for figures in order_8(server, folder, size, systems=tuple(given.systems.split(","))):
            report(figures)


if __name__ == "__main__":
    main()
