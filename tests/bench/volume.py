"""Many finished and waiting orders: what an order costs then, how soon people get their answers, how history goes.

The same order-8 is measured on an empty database, on the full one, and on an empty one again; the figure to look at is
``change_percent``, the CPU per order against the mean of the two empty ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Final

import psycopg

from app.persistence.people import User, actor_of, staff_of
from app.services import history_keeping
from processes.retention import Policy, Removed
from tests import servers
from tests.bench.driving import Driver
from tests.bench.figures import line, ms, note, percentile
from tests.bench.meters import PostgresMeter, now
from tests.bench.order8 import LOOK_S, PROGRAM, Size, System, measure, new_database, on_postgresql, spawn
from tests.bench.volume_asks import BURSTS, CONTENDERS, WORKS, ask_all, contend, product
from tests.bench.volume_fill import PER_CUSTOMER, fill
from tests.bench.volume_samples import prepare

#: What the full database must not exceed; the bench prints it beside what it measured.
LIMITS: Final = {"p95_ms": 150, "change_percent": 15}
KEEP_DAYS: Final = 335  # of a year of orders, a month goes


def volume(
    server: servers.PostgreSQL, size: Size, *, finished: int, waiting: int, times: int
) -> Iterator[dict[str, Any]]:
    """All rows of the bench; the full database is dropped at the end."""
    empty = [_order_8(server, "volume_empty_1", size)]
    with new_database(server, "volume") as meter:
        began = now()
        prepare(server.url("volume"))
        fill(server.url("volume"), server.dsn("volume"), finished=finished, waiting=waiting)
        note(f"volume: {finished} finished and {waiting} waiting orders in {now() - began:.0f} s")
        yield line("volume", "filled", "postgresql", 0, **_sizes(server, finished + waiting))
        with _running(server, "volume", meter) as system:
            full = measure(system, size)
        customers = max(1, (finished + waiting) // PER_CUSTOMER)
        with product(server.url("volume")) as (app, deps):
            yield from ask_all(app, deps, times=times, customers=customers, database="postgresql")
            yield contend(deps, _contenders(deps), bursts=BURSTS, database="postgresql")
            yield _removed(deps)
    empty.append(_order_8(server, "volume_empty_2", size))
    for number, figures in enumerate(empty, start=1):
        yield line("volume", f"order-8-empty-{number}", "postgresql", 1, **figures)
    usual = sum(figures["cpu_ms_per_order"] for figures in empty) / len(empty)
    change = round(100 * (full["cpu_ms_per_order"] / usual - 1), 1)
    yield line("volume", "order-8-full", "postgresql", 1, **full, change_percent=change, limits=LIMITS)


def _order_8(server: servers.PostgreSQL, name: str, size: Size) -> dict[str, Any]:
    with on_postgresql(server, name, workers=1) as system:
        return measure(system, size)


@contextmanager
def _running(server: servers.PostgreSQL, name: str, meter: PostgresMeter) -> Iterator[System]:
    """The engine at work on a database that is there already."""
    with ExitStack() as processes:
        hand = spawn(processes, *PROGRAM, "worker", server.url(name))
        people = spawn(processes, *PROGRAM, "people", server.url(name))
        parts = {"people": [people.pid], "workers": [hand.pid]}
        yield System(Driver(people, meter, every_s=LOOK_S), meter, parts, processes.close)


def _sizes(server: servers.PostgreSQL, orders: int) -> dict[str, Any]:
    with psycopg.connect(server.dsn("volume")) as connection:
        rows = connection.execute(
            "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 8"
        ).fetchall()
        whole = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    total = int(whole[0]) if whole else 0
    largest = {name: round(size / 2**20, 1) for name, size in rows}
    return {
        "orders": orders,
        "bytes_per_order": round(total / orders),
        "mb": round(total / 2**20),
        "largest_mb": largest,
    }


def _contenders(deps: Any) -> list[Any]:
    """Twenty members of one team."""
    with deps.sessions() as session:
        known = actor_of(staff_of(session, WORKS))
        assert session.get(User, WORKS) is not None
    return [replace(known, login=f"contender-{number}") for number in range(CONTENDERS)]


def _removed(deps: Any) -> dict[str, Any]:
    """The oldest month of a year goes; ``p95_ms`` is what one batch of twenty trees takes."""
    began, took, last = now(), [], now()

    def told(_removed: Removed) -> None:
        nonlocal last
        took.append(now() - last)
        last = now()

    while history_keeping.add_up(deps):
        pass
    summed_s, last = now() - began, now()
    removed = history_keeping.remove_old(deps, Policy(days=KEEP_DAYS), told=told)
    figures = {"trees": removed.trees, "rows_removed": removed.rows, "summed_up_s": round(summed_s, 1)}
    spread = {
        "p50_ms": ms(percentile(took, 50)),
        "p95_ms": ms(percentile(took, 95)),
        "most_ms": ms(max(took, default=None)),
    }
    return line("volume", "remove-a-month", "postgresql", 0, **spread, **figures, removed_s=round(sum(took), 1))
