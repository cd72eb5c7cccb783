"""Many finished and waiting orders: what an order costs then, how soon people get their answers, how history goes.

The same order-8 is measured on an empty database, on the full one, and on an empty one again; the figure to look at is
``change_percent``, the CPU per order against the mean of the two empty ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg

from app.persistence.people import actor_of, staff_of
from tests import servers
from tests.bench.driving import Driver
from tests.bench.figures import line
from tests.bench.meters import PostgresMeter
from tests.bench.order8 import LOOK_S, PROGRAM, Size, System, existing_database, measure, on_postgresql, spawn
from tests.bench.volume_asks import BURSTS, CONTENDERS, WORKS, ask_all, contend, product
from tests.bench.volume_kept import VOLUME, fill_once, fresh, server_in
from tests.bench.volume_month import month_goes, summed_up
from tests.bench.volume_web import contend_over_http

#: What the full database must not exceed; the bench prints it beside what it measured.
LIMITS: Final = {"p95_ms": 150, "change_percent": 15}


def volume(
    folder: Path, size: Size, *, finished: int, waiting: int, times: int, is_kept: bool = False
) -> Iterator[dict[str, Any]]:
    """All rows of the bench.

    :param folder: where PostgreSQL keeps its data.
    :param is_kept: the filled database stays there; what is measured is a copy, which is dropped at the end.
    """
    fill_once(folder, finished=finished, waiting=waiting)
    with server_in(folder, durable=True) as server:
        fresh(server, is_kept=is_kept)
        yield line("volume", "filled", "postgresql", 0, **_sizes(server, finished + waiting))
        empty = [_order_8(server, "volume_empty_1", size)]
        with existing_database(server, VOLUME) as meter:
            with _running(server, VOLUME, meter) as system:
                full = measure(system, size)
            with product(server.url(VOLUME)) as (app, deps):
                yield summed_up(deps)
                yield from ask_all(app, deps, times=times, finished=finished)
                actors = _contenders(deps)
                yield contend(deps, actors, bursts=BURSTS)
                yield contend_over_http(deps, server.url(VOLUME), bursts=BURSTS)
                yield from month_goes(app, deps, server.url(VOLUME), actors[0])
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
    with psycopg.connect(server.dsn(VOLUME)) as connection:
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
    return [replace(known, login=f"contender-{number}") for number in range(CONTENDERS)]
