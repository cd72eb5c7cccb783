"""A whole Yizhan made of real processes, for the scenarios: web, workers, simulated neighbours, and a client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from adapters.http_client import open_http_client
from adapters.operations_file import load_registry
from adapters.wiring import build_ports
from app.cli.client import Client as CommandClient
from app.cli.field_crew import FieldCrew
from tests.servers import ROOT, free_port, start, stop, wait_until

ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCELS = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
FINAL = {"completed", "partial", "failed", "cancelled", "rejected"}
WITHIN_S = 60.0
SEED = ROOT / "app" / "seed" / "data"
YIZHAN = (sys.executable, "-m", "app.cli")


class Client(httpx.Client):
    """A caller of the interface with a bearer token."""

    def __init__(self, url: str, login: str = "front") -> None:
        super().__init__(base_url=url, headers={"Authorization": f"Bearer demo-{login}"}, timeout=20)
        self.base = url

    def ask(self, path: str, **params: Any) -> Any:
        answer = self.get(path, params=params)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json()

    def tell(self, path: str, body: object = None, *, status: int | None = None) -> Any:
        answer = self.post(path, json=body if body is not None else {})
        if status is None:
            assert answer.is_success, (answer.status_code, answer.text)
        else:
            assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


@dataclass
class Rig:
    """A running system: the addresses of its web servers and of the neighbours, and how to run a command."""

    urls: list[str]
    neighbours: str
    env: Mapping[str, str]
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    start_worker: Callable[[Mapping[str, str]], subprocess.Popen[bytes]] | None = None
    open_clients: dict[tuple[str, int], Client] = field(default_factory=dict)
    open_crew: CommandClient | None = None
    opening: threading.Lock = field(default_factory=threading.Lock)

    def client(self, login: str = "front", server: int = 0) -> Client:
        key = (login, server % len(self.urls))
        with self.opening:
            if key not in self.open_clients:
                self.open_clients[key] = Client(self.urls[key[1]], login)
        return self.open_clients[key]

    def close(self) -> None:
        for client in self.open_clients.values():
            client.close()
        if self.open_crew is not None:
            self.open_crew.close()

    def command(self, *words: str, expect: int | None = 0) -> str:
        """Run the ``yizhan`` command against this system and return what it prints."""
        done = subprocess.run(
            [*YIZHAN, *words], cwd=ROOT, env=dict(self.env), capture_output=True, text=True, timeout=180, check=False
        )
        if expect is not None:
            assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def far(self, method: str, path: str, body: object = None) -> Any:
        """Talk to the neighbours' control door."""
        answer = httpx.request(method, f"{self.neighbours}{path}", json=body, timeout=10)
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def place(
        self, name: str, *, external_id: str | None = None, login: str = "front", server: int = 0, **changes: Any
    ) -> str:
        """Submit an example order under a number of its own; returns its id."""
        body = json.loads((ROOT / "examples" / "orders" / name).read_text(encoding="utf-8"))
        body.update(changes)
        body["externalId"] = external_id or f"{body.get('externalId', name)}-{time.monotonic_ns()}"
        return str(self.client(login, server).tell(ORDERS, body)["id"])

    def order(self, order_id: str) -> Any:
        return self.client().ask(f"/api/v1/orders/{order_id}")

    def follow(
        self,
        order_id: str,
        *,
        play: bool = True,
        until: Callable[[Any], bool] = lambda view: view["state"] in FINAL,
        within_s: float = WITHIN_S,
    ) -> Any:
        """Watch an order, doing its work items if ``play``, until the condition holds; returns its view."""
        crew = self.crew()
        deadline = time.monotonic() + within_s
        view = self.order(order_id)
        while not until(view):
            assert time.monotonic() < deadline, f"still {view['state']}, waits for {view.get('waits_for')}"
            if play:
                crew.work(view)
            time.sleep(0.1)
            view = self.order(order_id)
        # The condition may have looked at newer things than the view.
        return self.order(order_id)

    def open_forms(self, order_id: str) -> set[str]:
        """The forms of the work items of an order that somebody has to do now."""
        return {str(item["form_key"]) for item in self.items_of(order_id) if item["state"] in {"open", "claimed"}}

    def stop_before(self, form: str, order_id: str, *, within_s: float = WITHIN_S) -> Any:
        """Do the work items of the order one by one until that form is asked for; leave it open."""

        def reached(view: Any) -> bool:
            if form in self.open_forms(order_id):
                return True
            self.crew().work(view, leave={form})
            return False

        return self.follow(order_id, play=False, until=reached, within_s=within_s)

    def crew(self) -> FieldCrew:
        """Somebody who does every work item."""
        if self.open_crew is None:
            self.open_crew = CommandClient(self.urls[0], "demo-front")
        return FieldCrew(self.open_crew)

    def effects(self) -> list[dict[str, Any]]:
        """How often each operation took effect at the neighbours."""
        found = self.far("GET", "/control/effects")
        rows: list[dict[str, Any]] = found if isinstance(found, list) else found["effects"]
        return rows

    def books(self, adapter: str, kind: str) -> list[Mapping[str, Any]]:
        """A book of a neighbour, as reconciliation reads it."""
        with open_http_client() as client:
            port = build_ports(self.neighbours, registry=load_registry(), client=client)[adapter]
            return port.books(kind, timeout_s=10)

    def items_of(self, order_id: str) -> list[Any]:
        """The open work items of an order."""
        number = self.order(order_id)["number"]
        listed: list[Any] = self.client().ask("/api/v1/work-items", tab="all", order=number, limit=100)["items"]
        return listed


def environment(database_url: str, *, redis_url: str, neighbours: str, port: int, folder: Path) -> dict[str, str]:
    """The settings of a system under test: demo users and data, nothing of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")}
    url = f"http://127.0.0.1:{port}"
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "YIZHAN_DEMO": "1",
        "YIZHAN_DATABASE_URL": database_url,
        "YIZHAN_REDIS_URL": redis_url,
        "YIZHAN_ADAPTER_URL": neighbours,
        "YIZHAN_PORT": str(port),
        "YIZHAN_PUBLIC_URL": url,
        "YIZHAN_URL": url,
        "YIZHAN_DATA_DIR": str(folder),
        "YIZHAN_WEB_PROCESSES": "1",
        "YIZHAN_JOB_LEASE_S": "5",
        "YIZHAN_POLL_S": "0.3",
    }


@contextmanager
def embedded(folder: Path) -> Iterator[Rig]:
    """`yizhan up --demo` as it is: SQLite, no Redis, one process and the neighbours beside it."""
    port, far_port = free_port(), free_port()
    neighbours = f"http://127.0.0.1:{far_port}"
    env = environment(
        f"sqlite:///{folder / 'yizhan.sqlite'}", redis_url="", neighbours=neighbours, port=port, folder=folder
    )
    log = folder / "up.log"
    process = start([*YIZHAN, "up", "--demo"], log=log, cwd=ROOT, env=env)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), process, log)
        wait_until(lambda: "is ready" in log.read_text(encoding="utf-8"), process, log)
        rig = Rig([f"http://127.0.0.1:{port}"], neighbours, env, folder)
        yield rig
        rig.close()
    finally:
        stop(process)


@contextmanager
def distributed(
    folder: Path, database_url: str, redis_url: str, *, web: int = 2, workers: int = 2, **extra: str
) -> Iterator[Rig]:
    """Web servers and workers as processes of their own on PostgreSQL and Redis, and the neighbours."""
    ports = [free_port() for _ in range(web)]
    far_port = free_port()
    neighbours = f"http://127.0.0.1:{far_port}"
    env = environment(database_url, redis_url=redis_url, neighbours=neighbours, port=ports[0], folder=folder)
    env.update(extra)
    done = subprocess.run([*YIZHAN, "db", "upgrade"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    running: list[subprocess.Popen[bytes]] = []

    def run(name: str, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        process = start([*YIZHAN, *words], log=folder / f"{name}.log", cwd=ROOT, env={**env, **changes})
        running.append(process)
        return process

    def start_worker(changes: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return run("worker", "worker", **changes)

    try:
        far = run("simulators", "simulators")
        wait_until(lambda: answers(f"{neighbours}/healthz"), far, folder / "simulators.log")
        rig = Rig([f"http://127.0.0.1:{port}" for port in ports], neighbours, env, folder, start_worker=start_worker)
        for number, port in enumerate(ports):
            server = run(f"web{number}", "web", YIZHAN_PORT=str(port))
            wait_until(
                lambda port=port: answers(f"http://127.0.0.1:{port}/readyz"), server, folder / f"web{number}.log"
            )
        rig.workers = [start_worker({}) for _ in range(workers)]
        yield rig
        rig.close()
    finally:
        for process in reversed(running):
            stop(process)


def answers(url: str) -> bool:
    """Whether a server answers with success."""
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.TransportError:
        return False
