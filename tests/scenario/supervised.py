"""Web servers and workers that are killed at fault points and started again by a supervisor, as in production."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import httpx

from app.cli.client import Client as CommandClient
from app.cli.field_crew import FieldCrew
from tests.scenario.rig import FINAL, YIZHAN, Rig, answers, environment
from tests.servers import ROOT, free_port, start, stop, wait_until

T = TypeVar("T")
KILLED = -9
REPLACED = re.compile(r"Worker \(pid:(\d+)\) was sent SIGKILL")
LOOK_S = 0.05
PATIENCE_S = 60.0


class Crew(FieldCrew):
    """Does every work item but those with the form it is told to leave."""

    leave = ""

    def _do_all(self, rows: Sequence[Mapping[str, Any]]) -> str:
        return super()._do_all([row for row in rows if row["form_key"] != self.leave])


@dataclass
class Supervisor:
    """Starts processes, and starts again whatever ends before :meth:`stop`."""

    folder: Path
    env: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    deaths: list[tuple[str, int, int]] = field(default_factory=list)  # name, process id, exit code
    _commands: dict[str, tuple[tuple[str, ...], Mapping[str, str]]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, name: str, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        """Start ``yizhan words...`` and keep it alive."""
        self._commands[name] = (words, changes)
        self.running[name] = process = start(
            [*YIZHAN, *words], log=self.log(name), cwd=ROOT, env={**self.env, **changes}
        )
        return process

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / f"{name}.log"

    def watch(self) -> None:
        """Look after the processes until stopped. The thread that starts a process must outlive it."""
        while not self._stop.wait(LOOK_S):
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    self.deaths.append((name, process.pid, process.returncode))
                    words, changes = self._commands[name]
                    self.run(name, *words, **changes)

    def stop(self) -> None:
        """Stop everything, workers before web servers before neighbours."""
        self._stop.set()
        for process in reversed(list(self.running.values())):
            stop(process)

    def killed(self) -> set[int]:
        """Process ids that died of SIGKILL: those started here, and those a web server started and replaced."""
        replaced = {
            int(pid)
            for name in self.running
            for pid in REPLACED.findall(self.log(name).read_text(encoding="utf-8", errors="replace"))
        }
        return replaced | {pid for _name, pid, code in self.deaths if code == KILLED}


@dataclass
class Tortured:
    """A running system whose processes die at the points named in its fault file."""

    rig: Rig
    supervisor: Supervisor
    rules: Path
    hits: Path
    crews: list[Crew]
    armed: set[tuple[str, int]] = field(default_factory=set)

    def arm(self, *points: str, first: int = 1, apart: int = 1) -> dict[str, int]:
        """Kill once at each point, at the ``first`` hit from now (``apart`` more for each further point).

        Call it while nothing is on its way: the hits so far are counted here.
        """
        seen = [name for name, _nth, _pid in self.passed()]
        deadly = {point: seen.count(point) + first + apart * number for number, point in enumerate(points)}
        self.rules.write_text("".join(f"{point}:{nth}:kill\n" for point, nth in deadly.items()), encoding="utf-8")
        self.armed |= set(deadly.items())
        return deadly

    def passed(self) -> list[tuple[str, int, int]]:
        """Every hit of a point so far: its name, the how manieth it was, and the process."""
        if not self.hits.exists():
            return []
        lines = [line.split() for line in self.hits.read_text(encoding="utf-8").splitlines()]
        return [(name, int(nth), int(pid)) for name, nth, pid in lines]

    def died_at(self, deadly: Mapping[str, int]) -> set[str]:
        """The points at whose deadly hit the process did die of SIGKILL."""
        killed = self.supervisor.killed()
        return {name for name, nth, pid in self.passed() if deadly.get(name) == nth and pid in killed}

    def deadly_so_far(self) -> set[str]:
        """Every point at which a process was told to die and did."""
        killed = self.supervisor.killed()
        return {name for name, nth, pid in self.passed() if (name, nth) in self.armed and pid in killed}

    def place(self, name: str, external_id: str) -> str:
        """Submit an example as a partner does who gets no answer: again, with the same external id."""
        return patiently(lambda turn: self.rig.place(name, external_id=external_id, server=turn))

    def follow(
        self,
        order_id: str,
        *,
        until: Callable[[Any], bool] = lambda view: view["state"] in FINAL,
        leave: str = "",
        within_s: float = 240,
    ) -> Any:
        """Do the work items of an order, but those with the form ``leave``, through whichever server answers, until
        the condition holds."""
        for crew in self.crews:
            crew.leave = leave

        def look(turn: int) -> Any:
            view = self.rig.client(server=turn).ask(f"/api/v1/orders/{order_id}")
            if not until(view):
                self.crews[turn % len(self.crews)].work(view)
            return view

        deadline = time.monotonic() + within_s
        view = patiently(look)
        while not until(view):
            assert time.monotonic() < deadline, (view["state"], view.get("waits_for"), self.supervisor.deaths)
            time.sleep(0.1)
            view = patiently(look)
        return view


def patiently(act: Callable[[int], T]) -> T:
    """Do something at one server after the other until one answers; the turn is handed in."""
    deadline, turn = time.monotonic() + PATIENCE_S, 0
    while True:
        try:
            return act(turn)
        except (httpx.TransportError, click.ClickException):
            if time.monotonic() > deadline:
                raise
        turn += 1
        time.sleep(0.1)


@contextmanager
def tortured(folder: Path, database_url: str, redis_url: str, *, web: int = 2, workers: int = 2) -> Iterator[Tortured]:
    """Two web servers, two workers and the neighbours, supervised; leases of one second, fault points on."""
    ports = [free_port() for _ in range(web)]
    far_port = free_port()
    neighbours = f"http://127.0.0.1:{far_port}"
    rules, hits = folder / "rules", folder / "hits"
    env = environment(database_url, redis_url=redis_url, neighbours=neighbours, port=ports[0], folder=folder)
    env.update(YIZHAN_JOB_LEASE_S="1")
    migrated = subprocess.run(
        [*YIZHAN, "db", "upgrade"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr
    faulty = {
        "YIZHAN_TEST_FAULTS": "1",
        "YIZHAN_TEST_FAULT_FILE": str(rules),
        "YIZHAN_TEST_FAULT_LOG": str(hits),
    }
    supervisor = Supervisor(folder, env)
    watcher = threading.Thread(target=supervisor.watch, name="supervisor", daemon=True)
    rig = Rig([f"http://127.0.0.1:{port}" for port in ports], neighbours, env, folder)
    try:
        started = [(supervisor.run("simulators", "simulators"), "simulators", f"{neighbours}/healthz")]
        for number, port in enumerate(ports):
            server = supervisor.run(f"web{number}", "web", YIZHAN_PORT=str(port), **faulty)
            started.append((server, f"web{number}", f"http://127.0.0.1:{port}/readyz"))
        for number in range(workers):
            supervisor.run(f"worker{number}", "worker", **faulty)
        for process, name, url in started:
            wait_until(lambda url=url: answers(url), process, supervisor.log(name))  # type: ignore[misc]
        watcher.start()
        with ExitStack() as clients:
            crews = [Crew(clients.enter_context(closing(CommandClient(url, "demo-front")))) for url in rig.urls]
            yield Tortured(rig, supervisor, rules, hits, crews)
    finally:
        rig.close()
        supervisor.stop()
        if watcher.is_alive():
            watcher.join(timeout=5)
