"""A whole Yizhan whose every process may be killed at any moment and is started again, as a service manager does.

Web servers, workers, the neighbours, PostgreSQL and Redis are children of this test; nobody else's are touched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.servers import ROOT, free_port, start, stop
from tests.torture.members import Journal, Member, family, open_reader
from tests.torture.own_servers import own_postgresql, own_redis

LOOK_S = 0.05
READY_S = 300.0
#: A server that ends at once is not started again more often than this; PostgreSQL may refuse while an old child lives.
AGAIN_S = 0.3
AMPLE = ("--ample-stock",)
LEASE_S = 5


@dataclass
class Cluster:
    """A running system. Members are looked after from :meth:`start_all` on; :meth:`stop` ends everything."""

    folder: Path
    env: dict[str, str]
    urls: list[str]
    neighbours: str
    journal: Journal
    redis_url: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    deaths: list[tuple[str, int, int]] = field(default_factory=list)  # name, process id, exit code
    left_alone: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None
    _database: Any = None

    # -- starting and looking after ------------------------------------------------------------------------------

    def add(
        self, name: str, kind: str, begin: Callable[[], subprocess.Popen[bytes]], is_ready: Callable[[], bool]
    ) -> Member:
        """Take a process into care; it is started by :meth:`start_all`, or at once when that has been."""
        member = Member(name, kind, self.folder / f"{name}.log", begin, is_ready)
        self.members[name] = member
        if self._watcher is not None:
            self._begin(member)
        return member

    def add_yizhan(
        self, name: str, kind: str, *words: str, url: str = "", changes: Mapping[str, str] | None = None
    ) -> Member:
        """Take ``yizhan words...`` into care."""
        log = self.folder / f"{name}.log"

        def begin() -> subprocess.Popen[bytes]:
            return start([*YIZHAN, *words], log=log, cwd=ROOT, env={**self.env, **(changes or {})})

        return self.add(name, kind, begin, (lambda: answers(url)) if url else (lambda: True))

    def start_all(self) -> None:
        """Start what is not running, wait until it answers, and keep it alive from then on."""
        for member in self.members.values():
            if member.process is None:
                self._begin(member)
        self.wait_all_ready()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._watcher.start()

    def wait_ready(self, name: str, within_s: float = READY_S) -> None:
        """Wait until a member answers again. :raises RuntimeError: it does not, with the end of its log."""
        member, deadline = self.members[name], time.monotonic() + within_s
        while not (member.is_running() and member.is_ready()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not answer:\n{member.log.read_text(errors='replace')[-3000:]}")
            if self._watcher is None and not member.is_running():
                self._begin(member)
            time.sleep(LOOK_S)

    def wait_all_ready(self) -> None:
        """Wait until everything answers again that is to live."""
        for name in self.members.keys() - self.left_alone:
            self.wait_ready(name)

    def stop(self) -> None:
        """End everything, in the order: workers and web servers, neighbours, Redis, PostgreSQL."""
        self._ended.set()
        with self._lock:
            running = [member for member in self.members.values() if member.is_running()]
        for member in running:
            with suppress(ProcessLookupError):
                os.kill(member.pid, signal.SIGCONT)
        for member in reversed(running):
            assert member.process is not None
            stop(member.process, how=signal.SIGINT if member.kind == "postgresql" else signal.SIGTERM)
        if self._watcher is not None:
            self._watcher.join(timeout=10)
        if self._database is not None:
            self._database.dispose()

    def _begin(self, member: Member) -> None:
        member.process, member.begun_at = member.begin(), time.monotonic()
        member.starts += 1

    def _watch(self) -> None:
        # A child is ended by Linux when the thread that started it ends, so this thread lives as long as they do.
        while not self._ended.wait(LOOK_S):
            with self._lock:
                for member in self.members.values():
                    self._look_after(member)
        time.sleep(0.5)

    def _look_after(self, member: Member) -> None:
        process = member.process
        if process is None or process.poll() is None or self._ended.is_set():
            return
        if process.pid not in {pid for _name, pid, _code in self.deaths}:
            self.deaths.append((member.name, process.pid, process.returncode))
            self.journal.write("died", name=member.name, pid=process.pid, code=process.returncode)
        if member.name not in self.left_alone and time.monotonic() > member.begun_at + AGAIN_S:
            self._begin(member)
            self.journal.write("started", name=member.name, pid=member.pid)

    # -- harming -------------------------------------------------------------------------------------------------

    def names(self, kind: str) -> list[str]:
        """Those of a kind."""
        return [member.name for member in self.members.values() if member.kind == kind]

    def pids(self, name: str) -> list[int]:
        """The process of a member and everything below it."""
        member = self.members[name]
        return family(member.pid) if member.is_running() else []

    def kill(self, name: str, *pids: int) -> list[int]:
        """SIGKILL a member with all its children (or only these ones of them); returns whom, empty = it was dead."""
        chosen = list(pids) or self.pids(name)
        self.journal.write("kill", name=name, pids=chosen)
        for pid in chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return chosen

    def signal(self, name: str, how: signal.Signals) -> int:
        """Send a member's own process any other signal, such as SIGSTOP and SIGCONT; returns its process id."""
        pid = self.members[name].pid
        self.journal.write("signal", name=name, pid=pid, signal=how.name)
        os.kill(pid, how)
        return pid

    def leave_dead(self, name: str) -> None:
        """Do not start a member again until :meth:`revive`."""
        self.left_alone.add(name)

    def revive(self, name: str) -> None:
        """Look after a member again, and wait until it answers."""
        self.left_alone.discard(name)
        self.wait_ready(name)

    # -- asking --------------------------------------------------------------------------------------------------

    @property
    def rig(self) -> Rig:
        """The same system for the helpers of the scenarios. Close it after use."""
        return Rig(self.urls, self.neighbours_now(), self.env, self.folder)

    def neighbours_now(self) -> str:
        """Where the neighbours are; those of `yizhan up --demo` may have moved to another port."""
        note = self.folder / "neighbours.url"
        return note.read_text(encoding="utf-8").strip() if note.exists() else self.neighbours

    def command(self, *words: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run the ``yizhan`` command against this system."""
        return subprocess.run(
            [*YIZHAN, *words],
            cwd=ROOT,
            env={**self.env, "YIZHAN_ADAPTER_URL": self.neighbours_now()},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def sql(self, query: str, **values: Any) -> list[Any]:
        """Read from the database of the system, beside everybody. :raises SQLAlchemyError: it does not answer."""
        with self._lock:  # two threads that both ask first would open two, and close one
            if self._database is None:
                self._database = open_reader(self.env["YIZHAN_DATABASE_URL"])
        with self._database.connect() as connection:
            return list(connection.execute(text(query), values).all())

    def sql_patiently(self, query: str, *, within_s: float = 180.0, **values: Any) -> list[Any]:
        """The same, again and again while the database is away."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                return self.sql(query, **values)
            except SQLAlchemyError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def counters(self) -> dict[str, int]:
        """What the workers counted, dead ones included, up to each one's last sign of life."""
        total: dict[str, int] = {}
        for (counts,) in self.sql_patiently("SELECT counters FROM worker_heartbeat"):
            for name, number in json.loads(counts).items():
                total[name] = total.get(name, 0) + number
        return total


@contextmanager
def distributed(
    folder: Path,
    *,
    web: int = 2,
    workers: int = 2,
    with_redis: bool = True,
    far: Sequence[str] = AMPLE,
    through: Callable[[str], str] = str,
    filled: Path | None = None,
    **settings: str,
) -> Iterator[Cluster]:
    """Web servers, workers, neighbours, PostgreSQL and (unless told otherwise) Redis, all of this test alone.

    :param far: more words for ``yizhan simulators``.
    :param through: from the address of the database to the one by which the system reaches it.
    :param filled: the data folder of a PostgreSQL whose database is at this version already; a copy of it is used.
    :param settings: more environment of every process, such as ``YIZHAN_JOB_LEASE_S="10"``.
    """
    with ExitStack() as stack:
        database = stack.enter_context(own_postgresql(folder / "postgresql.log", like=filled))
        redis = stack.enter_context(own_redis(folder / "redis.log")) if with_redis else None
        ports, neighbours = [free_port() for _ in range(web)], f"http://127.0.0.1:{free_port()}"
        redis_url = redis.url if redis else ""
        books = through(database.url)
        env = environment(books, redis_url=redis_url, neighbours=neighbours, port=ports[0], folder=folder)
        env |= {"YIZHAN_JOB_LEASE_S": str(LEASE_S), "YIZHAN_WEB_PROCESSES": "1", **settings}
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        cluster = Cluster(folder, env, urls, neighbours, Journal(folder / "journal.jsonl"), redis_url)
        stack.callback(cluster.stop)
        cluster.add("postgresql", "postgresql", database.begin, database.is_ready)
        if redis is not None:
            cluster.add("redis", "redis", redis.begin, redis.is_ready)
        for member in cluster.members.values():
            cluster.wait_ready(member.name)
        if filled is None:
            done = cluster.command("db", "upgrade")
            assert done.returncode == 0, done.stderr
        cluster.add_yizhan("simulators", "simulators", "simulators", *far, url=f"{neighbours}/healthz")
        for number, port in enumerate(ports):
            changes = {"YIZHAN_PORT": str(port)}
            cluster.add_yizhan(f"web{number}", "web", "web", url=f"{urls[number]}/readyz", changes=changes)
        for number in range(workers):
            cluster.add_yizhan(f"worker{number}", "worker", "worker")
        cluster.start_all()
        yield cluster


@contextmanager
def single_host(folder: Path, **settings: str) -> Iterator[Cluster]:
    """`yizhan up --demo` on SQLite, as a newcomer has it: one process and its neighbours."""
    port, neighbours = free_port(), f"http://127.0.0.1:{free_port()}"
    books = f"sqlite:///{folder / 'yizhan.sqlite'}"
    env = environment(books, redis_url="", neighbours=neighbours, port=port, folder=folder)
    env |= {"YIZHAN_JOB_LEASE_S": str(LEASE_S), "YIZHAN_TEST_AMPLE_STOCK": "1", **settings}
    url = f"http://127.0.0.1:{port}"
    cluster = Cluster(folder, env, [url], neighbours, Journal(folder / "journal.jsonl"))
    up = cluster.add_yizhan("up", "up", "up", "--demo")
    up.is_ready = lambda: answers(f"{url}/readyz") and answers(f"{cluster.neighbours_now()}/healthz")
    try:
        cluster.start_all()
        yield cluster
    finally:
        cluster.stop()
