"""``python -m tests.bench [NAME]``, one of BENCHES, ``volume`` or ``all``: a line of JSON per figure.

``all`` leaves out ``volume``, which fills a database for the better part of an hour. PEERS=1 in the environment adds
others on order-8.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import servers
from tests.bench.bulk_sheet import bulk_sheet
from tests.bench.clocks import clocks
from tests.bench.drawing_board import drawing_board
from tests.bench.figures import note, report, tidy_up_when_ended
from tests.bench.home_bundle import home_bundle
from tests.bench.load import load
from tests.bench.order8 import Size, order_8
from tests.bench.pages import pages
from tests.bench.peers import peers
from tests.bench.scaling import scaling
from tests.bench.volume import volume
from tests.bench.volume_kept import fill_once

BENCHES = ("order-8", "scaling", "load", "home-bundle", "bulk-sheet", "clocks", "pages", "drawing-board")


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("bench", nargs="?", default="all", choices=(*BENCHES, "volume", "all"))
    parser.add_argument("--systems", default="floor,1,2,sqlite", help="which of: floor, 1, 2 (workers), sqlite")
    parser.add_argument("--orders", type=int, default=200, help="orders in a round of order-8")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of order-8")
    parser.add_argument("--warm-up", type=int, default=100, help="orders before the first round")
    parser.add_argument("--scaling-orders", type=int, default=128, help="orders of scaling, per worker")
    parser.add_argument("--home-orders", type=int, default=20, help="orders in a round of home-bundle")
    parser.add_argument("--home-rounds", type=int, default=2, help="rounds of home-bundle")
    parser.add_argument("--home-warm-up", type=int, default=8, help="orders of home-bundle before the first round")
    parser.add_argument("--finished", type=int, default=1_000_000, help="finished orders of volume")
    parser.add_argument("--waiting", type=int, default=100_000, help="waiting orders of volume")
    parser.add_argument("--page-orders", type=int, default=100_000, help="orders of pages")
    parser.add_argument("--page-times", type=int, default=20, help="how often pages opens each page")
    parser.add_argument("--times", type=int, default=200, help="how often volume asks each question")
    parser.add_argument(
        "--keep", type=Path, help="volume: the folder of a filled database that stays for the next time"
    )
    parser.add_argument("--fill-only", action="store_true", help="volume: fill the database of --keep, measure nothing")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long load goes on at each rate")
    parser.add_argument("--capacity", type=float, help="orders/s that count as full load; measured if not given")
    given = parser.parse_args()
    if given.fill_only and given.keep is None:
        parser.error("--fill-only needs --keep")
    return given


def figures_of(name: str, given: argparse.Namespace, stack: ExitStack) -> Iterator[dict[str, Any]]:
    """Start the servers a bench needs and measure."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yizhan-bench-")))
    size, systems = Size(given.warm_up, given.rounds, given.orders), tuple(given.systems.split(","))
    if name == "home-bundle":
        yield from home_bundle(folder, Size(given.home_warm_up, given.home_rounds, given.home_orders), systems=systems)
        return
    if name == "bulk-sheet":
        yield from bulk_sheet(folder / "bulk_sheet")
        return
    if name == "volume":
        filled = {"finished": given.finished, "waiting": given.waiting}
        if given.fill_only:
            fill_once(given.keep, **filled)
            return
        place = given.keep or folder
        yield from volume(place, size, times=given.times, is_kept=given.keep is not None, **filled)
        return
    if name == "pages":
        place = given.keep or folder
        filled = {"finished": given.page_orders - given.page_orders // 10, "waiting": given.page_orders // 10}
        yield from pages(place, times=given.page_times, is_kept=given.keep is not None, **filled)
        return
    if name == "drawing-board":
        yield from drawing_board(times=given.page_times)
        return
    server = stack.enter_context(servers.postgresql(durable=True))
    if name == "order-8":
        yield from order_8(server, folder, size, systems=systems)
        if os.environ.get("PEERS", "") not in {"", "0"}:
            yield from peers(server, size)
    elif name == "clocks":
        yield from clocks(server, folder)
    elif name == "scaling":
        yield from scaling(server, given.scaling_orders)
    elif name == "load":
        redis = stack.enter_context(servers.redis_server())
        yield from load(server, redis, size, seconds=given.seconds, capacity=given.capacity)


def main() -> None:
    """Measure what is asked for, all of it if nothing is."""
    given = options()
    tidy_up_when_ended()
    for name in BENCHES if given.bench == "all" else (given.bench,):
        note(f"{name}: load of the machine before {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
        with ExitStack() as stack:
            for figures in figures_of(name, given, stack):
                report(figures)


if __name__ == "__main__":
    main()
