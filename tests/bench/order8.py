"""order-8 in a closed loop: so many orders always open, rounds between readings, every process counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from tests import servers
from tests.bench import cpu
from tests.bench.driving import Driver
from tests.bench.figures import line, of_everything, of_rounds
from tests.bench.meters import Database, PostgresMeter, Reading, SqliteMeter, now
from tests.bench.order_process import bench_engine
from tests.databases import upgrade

HERE = Path(__file__).parent
WINDOW = 16
LOOK_S = 0.005
PROGRAM = ("-m", "tests.bench.order_process")


@dataclass(frozen=True)
class Size:
    """How much is measured: orders to warm up, rounds, orders in each."""

    warm_up: int = 100
    rounds: int = 5
    per_round: int = 100


@dataclass
class System:
    """Something under test that is running: its driver, its database, its processes by part, and how it is ended.

    ``not_ours``: processes below them that are not part of it. ``counts_itself``: the process can say its commits.
    """

    driver: Driver
    database: Database
    parts: Mapping[str, Sequence[int]]
    end: Callable[[], None]
    not_ours: Collection[int] = ()
    counts_itself: bool = False

    def stop(self) -> None:
        """End the processes, so that every backend of the database has handed in what it counted."""
        self.driver.close()
        self.end()

    def reading(self) -> Reading:
        """All counters now."""
        if isinstance(self.database, SqliteMeter) and self.counts_itself:
            self.database.commits = self.driver.counted()["commits"]
        commits, size, wal, more = self.database.counters()
        spent = {
            part: sum(cpu.family_ns(pid, without=self.not_ours) for pid in pids) for part, pids in self.parts.items()
        }
        spent["database"] = self.database.cpu_ns()
        return Reading(now(), spent, commits, size, wal, more)


def measure(system: System, size: Size, *, window: int = WINDOW) -> dict[str, Any]:
    """Keep ``window`` orders open and read the counters after each round; then let all end and stop the system."""
    driver = system.driver
    first = system.reading()
    readings: list[Reading] = []
    for goal in [size.warm_up + number * size.per_round for number in range(size.rounds + 1)]:
        while len(driver.finished) < goal:
            while driver.open_orders < window:
                driver.submit()
            driver.turn()
        readings.append(system.reading())
    driver.until(lambda: driver.open_orders == 0)
    measured = driver.finished[size.warm_up : size.warm_up + size.rounds * size.per_round]
    last = system.reading() if isinstance(system.database, SqliteMeter) else None
    system.stop()
    totals = of_everything(first, last or system.reading(), len(driver.finished))
    return of_rounds(readings, measured, size.per_round) | totals


def measure_drained(system: System, size: Size, *, window: int) -> dict[str, Any]:
    """The same for long orders: each round begins and ends with nothing open, so that it pays for exactly its own.

    Its rate includes the time in which the system fills and empties, so it is less than what goes on for ever.
    """
    driver = system.driver
    first = system.reading()
    readings: list[Reading] = []
    for count in (size.warm_up, *[size.per_round] * size.rounds):
        before = len(driver.finished)
        while len(driver.finished) < before + count:
            while driver.open_orders < window and driver.submitted < before + count:
                driver.submit()
            driver.turn()
        readings.append(system.reading())
    system.stop()
    figures = of_rounds(readings, driver.finished[size.warm_up :], size.per_round)
    return figures | of_everything(first, system.reading(), len(driver.finished))


def deploy(url: str) -> None:
    """Tables and the processes of the benches."""
    upgrade(url)
    database = create_database_engine(url, application_name="bench deploy")
    engine = bench_engine()
    files = {path.name: path.read_bytes() for path in HERE.glob("*.bpmn")}
    with session_factory(database)() as session, session.begin():
        engine.deploy(session, files, actor="bench", now=engine.parts.clock.now(session))
    database.dispose()


def spawn(stack: ExitStack, *words: str, python: str = sys.executable) -> subprocess.Popen[bytes]:
    """Start a process of the bench and wait until it is ready; it is stopped with ``stack``."""
    process = subprocess.Popen(
        [python, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=servers.ROOT,
        preexec_fn=servers.end_with_us,
    )
    stack.callback(_let_go, process)
    if process.stdout is None or process.stdout.readline() != b"ready\n":
        raise RuntimeError(f"{words} did not start")
    return process


def _let_go(process: subprocess.Popen[bytes]) -> None:
    servers.stop(process)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@contextmanager
def on_postgresql(
    server: servers.PostgreSQL,
    name: str,
    *,
    workers: int,
    redis: servers.Redis | None = None,
    process: str = "order_8",
    step_ms: float = 0.0,
    every_s: float = LOOK_S,
) -> Iterator[System]:
    """The engine as web and workers of their own, on a new database of this server."""
    told = ["--process", process, "--step-ms", str(step_ms), *(["--redis", redis.url] if redis else [])]
    with new_database(server, name) as meter, ExitStack() as processes:
        deploy(server.url(name))
        hands = [spawn(processes, *PROGRAM, "worker", server.url(name), *told) for _ in range(workers)]
        people = spawn(processes, *PROGRAM, "people", server.url(name), *told)
        parts = {"people": [people.pid], "workers": [hand.pid for hand in hands]}
        if redis:
            parts["redis"] = [redis.process.pid]
        yield System(Driver(people, meter, every_s=every_s), meter, parts, processes.close)


@contextmanager
def on_sqlite(path: Path, *, process: str = "order_8", every_s: float = LOOK_S) -> Iterator[System]:
    """The engine in one process, people and workers, on a SQLite file."""
    url = f"sqlite:///{path}"
    deploy(url)
    with ExitStack() as processes, closing(SqliteMeter(path)) as meter:
        both = spawn(processes, *PROGRAM, "both", url, "--process", process)
        yield System(
            Driver(both, meter, every_s=every_s), meter, {"process": [both.pid]}, processes.close, counts_itself=True
        )


@contextmanager
def speaking(server: servers.PostgreSQL, name: str, *words: str, python: str = sys.executable) -> Iterator[System]:
    """One process that does everything and says itself what became visible, on a new database of this server."""
    with new_database(server, name) as meter, ExitStack() as processes:
        people = spawn(processes, *words, server.dsn(name), python=python)
        yield System(Driver(people, None, every_s=LOOK_S), meter, {"process": [people.pid]}, processes.close)


@contextmanager
def new_database(server: servers.PostgreSQL, name: str) -> Iterator[PostgresMeter]:
    """A database for one row of figures, with its meter.

    The log of the server is written out before, so that rounds are alike; dropped afterwards, so that no vacuum of it
    falls into somebody else's figures.
    """
    database = sql.Identifier(name)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        connection.execute("CHECKPOINT")
    with existing_database(server, name) as meter:
        yield meter


@contextmanager
def existing_database(server: servers.PostgreSQL, name: str) -> Iterator[PostgresMeter]:
    """The same for a database that is there already; it is dropped as well."""
    with closing(PostgresMeter(server.dsn(name), server.process.pid)) as meter:
        yield meter
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def order_8(
    server: servers.PostgreSQL, folder: Path, size: Size, *, systems: tuple[str, ...] = ("floor", "1", "2", "sqlite")
) -> Iterator[dict[str, Any]]:
    """The rows of order-8: the floor, one and two workers on PostgreSQL, SQLite."""
    if "floor" in systems:
        with speaking(server, "floor", "-m", "tests.bench.raw_floor") as system:
            more = Size(size.warm_up, size.rounds, size.per_round * 4)
            yield line("order-8", "raw-floor", "postgresql", 1, **measure(system, more))
    for workers in (1, 2):
        if str(workers) in systems:
            with on_postgresql(server, f"order_8_{workers}", workers=workers) as system:
                yield line("order-8", "yizhan", "postgresql", workers, **measure(system, size))
    if "sqlite" in systems:
        with on_sqlite(folder / "order-8.sqlite") as system:
            yield line("order-8", "yizhan", "sqlite", 1, **measure(system, size))
