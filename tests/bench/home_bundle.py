"""home-bundle: the example order through HTTP on a whole system, its work items done by a crew.

Web, workers, neighbours with callbacks, clocks, audit, reconciliation. The CPU of the neighbours and of the crew is not
ours and is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from tests import servers
from tests.bench import cpu
from tests.bench.driving import Driver
from tests.bench.figures import line
from tests.bench.meters import Database, PostgresMeter, SqliteMeter
from tests.bench.order8 import Size, System, measure_drained, spawn
from tests.torture.cluster import Cluster, distributed, single_host

LOOK_S = 0.02
WINDOW = 12
#: Settings of a bench are the defaults of the product.
USUAL = {"YIZHAN_POLL_S": "1", "YIZHAN_JOB_LEASE_S": "60", "YIZHAN_LOG_LEVEL": "warning"}
ORDERS = (
    "SELECT o.id, CASE WHEN o.state = 'completed' THEN 'completed'"
    " WHEN o.state IN ('failed', 'partial', 'cancelled', 'rejected') THEN o.state ELSE 'running' END, w.id"
    " FROM product_order o LEFT JOIN work_item w ON w.order_id = o.id AND w.state = 'open' WHERE o.id {ids}"
)


@contextmanager
def on_postgresql(
    folder: Path, *, workers: int, look: str = ORDERS, orders: str = "home-bundle"
) -> Iterator[tuple[Cluster, System]]:
    """One web server and so many workers, PostgreSQL with default durability, Redis; and the crew with its orders."""
    folder.mkdir()
    with ExitStack() as people, distributed(folder, web=1, workers=workers, **USUAL) as cluster:
        members = cluster.members
        dsn = cluster.env["YIZHAN_DATABASE_URL"].replace("+psycopg", "")
        with closing(PostgresMeter(dsn, members["postgresql"].pid, look=look)) as meter:
            parts = {kind: [members[name].pid for name in cluster.names(kind)] for kind in ("web", "worker", "redis")}
            yield cluster, whole_system(people, cluster, meter, parts, orders=orders)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[System]:
    """`yizhan up --demo`: one process, and the neighbours below it."""
    folder.mkdir()
    with ExitStack() as people, single_host(folder, **USUAL) as cluster:
        up = cluster.members["up"].pid
        with closing(SqliteMeter(folder / "yizhan.sqlite", look=ORDERS)) as meter:
            yield whole_system(people, cluster, meter, {"process": [up]}, not_ours=cpu.children().get(up, []))


def whole_system(
    people: ExitStack,
    cluster: Cluster,
    meter: Database,
    parts: dict[str, list[int]],
    *,
    not_ours: Collection[int] = (),
    orders: str = "home-bundle",
) -> System:
    """The system with its crew."""

    def end() -> None:
        people.close()
        for kind in ("worker", "web"):
            for name in cluster.names(kind):
                cluster.leave_dead(name)
                process = cluster.members[name].process
                if process is not None:
                    servers.stop(process)

    crew = spawn(people, "-m", "tests.bench.home_people", cluster.urls[0], orders)
    return System(Driver(crew, meter, every_s=LOOK_S), meter, parts, end, not_ours)


def home_bundle(
    folder: Path, size: Size, *, systems: tuple[str, ...] = ("1", "2", "sqlite")
) -> Iterator[dict[str, Any]]:
    """The rows of home-bundle: one and two workers on PostgreSQL, SQLite."""
    for workers in (1, 2):
        if str(workers) in systems:
            with on_postgresql(folder / f"home_{workers}", workers=workers) as (_, system):
                figures = measure_drained(system, size, window=WINDOW)
                yield line("home-bundle", "yizhan", "postgresql", workers, **figures)
    if "sqlite" in systems:
        with on_sqlite(folder / "home_sqlite") as system:
            yield line("home-bundle", "yizhan", "sqlite", 1, **measure_drained(system, size, window=WINDOW))
